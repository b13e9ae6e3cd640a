/** Which of the ranges that want addresses are alive together. */
import { roundUp } from './operation.ts';

export interface TimedBytes {
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
}

/** In flat arrays: a search walks them millions of times. */
export interface Neighbourhood {
  readonly sizes: Float64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Neighbours of range `i` stand in `met` from `firstMet[i]` to before `firstMet[i + 1]`. */
  readonly met: Int32Array;
  readonly firstMet: Int32Array;
  /** Most bytes that are alive at a time of the range. */
  readonly urgency: readonly number[];
  /** No addresses can need less. */
  readonly target: number;
}

export function neighbourhoodOf(ranges: readonly TimedBytes[], alignBytes: number): Neighbourhood {
  const sizes = Float64Array.from(ranges, ({ bytes }) => roundUp(bytes, alignBytes));
  const alive = aliveAt(ranges);
  const sums = alive.map((indices) => indices.reduce((sum, index) => sum + sizes[index]!, 0));
  return {
    sizes,
    starts: Float64Array.from(ranges, ({ start }) => start),
    ends: Float64Array.from(ranges, ({ end }) => end),
    ...neighboursOf(ranges, alive),
    urgency: ranges.map(({ start, end }) => mostOf(sums, start, end)),
    target: mostOf(sums, 0, sums.length - 1),
  };
}

/** Ranges by time. */
function aliveAt(ranges: readonly TimedBytes[]): readonly (readonly number[])[] {
  const endTime = ranges.reduce((most, { end }) => Math.max(most, end), 0);
  const alive: number[][] = Array.from({ length: endTime + 1 }, () => []);
  for (const [index, { start, end }] of ranges.entries()) for (let t = start; t <= end; t++) alive[t]!.push(index);
  return alive;
}

function mostOf(sums: readonly number[], start: number, end: number): number {
  let most = 0;
  for (let time = start; time <= end; time++) most = Math.max(most, sums[time]!);
  return most;
}

/** Each pair that is alive together, once for either of the two. */
function neighboursOf(
  ranges: readonly TimedBytes[],
  alive: readonly (readonly number[])[],
): Pick<Neighbourhood, 'met' | 'firstMet'> {
  const neighbours: number[][] = ranges.map(() => []);
  for (const [time, indices] of alive.entries()) {
    const begun = indices.filter((index) => ranges[index]!.start === time);
    for (const one of indices) {
      const met = ranges[one]!.start === time ? indices : begun;
      for (const other of met) if (other !== one) neighbours[one]!.push(other);
    }
  }
  const firstMet = new Int32Array(ranges.length + 1);
  for (const [index, { length }] of neighbours.entries()) firstMet[index + 1] = firstMet[index]! + length;
  const met = new Int32Array(firstMet[ranges.length]!);
  for (const [index, others] of neighbours.entries()) met.set(others, firstMet[index]);
  return { met, firstMet };
}
