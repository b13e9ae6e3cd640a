/** Figures of single rows and of rows together, for boxes, points and cards. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { percent, printDelta, printQuantity } from '../../../units.ts';
import { visibleName } from '../../inert.ts';
import { rowName } from '../../repeats.ts';
import type { TargetReport } from '../../report.ts';
import { metricValues, rowMetrics, type MetricValues, type RowMetric } from '../figures/row-metrics.ts';

const knownMetrics = new WeakMap<TargetReport, readonly RowMetric[]>();
const knownValues = new WeakMap<TargetReport, Map<string, MetricValues>>();

/** Those of the table. */
export function metricsOf(target: TargetReport): readonly RowMetric[] {
  const metrics = knownMetrics.get(target) ?? rowMetrics(target);
  knownMetrics.set(target, metrics);
  return metrics;
}

/** The first one where there is none such. */
export function metricNamed(target: TargetReport, id: string): RowMetric {
  const metrics = metricsOf(target);
  return metrics.find((metric) => metric.id === id) ?? metrics[0]!;
}

/** Of every row, computed once. */
export function valuesOf(target: TargetReport, metric: RowMetric): MetricValues {
  const known = knownValues.get(target) ?? new Map<string, MetricValues>();
  knownValues.set(target, known);
  const values = known.get(metric.id) ?? metricValues(metric, target);
  known.set(metric.id, values);
  return values;
}

/** NaN: there is none. */
export interface SidedValue {
  readonly base: number;
  readonly head: number;
  readonly change: number;
}

/** Of one row, or of several together. */
export function valueOfRows(target: TargetReport, metric: RowMetric, rows: readonly number[]): SidedValue {
  const values = valuesOf(target, metric);
  const [only] = rows;
  if (only !== undefined && rows.length === 1) {
    return { base: values.base[only]!, head: values.head[only]!, change: values.change[only]! };
  }
  const [base, head] = (['base', 'head'] as const).map((side) => together(target, { metric, values, rows }, side));
  const change = metric.together === 'sum' ? sum(rows, values.change) : head! - base!;
  return { base: base!, head: head!, change };
}

interface Several {
  readonly metric: RowMetric;
  readonly values: MetricValues;
  readonly rows: readonly number[];
}

function together({ layers }: TargetReport, { metric, values, rows }: Several, side: 'base' | 'head'): number {
  if (metric.together === 'sum') return sum(rows, values[side]);
  const own = rows.flatMap((row) => layers[row]?.[side] ?? []);
  return own.length === 0 ? NaN : metric.valueOf(own);
}

/** NaN only where no row has a value. */
function sum(rows: readonly number[], values: Float64Array): number {
  const there = rows.map((row) => values[row]!).filter((value) => !Number.isNaN(value));
  return there.length === 0 ? NaN : there.reduce((total, value) => total + value, 0);
}

/** `2.10 ms`, `61%`. */
export function printMetric({ quantity }: RowMetric, value: number): string {
  if (Number.isNaN(value)) return '–';
  return quantity === 'share' ? percent(value) : printQuantity(value, quantity);
}

/** `+1.20 ms`, `−12 points`. */
export function printMetricChange({ quantity }: RowMetric, change: number): string {
  if (Number.isNaN(change)) return '–';
  if (change === 0) return '0';
  if (quantity !== 'share') return printDelta(change, quantity);
  return `${change > 0 ? '+' : '−'}${percent(Math.abs(change)).replace('%', '')} points`;
}

/** `2.10 ms → 3.00 ms`, one figure where both sides print the same. */
export function printSides(metric: RowMetric, { base, head }: SidedValue): string {
  const [from, to] = [printMetric(metric, base), printMetric(metric, head)];
  return from === to ? to : `${from} → ${to}`;
}

export function shownName(row: DiffRow): string {
  return visibleName(rowName(row), 200);
}
