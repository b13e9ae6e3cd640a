/**
 * The centres that keep the squared distances of a list of numbers smallest: k-means on a line, which has one best answer.
 *
 * The best partition of whole bins is found exactly. With τ = the bins' limit and k centres it costs at most
 * OPT + √((k−1)·τ·OPT) + (k−1)·τ: at most k−1 bins are cut by a border between two clusters of the best answer. Let such a
 * bin have n elements, width h and the border between centres g apart. Its elements lie at least g/2 − h from both, so that
 * g·√n ≤ 2·(√cost + √τ), and to give it as a whole to the centre that is nearer to its mean costs no more than
 * g·h·n/2 ≤ √τ·(√cost + √τ); the sum over the bins follows from Cauchy's inequality (bins with several borders lose τ at
 * most). From this bound and the cost that was reached follows how far the answer can be from the best; where that is too
 * far, there are too few bins and it begins anew with more.
 */
import { binsOf, type Bins } from './bins.ts';
import { bestPartition, type Prefix } from './partition.ts';

/** The cost may be this much above the smallest: 0.01 dB. */
const tolerance = 10 ** 0.001;
/** Enough for the bound on weights of usual distributions. */
const binsPerCentre = 144;
const longestRefinement = 12;

/**
 * Ascending; the last one stands for those that are not needed where fewer numbers than centres are different.
 * @param sorted ascending finite numbers; is not changed
 */
export function bestCentres(sorted: Float64Array, count: number): Float64Array {
  if (sorted.length === 0) return new Float64Array(count);
  for (let most = count * binsPerCentre; ; most *= 2) {
    const bins = binsOf(sorted, most);
    if (bins.starts.length - 1 <= count) return padded(meansOf(sorted, bins.starts), count);
    const prefix = prefixOf(sorted, bins.starts);
    const cuts = bestPartition(prefix, count).map((bin) => bins.starts[bin]!);
    const aligned = costOf(sorted, meansOf(sorted, cuts));
    const refined = refine(sorted, meansOf(sorted, cuts), aligned);
    if (refined.cost <= tolerance * leastCost(aligned, bins, count)) return refined.centres;
  }
}

/** What the best answer costs at least where bins cost `aligned`: the bound above, solved for OPT. */
function leastCost(aligned: number, { limit }: Bins, count: number): number {
  const slack = (count - 1) * limit;
  return slack >= aligned ? 0 : ((Math.sqrt(4 * aligned - 3 * slack) - Math.sqrt(slack)) / 2) ** 2;
}

function padded(means: Float64Array, count: number): Float64Array {
  const centres = new Float64Array(count).fill(means.at(-1)!);
  centres.set(means);
  return centres;
}

/** Sums over bins of the distances from the mean of all: squares of these lose less to rounding. */
function prefixOf(sorted: Float64Array, starts: ArrayLike<number>): Prefix {
  const [middle] = meansOf(sorted, [0, sorted.length]);
  const prefix: Prefix = {
    weights: new Float64Array(starts.length),
    sums: new Float64Array(starts.length),
    squares: new Float64Array(starts.length),
  };
  for (let bin = 0; bin + 1 < starts.length; bin += 1) {
    let [sum, square] = [0, 0];
    for (let at = starts[bin]!; at < starts[bin + 1]!; at += 1) {
      const distance = sorted[at]! - middle!;
      sum += distance;
      square += distance * distance;
    }
    prefix.weights[bin + 1] = starts[bin + 1]!;
    prefix.sums[bin + 1] = prefix.sums[bin]! + sum;
    prefix.squares[bin + 1] = prefix.squares[bin]! + square;
  }
  return prefix;
}

/** Of each run of the sorted numbers. */
function meansOf(sorted: Float64Array, starts: ArrayLike<number>): Float64Array {
  const means = new Float64Array(starts.length - 1);
  for (let run = 0; run < means.length; run += 1) {
    const [start, end] = [starts[run]!, starts[run + 1]!];
    const first = sorted[start]!;
    let sum = 0;
    // As distances from the first, so that equal numbers have exactly their own mean.
    for (let at = start; at < end; at += 1) sum += sorted[at]! - first;
    means[run] = first + sum / (end - start);
  }
  return means;
}

interface Centres {
  readonly centres: Float64Array;
  readonly cost: number;
}

/** Numbers go to their nearest centre, centres to the mean of their numbers, as long as that still helps. */
function refine(sorted: Float64Array, given: Float64Array, givenCost: number): Centres {
  let best: Centres = { centres: given, cost: givenCost };
  for (let round = 0; round < longestRefinement; round += 1) {
    const borders = bordersOf(sorted, best.centres);
    if (borders.some((border, run) => run > 0 && border === borders[run - 1])) return best;
    const centres = meansOf(sorted, borders);
    const cost = costOf(sorted, centres);
    if (!(cost < best.cost)) return best;
    const isSettled = cost > best.cost * (1 - 1e-6);
    best = { centres, cost };
    if (isSettled) return best;
  }
  return best;
}

/** Where the numbers of each centre begin, and the end. */
function bordersOf(sorted: Float64Array, centres: Float64Array): Float64Array {
  const borders = new Float64Array(centres.length + 1);
  for (let run = 1; run < centres.length; run += 1) {
    const border = (centres[run - 1]! + centres[run]!) / 2;
    let [low, high] = [borders[run - 1]!, sorted.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (sorted[middle]! <= border) low = middle + 1;
      else high = middle;
    }
    borders[run] = low;
  }
  borders[centres.length] = sorted.length;
  return borders;
}

function costOf(sorted: Float64Array, centres: Float64Array): number {
  const borders = bordersOf(sorted, centres);
  let cost = 0;
  for (const [run, centre] of centres.entries()) {
    for (let at = borders[run]!; at < borders[run + 1]!; at += 1) cost += (sorted[at]! - centre) ** 2;
  }
  return cost;
}
