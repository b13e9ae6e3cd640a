/**
 * The columns of one metric in whole steps of the last digit that is printed. They add up both ways: down to the printed
 * sums, and from base over change to head in each row; what did not change prints the same on both sides.
 */
import { apportion, type CommonUnit } from '../../../units.ts';
import type { MetricValues } from './column-metrics.ts';

export function stepOf({ scale, decimals }: CommonUnit): number {
  return scale / 10 ** decimals;
}

/** By row, 0 where there is no value. */
export function metricSteps({ base, head, change }: MetricValues, step: number): MetricValues {
  const baseSteps = apportioned(base, step);
  if (change.every(Number.isNaN))
    return { base: baseSteps, head: apportioned(head, step), change: change.map(() => 0) };
  const isRemoved = (row: number): boolean => Number.isNaN(head[row]!) && !Number.isNaN(base[row]!);
  const others = apportioned(
    change.map((value, row) => (isRemoved(row) ? NaN : value)),
    step,
  );
  const changeSteps = others.map((count, row) => (isRemoved(row) ? -baseSteps[row]! : count));
  return { base: baseSteps, head: baseSteps.map((count, row) => count + changeSteps[row]!), change: changeSteps };
}

function apportioned(values: Float64Array, step: number): Float64Array {
  const finite = Array.from(values, (value) => (Number.isNaN(value) ? 0 : value));
  return Float64Array.from(apportion(finite, step));
}
