/**
 * Heights over a row of places: raise a stretch to a height, ask for the highest place of a stretch, both in
 * logarithmic time (a segment tree; what holds for a whole node is not pushed down).
 */
export interface Heights {
  highest(first: number, last: number): number;
  raise(first: number, last: number, height: number): void;
}

export function heights(places: number): Heights {
  let leaves = 1;
  while (leaves < places) leaves *= 2;
  // For each node: the height that its whole stretch was raised to, and the highest place in it.
  const whole = new Float64Array(2 * leaves);
  const highest = new Float64Array(2 * leaves);

  const raiseIn = (node: number, [from, to]: Stretch, [first, last]: Stretch, height: number): void => {
    if (last < from || to < first) return;
    highest[node] = Math.max(highest[node]!, height);
    if (first <= from && to <= last) {
      whole[node] = Math.max(whole[node]!, height);
      return;
    }
    const middle = (from + to - 1) / 2;
    raiseIn(2 * node, [from, middle], [first, last], height);
    raiseIn(2 * node + 1, [middle + 1, to], [first, last], height);
  };

  const highestIn = (node: number, [from, to]: Stretch, [first, last]: Stretch): number => {
    if (last < from || to < first) return 0;
    if (first <= from && to <= last) return highest[node]!;
    const middle = (from + to - 1) / 2;
    return Math.max(
      whole[node]!,
      highestIn(2 * node, [from, middle], [first, last]),
      highestIn(2 * node + 1, [middle + 1, to], [first, last]),
    );
  };

  return {
    highest: (first, last) => highestIn(1, [0, leaves - 1], [first, last]),
    raise: (first, last, height) => raiseIn(1, [0, leaves - 1], [first, last], height),
  };
}

/** First and last place. */
type Stretch = readonly [number, number];
