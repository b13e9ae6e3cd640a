/** Ranges placed one after the other, each at the lowest address that those before it and alive with it leave free. */
import type { Neighbourhood } from './neighbourhood.ts';

/** One way of placing all ranges. By range, but for the order. */
export interface Placed {
  readonly order: Int32Array;
  /** The range's place in the order. */
  readonly turn: Int32Array;
  readonly address: Float64Array;
  readonly end: Float64Array;
  /** Below whose end a range lies; -1: none. */
  readonly below: Int32Array;
}

export function placeInOrder(order: Int32Array, search: Neighbourhood): Placed {
  const { length } = order;
  const placed: Placed = {
    order,
    turn: new Int32Array(length),
    address: new Float64Array(length),
    end: new Float64Array(length),
    below: new Int32Array(length),
  };
  for (let at = 0; at < length; at++) placed.turn[order[at]!] = at;
  for (let at = 0; at < length; at++) put(order[at]!, restsOn(order[at]!, search, placed), search, placed);
  return placed;
}

function put(index: number, under: number, { sizes }: Neighbourhood, { address, end, below }: Placed): void {
  const lowest = under === -1 ? 0 : end[under]!;
  address[index] = lowest;
  end[index] = lowest + sizes[index]!;
  below[index] = under;
}

export function topmost({ end }: Placed): number {
  let highest = 0;
  for (let index = 1; index < end.length; index++) if (end[index]! > end[highest]!) highest = index;
  return highest;
}

/** The range at whose end the lowest free stretch begins; -1: at address 0. */
function restsOn(index: number, { sizes, met, firstMet }: Neighbourhood, { address, end, turn }: Placed): number {
  const bytes = sizes[index]!;
  const own = turn[index]!;
  const [first, last] = [firstMet[index]!, firstMet[index + 1]!];
  let lowest = 0;
  let under = -1;
  for (let fits = false; !fits;) {
    fits = true;
    for (let at = first; at < last; at++) {
      const other = met[at]!;
      if (end[other]! <= lowest || turn[other]! > own || address[other]! >= lowest + bytes) continue;
      fits = false;
      lowest = end[other]!;
      under = other;
    }
  }
  return under;
}

/** Turns that are exchanged. */
export type Swap = readonly [number, number];

export interface Rearranging {
  /** Exchanges turns, and places again whom that concerns; true: nothing ends above `limit`, else nothing has changed. */
  readonly tryOut: (swaps: readonly Swap[], limit: number) => boolean;
}

/** Only those ranges are placed again whose neighbours before them are others, or lie elsewhere, than they did. */
export function rearranging(search: Neighbourhood, placed: Placed): Rearranging {
  const { order, turn } = placed;
  // The try in which a range was concerned last: nothing needs to be cleared.
  const concerned = new Int32Array(order.length);
  const journal = journalOf(placed);
  let round = 0;
  const concern = (index: number, from: number, to: number) => {
    for (let at = search.firstMet[index]!; at < search.firstMet[index + 1]!; at++) {
      const other = search.met[at]!;
      if (turn[other]! > from && turn[other]! < to) concerned[other] = round;
    }
  };
  const exchange = ([one, other]: Swap) => {
    const [a, b] = [order[one]!, order[other]!];
    [order[one], order[other]] = [b, a];
    [turn[a], turn[b]] = [other, one];
  };
  const placeAgain = (from: number, limit: number): boolean => {
    for (let at = from; at < order.length; at++) {
      const index = order[at]!;
      if (concerned[index] !== round) continue;
      const before = placed.address[index]!;
      journal.note(index);
      put(index, restsOn(index, search, placed), search, placed);
      if (placed.end[index]! > limit) return false;
      if (placed.address[index] !== before) concern(index, at, Infinity);
    }
    return true;
  };
  return {
    tryOut(swaps, limit) {
      round++;
      let from = order.length;
      for (const swap of swaps) {
        const [first, last] = [Math.min(...swap), Math.max(...swap)];
        for (const at of swap) {
          concerned[order[at]!] = round;
          concern(order[at]!, first, last);
        }
        exchange(swap);
        from = Math.min(from, first);
      }
      const fits = placeAgain(from, limit);
      if (fits) journal.forget();
      else {
        journal.undo();
        for (const swap of swaps.toReversed()) exchange(swap);
      }
      return fits;
    },
  };
}

/** Where ranges lay before they were placed again, each once. */
function journalOf({ address, end, below }: Placed) {
  const noted = new Int32Array(address.length);
  const addresses = new Float64Array(address.length);
  const ends = new Float64Array(address.length);
  const under = new Int32Array(address.length);
  let count = 0;
  return {
    note(index: number): void {
      noted[count] = index;
      addresses[count] = address[index]!;
      ends[count] = end[index]!;
      under[count++] = below[index]!;
    },
    undo(): void {
      for (let at = 0; at < count; at++) {
        const index = noted[at]!;
        address[index] = addresses[at]!;
        end[index] = ends[at]!;
        below[index] = under[at]!;
      }
      count = 0;
    },
    forget(): void {
      count = 0;
    },
  };
}
