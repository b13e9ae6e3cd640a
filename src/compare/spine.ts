/** A pair of places that belong together: positions in canonical order. */
export interface Pair {
  readonly base: number;
  readonly head: number;
}

/**
 * The longest subset of pairs that rises on both sides (patience sorting, O(n log n)); the others cross it.
 * @param pairs sorted by base, each position at most once
 */
export function longestRisingPairs<P extends Pair>(pairs: readonly P[]): readonly P[] {
  /** By length − 1: index of the pair with the smallest head that ends a rising run of that length. */
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach((pair, index) => {
    const length = runBelow(ends, pairs, pair.head);
    if (length > 0) before[index] = ends[length - 1]!;
    ends[length] = index;
  });
  const rising: P[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]!) rising.push(pairs[index]!);
  return rising.reverse();
}

/** Length of the longest run whose last head lies below `head`: binary search. */
function runBelow(ends: readonly number[], pairs: readonly Pair[], head: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pairs[ends[middle]!]!.head < head) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Half-open stretches between the pairs of a rising spine, and before and behind them. */
export function* gapsOf(
  spine: readonly Pair[],
  lengths: Pair,
): Generator<{ readonly base: readonly [number, number]; readonly head: readonly [number, number] }> {
  let [base, head] = [0, 0];
  for (const pair of [...spine, lengths]) {
    yield { base: [base, pair.base], head: [head, pair.head] };
    [base, head] = [pair.base + 1, pair.head + 1];
  }
}
