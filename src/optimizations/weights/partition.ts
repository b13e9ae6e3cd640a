/**
 * The cheapest way to cut weighted points of a line into so many runs, each run costing its squared distances from its mean:
 * dynamic programming by divide and conquer (the first point of the last run never moves left when a point is added, nor
 * when a run is added), O(runs · points · log points).
 */

/** Sums over the points in front of each place; one entry more than there are points. */
export interface Prefix {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

interface Layer {
  /** Cost of the points in front of each place in one run less. */
  readonly before: Float64Array;
  readonly costs: Float64Array;
  /** First point of the last run, with one run less and with this many. */
  readonly startsBefore: Int32Array;
  readonly starts: Int32Array;
}

/** Where the runs begin, and the end of the last one. There are more points than runs. */
export function bestPartition(prefix: Prefix, runs: number): readonly number[] {
  const points = prefix.weights.length - 1;
  let costs: Float64Array = new Float64Array(points + 1);
  for (let end = 1; end <= points; end += 1) costs[end] = runCost(prefix, 0, end);
  const starts: Int32Array[] = [new Int32Array(points + 1)];
  for (let run = 2; run <= runs; run += 1) {
    const layer: Layer = {
      before: costs,
      costs: new Float64Array(points + 1),
      startsBefore: starts.at(-1)!,
      starts: new Int32Array(points + 1),
    };
    // Each run still to come takes a point at least.
    const last = points - (runs - run);
    fillLayer(prefix, layer, { from: run === runs ? last : run, to: last, low: run - 1, high: last - 1 });
    costs = layer.costs;
    starts.push(layer.starts);
  }
  const cuts = [points];
  for (let run = runs - 1; run >= 0; run -= 1) cuts.push(starts[run]![cuts.at(-1)!]!);
  return cuts.reverse();
}

/** Ends `from` to `to` whose last run begins between `low` and `high`. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

function fillLayer(prefix: Prefix, layer: Layer, whole: Stretch): void {
  const open: Stretch[] = [whole];
  for (let stretch = open.pop(); stretch !== undefined; stretch = open.pop()) {
    const { from, to, low, high } = stretch;
    if (from > to) continue;
    const end = (from + to) >>> 1;
    const start = cheapestStart(prefix, layer, end, { ...stretch, low: Math.max(low, layer.startsBefore[end]!) });
    layer.starts[end] = start;
    open.push({ from, to: end - 1, low, high: start }, { from: end + 1, to, low: start, high });
  }
}

function cheapestStart(
  { weights, sums, squares }: Prefix,
  { before, costs }: Layer,
  end: number,
  { low, high }: Stretch,
): number {
  const [weight, sum, square] = [weights[end]!, sums[end]!, squares[end]!];
  let [best, cheapest] = [Math.min(low, end - 1), Infinity];
  const last = Math.min(high, end - 1);
  for (let start = low; start <= last; start += 1) {
    const difference = sum - sums[start]!;
    const cost = before[start]! + square - squares[start]! - (difference * difference) / (weight - weights[start]!);
    if (cost < cheapest) {
      cheapest = cost;
      best = start;
    }
  }
  costs[end] = cheapest;
  return best;
}

function runCost({ weights, sums, squares }: Prefix, start: number, end: number): number {
  const difference = sums[end]! - sums[start]!;
  return squares[end]! - squares[start]! - (difference * difference) / (weights[end]! - weights[start]!);
}
