/** How often a metric has which value. */
import { niceScale } from '../../chart/chart.ts';

export interface Bin {
  /** From (included) to (excluded; the last one includes it). The bin of nothing is from 0 to 0. */
  readonly from: number;
  readonly to: number;
  /** Positions in the values. */
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/** Above this ratio steps of 1, 2, 5, 10 tell more than equal ones. */
const wide = 500;

/** Bins over both sides, without empty ones at the ends. */
export function binsOf(base: ArrayLike<number>, head: ArrayLike<number>): readonly Bin[] {
  const all = [base, head].flatMap((values) => Array.from(values)).filter((value) => !Number.isNaN(value));
  const positive = all.filter((value) => value > 0);
  const largest = positive.reduce((most, value) => Math.max(most, value), 0);
  const smallest = positive.reduce((least, value) => Math.min(least, value), Infinity);
  const isWide = largest > wide * smallest;
  const edges = largest === 0 ? [] : isWide ? decadeEdges(smallest, largest) : equalEdges(smallest, largest);
  const hasNothing = all.some((value) => value <= 0) && (isWide || edges.length === 0 || edges[0]! > 0);
  const ranges = edges.slice(1).map((to, index) => ({ from: edges[index]!, to }));
  const place = (value: number): number => {
    if (value <= 0 && hasNothing) return 0;
    const range = ranges.findIndex(({ from, to }) => value >= from && value < to);
    // What rounding put outside of all is at one of the ends.
    const nearest = value < ranges[0]!.from ? 0 : ranges.length - 1;
    return (range < 0 ? nearest : range) + Number(hasNothing);
  };
  const bins = [...(hasNothing ? [{ from: 0, to: 0 }] : []), ...ranges].map((range) => ({
    ...{ ...range, base: [] as number[], head: [] as number[] },
  }));
  for (const [values, side] of [
    [base, 'base'],
    [head, 'head'],
  ] as const) {
    Array.from(values).forEach((value, index) => {
      if (!Number.isNaN(value)) bins[place(value)]?.[side].push(index);
    });
  }
  return bins;
}

/** About 20 equal steps, from 0 where that is near. */
function equalEdges(smallest: number, largest: number): readonly number[] {
  const isFarFromNothing = smallest > 0.5 * largest && largest - smallest > 0.02 * largest;
  const start = isFarFromNothing ? smallest : 0;
  const interval = niceScale(largest - start || largest).interval / 4;
  const first = Math.floor(start / interval);
  const last = Math.max(first + 1, Math.floor(largest / interval) + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * interval).toPrecision(15)));
}

function decadeEdges(smallest: number, largest: number): readonly number[] {
  const edges: number[] = [];
  for (let power = Math.floor(Math.log10(smallest)); ; power += 1) {
    for (const step of [1, 2, 5]) {
      const edge = Number(`${step}e${power}`);
      // The last edge below the smallest value is the first one.
      if (edge <= smallest) edges.length = 0;
      edges.push(edge);
      if (edge > largest) return edges;
    }
  }
}
