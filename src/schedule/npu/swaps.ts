/** Which ranges the search for addresses places in another order: those that decide where the topmost one lies. */
import type { Neighbourhood } from './neighbourhood.ts';
import type { Placed, Swap } from './placed.ts';

const preferOthersPercent = 30;

/**
 * Turns of two ranges that the topmost one, `top`, rests on, and, `stuck` after many tries in vain, of two further ones. The
 * numbers of `random` are asked for in a fixed order.
 */
export function swapsOf(
  search: Neighbourhood,
  random: () => number,
): (placed: Placed, top: number, stuck: boolean) => Swap[] {
  const reachedFrom = reachOf(search);
  const deciding = decidingRanges(search);
  const below = (limit: number) => random() % limit;
  return (placed, top, stuck) => {
    const { turns, has } = deciding(top, placed);
    const others = turns.filter((turn) => !meets(placed.order[turn]!, top, search));
    const fromOthers = below(100) < preferOthersPercent && others.length > 0;
    const first = fromOthers ? others[below(others.length)]! : turns[below(turns.length)]!;
    const swap = swapOf(first, turns[below(turns.length)]!, () => turns.at(-1)!);
    if (!stuck) return [swap];
    const reached = reachedFrom(top);
    // Behind those above, all that hang together with the topmost one.
    const turnAt = (place: number): number => {
      let at = 0;
      for (let left = place - turns.length; left >= 0; at++) if (!has(reached[at]!)) left--;
      return at === 0 ? turns[place]! : placed.turn[reached[at - 1]!]!;
    };
    const one = turnAt(below(reached.length));
    return [swap, swapOf(one, turnAt(below(reached.length)), () => turnAt(reached.length - 1))];
  };
}

/** A range cannot change places with itself; then it does with the last one there is. */
function swapOf(first: number, second: number, last: () => number): Swap {
  return [first, first === second ? last() : second];
}

function meets(one: number, other: number, { starts, ends }: Neighbourhood): boolean {
  return starts[one]! <= ends[other]! && starts[other]! <= ends[one]!;
}

interface Deciding {
  /** In their order. */
  readonly turns: Int32Array;
  readonly has: (index: number) => boolean;
}

/** The range itself, those alive with it, and all that these rest on. */
function decidingRanges({ met, firstMet, sizes }: Neighbourhood): (top: number, placed: Placed) => Deciding {
  const turns = new Int32Array(sizes.length);
  // The call in which a range was met last: nothing needs to be cleared.
  const metIn = new Int32Array(sizes.length);
  let call = 0;
  const has = (index: number) => metIn[index] === call;
  return (top, { below, turn }) => {
    let count = 0;
    call++;
    // What a range rests on is there already where the range is.
    const add = (index: number) => {
      for (let under = index; under !== -1 && metIn[under] !== call; under = below[under]!) {
        metIn[under] = call;
        turns[count++] = turn[under]!;
      }
    };
    add(top);
    for (let at = firstMet[top]!; at < firstMet[top + 1]!; at++) add(met[at]!);
    return { turns: turns.subarray(0, count).sort(), has };
  };
}

/** By range: all that are reached from it by way of neighbours, itself first, the near ones before the far ones. */
function reachOf({ met, firstMet }: Neighbourhood): (top: number) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  return (top) => {
    const reached = known.get(top) ?? reach(top, met, firstMet);
    known.set(top, reached);
    return reached;
  };
}

function reach(top: number, met: Int32Array, firstMet: Int32Array): readonly number[] {
  const visited = new Set([top]);
  // A set is walked in the order of insertion, with what is added meanwhile.
  for (const index of visited) for (let at = firstMet[index]!; at < firstMet[index + 1]!; at++) visited.add(met[at]!);
  return [...visited];
}
