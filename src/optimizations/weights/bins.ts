/**
 * Sorted numbers as few bins of neighbours, dense where clusters will be small. A bin is small in one sense: its elements
 * times the square of its width stay below a limit, from which follows how much worse clusters of whole bins can be than
 * clusters of the numbers themselves (see `clusters.ts`).
 */

export interface Bins {
  /** Where each bin begins in the sorted numbers, and where the last one ends. */
  readonly starts: Float64Array;
  /** Elements times squared width are at most this in each bin. */
  readonly limit: number;
}

/** At most about so many bins; one for each different number where these are no more. */
export function binsOf(sorted: Float64Array, count: number): Bins {
  const exact = startsOf(sorted, 0, count);
  if (exact !== undefined) return { starts: exact, limit: 0 };
  const extent = sorted.at(-1)! - sorted[0]!;
  let [low, high] = [Math.log(Number.MIN_VALUE), Math.log(sorted.length * extent * extent)];
  let best: Bins | undefined;
  // The number of bins falls as the limit grows.
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    const limit = Math.exp(middle);
    const starts = startsOf(sorted, limit, count);
    if (starts === undefined) low = middle;
    else {
      best = { starts, limit };
      if (starts.length > 0.9 * count) break;
      high = middle;
    }
  }
  return best ?? { starts: new Float64Array([0, sorted.length]), limit: sorted.length * extent * extent };
}

/** Undefined: more bins than `most`. */
function startsOf(sorted: Float64Array, limit: number, most: number): Float64Array | undefined {
  const starts = new Float64Array(most + 1);
  let count = 0;
  for (let start = 0; start < sorted.length; start = endOf(sorted, start, limit)) {
    if (count === most) return undefined;
    starts[count++] = start;
  }
  starts[count] = sorted.length;
  return starts.subarray(0, count + 1);
}

/** Where the longest bin from `start` ends: by doubling steps, then by halving them. */
function endOf(sorted: Float64Array, start: number, limit: number): number {
  const first = sorted[start]!;
  const fits = (end: number) => (end - start) * (sorted[end - 1]! - first) ** 2 <= limit;
  let step = 1;
  let end = start + 1;
  while (end + step <= sorted.length && fits(end + step)) {
    end += step;
    step *= 2;
  }
  for (; step >= 1; step = Math.floor(step / 2)) {
    if (end + step <= sorted.length && fits(end + step)) end += step;
  }
  return end;
}
