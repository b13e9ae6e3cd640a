/**
 * Addresses as Arm's compiler finds them (Vela 5.2's allocator, Apache-2.0; restated): from a good order, swaps of
 * those ranges that decide where the topmost one lies, until nothing lower was found for long.
 */
import { roundUp } from './operation.ts';
import { mersenneTwister } from './mersenne-twister.ts';

export interface TimedBytes {
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
}

export interface Addresses {
  readonly addresses: readonly number[];
  readonly endBytes: number;
}

const mostSteps = 99_999;
/** Steps without a better result after which the search ends, or swaps more. */
const patientSteps = 5_000;
const stuckSteps = 25;
/** Vela has no such limit: neighbours looked at, over all steps, so that time stays bounded. */
const lookedAt = 2_000_000;
const preferOthersPercent = 30;

export function climb(ranges: readonly TimedBytes[], alignBytes: number, limitBytes: number): Addresses {
  const search = startOf(ranges, alignBytes);
  if (ranges.length === 0) return { addresses: [], endBytes: 0 };
  const order = urgentFirst(ranges, search);
  let best = Infinity;
  const state: State = { order, ...layers(ranges.length) };
  best = place(search, state, best);
  const found = best <= search.target ? { state, best } : improve(search, state, best, limitBytes);
  return { addresses: [...found.state.address], endBytes: found.best };
}

interface Search {
  readonly sizes: Float64Array;
  readonly neighbours: readonly Int32Array[];
  readonly urgency: readonly number[];
  /** No addresses can need less. */
  readonly target: number;
  readonly ranges: readonly TimedBytes[];
  readonly pairs: number;
}

/** One way of placing all ranges. */
interface State {
  readonly order: number[];
  readonly address: Float64Array;
  readonly end: Float64Array;
  /** Below whose end a range lies; -1: none. */
  readonly below: Int32Array;
  readonly turn: Int32Array;
}

function layers(count: number): Omit<State, 'order'> {
  return {
    address: new Float64Array(count),
    end: new Float64Array(count),
    below: new Int32Array(count),
    turn: new Int32Array(count),
  };
}

function startOf(ranges: readonly TimedBytes[], alignBytes: number): Search {
  const sizes = Float64Array.from(ranges, ({ bytes }) => roundUp(bytes, alignBytes));
  const endTime = ranges.reduce((most, { end }) => Math.max(most, end), 0);
  const alive: number[][] = Array.from({ length: endTime + 1 }, () => []);
  for (const [index, { start, end }] of ranges.entries()) for (let t = start; t <= end; t++) alive[t]!.push(index);
  const sums = alive.map((indices) => indices.reduce((sum, index) => sum + sizes[index]!, 0));
  const neighbours: number[][] = ranges.map(() => []);
  for (const [time, indices] of alive.entries()) {
    const begun = indices.filter((index) => ranges[index]!.start === time);
    for (const one of indices) {
      const met = ranges[one]!.start === time ? indices : begun;
      for (const other of met) if (other !== one) neighbours[one]!.push(other);
    }
  }
  return {
    ...{ sizes, ranges },
    neighbours: neighbours.map((indices) => Int32Array.from(indices)),
    urgency: ranges.map(({ start, end }) => sums.slice(start, end + 1).reduce((most, sum) => Math.max(most, sum), 0)),
    target: sums.reduce((most, sum) => Math.max(most, sum), 0),
    pairs: neighbours.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Those alive when most is alive first, then the long-lived, the early and the large. */
function urgentFirst(ranges: readonly TimedBytes[], { urgency }: Search): number[] {
  return [...ranges.keys()].sort((a, b) => {
    const [one, other] = [ranges[a]!, ranges[b]!];
    return (
      urgency[b]! - urgency[a]! ||
      other.end - other.start - (one.end - one.start) ||
      one.start - other.start ||
      other.bytes - one.bytes ||
      a - b
    );
  });
}

/** Each range at the lowest address that is free; stops as soon as it is worse than `best`. */
function place({ sizes, neighbours }: Search, { order, address, end, below, turn }: State, best: number): number {
  address.fill(-1);
  let size = 0;
  for (const [at, index] of order.entries()) {
    if (size > best) break;
    const bytes = sizes[index]!;
    const others = neighbours[index]!;
    let lowest = 0;
    let under = -1;
    for (let fits = false; !fits;) {
      fits = true;
      for (const other of others) {
        if (address[other] === -1 || end[other]! <= lowest) continue;
        if (address[other]! >= lowest + bytes) continue;
        fits = false;
        lowest = end[other]!;
        under = other;
      }
    }
    address[index] = lowest;
    end[index] = lowest + bytes;
    below[index] = under;
    turn[index] = at;
    size = Math.max(size, lowest + bytes);
  }
  return size;
}

function improve(search: Search, start: State, startSize: number, limitBytes: number) {
  const random = mersenneTwister();
  let best = startSize;
  let kept = copyOf(start);
  const state = start;
  let improvedAt = 0;
  const steps = Math.min(mostSteps, Math.floor(lookedAt / Math.max(1, search.pairs)));
  for (let step = 0; step < steps; step++) {
    swapSome(search, state, step - improvedAt > stuckSteps, random);
    const size = place(search, state, best);
    if (size <= best) {
      if (size < best) improvedAt = step;
      best = size;
      kept = copyOf(state);
      if (best <= search.target) break;
    } else restore(state, kept);
    if (best <= limitBytes && step - improvedAt > patientSteps) break;
  }
  return { state: kept, best };
}

function copyOf({ order, address, end, below, turn }: State): State {
  return {
    order: [...order],
    address: address.slice(),
    end: end.slice(),
    below: below.slice(),
    turn: turn.slice(),
  };
}

function restore(state: State, kept: State): void {
  for (const [at, index] of kept.order.entries()) state.order[at] = index;
  state.address.set(kept.address);
  state.end.set(kept.end);
  state.below.set(kept.below);
  state.turn.set(kept.turn);
}

/** Swaps the turns of two ranges that the topmost one rests on, and of two further ones after many tries in vain. */
function swapSome({ neighbours, ranges }: Search, state: State, stuck: boolean, random: () => number): void {
  const { order, end, below, turn } = state;
  const top = end.reduce((highest, address, index) => (address > end[highest]! ? index : highest), 0);
  const turns = new Set<number>();
  for (const index of [top, ...neighbours[top]!]) {
    turns.add(turn[index]!);
    for (let under = below[index]!; under !== -1; under = below[under]!) turns.add(turn[under]!);
  }
  const list = [...turns].sort((a, b) => a - b);
  const isNeighbour = (index: number) =>
    ranges[index]!.start <= ranges[top]!.end && ranges[top]!.start <= ranges[index]!.end;
  const others = list.filter((at) => !isNeighbour(order[at]!));
  const pick = (from: readonly number[]) => from[random() % from.length]!;
  const first = random() % 100 < preferOthersPercent && others.length > 0 ? pick(others) : pick(list);
  swap(order, first, pick(list), list);
  if (!stuck) return;
  const visited = new Set<number>();
  const pending = [top];
  // The list grows while it is walked.
  for (const index of pending) {
    if (visited.has(index)) continue;
    visited.add(index);
    for (const other of neighbours[index]!) {
      if (!turns.has(turn[other]!)) {
        turns.add(turn[other]!);
        list.push(turn[other]!);
      }
      if (!visited.has(other)) pending.push(other);
    }
  }
  const one = pick(list);
  swap(order, one, pick(list), list);
}

function swap(order: number[], first: number, second: number, list: readonly number[]): void {
  const other = first === second ? list.at(-1)! : second;
  [order[first], order[other]] = [order[other]!, order[first]!];
}
