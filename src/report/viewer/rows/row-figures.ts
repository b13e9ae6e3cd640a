/** Figures of single rows and of rows together, for boxes, points and cards. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { visibleName } from '../../inert.ts';
import { rowName } from '../../repeats.ts';
import type { TargetReport } from '../../report.ts';
import { columnMetrics, metricValues, type ColumnMetric, type MetricValues } from '../figures/column-metrics.ts';
import { maximumTogether, sumTogether } from '../figures/together.ts';
import { whatIfValues } from '../figures/what-if-values.ts';
import type { WhatIfAnswer } from '../worker/protocol.ts';
import { printMetric as printKnown, printMetricChange as printKnownChange } from './row-metrics.ts';

const knownMetrics = new WeakMap<TargetReport, readonly ColumnMetric[]>();
const knownValues = new WeakMap<TargetReport, Map<string, MetricValues>>();

/** Those of the table. */
export function metricsOf(target: TargetReport): readonly ColumnMetric[] {
  const metrics = knownMetrics.get(target) ?? columnMetrics(target);
  knownMetrics.set(target, metrics);
  return metrics;
}

/** The first one where there is none such. */
export function metricNamed(target: TargetReport, id: string): ColumnMetric {
  const metrics = metricsOf(target);
  return metrics.find((metric) => metric.id === id) ?? metrics[0]!;
}

/** Of every row, computed once. */
export function valuesOf(target: TargetReport, metric: ColumnMetric): MetricValues {
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

const knownSides = new WeakMap<MetricValues, WeakMap<WhatIfAnswer, MetricValues>>();

/** The head as it is and as a what-if would make it, in the places of base and head; of a metric that adds up. */
export function whatIfSides(target: TargetReport, metric: ColumnMetric, answer: WhatIfAnswer): MetricValues {
  const values = valuesOf(target, metric);
  if (metric.delta === undefined) return values;
  const known = knownSides.get(values) ?? new WeakMap<WhatIfAnswer, MetricValues>();
  knownSides.set(values, known);
  const there = known.get(answer);
  if (there !== undefined) return there;
  const { edited, effect } = whatIfValues(metric.delta, { target, answer, head: values.head });
  const sides = { base: values.head, head: edited, change: effect };
  known.set(answer, sides);
  return sides;
}

interface Told {
  readonly metric: ColumnMetric;
  readonly values: MetricValues;
}

/** Of one row, or of several together. */
export function valueOfRows(target: TargetReport, told: Told, rows: readonly number[]): SidedValue {
  const { metric, values } = told;
  const [only] = rows;
  if (only !== undefined && rows.length === 1) {
    return { base: values.base[only]!, head: values.head[only]!, change: values.change[only]! };
  }
  const [base, head] = (['base', 'head'] as const).map((side) => together(target, { ...told, rows }, side));
  const change = metric.together === 'sum' ? sumTogether(values.change, rows) : head! - base!;
  return { base: base!, head: head!, change };
}

interface Several extends Told {
  readonly rows: readonly number[];
}

function together({ layers }: TargetReport, { metric, values, rows }: Several, side: 'base' | 'head'): number {
  if (metric.together === 'sum') return sumTogether(values[side], rows);
  if (metric.together === 'maximum') return maximumTogether(values[side], rows);
  const own = rows.flatMap((row) => layers[row]?.[side] ?? []);
  return own.length === 0 ? NaN : (metric.of(own) ?? NaN);
}

export function printMetric(metric: ColumnMetric, value: number): string {
  return printKnown(metric, Number.isNaN(value) ? null : value);
}

export function printMetricChange(metric: ColumnMetric, change: number): string {
  return Number.isNaN(change) ? '–' : printKnownChange(metric, change);
}

/** `2.10 ms → 3.00 ms`, one figure where both sides print the same. */
export function printSides(metric: ColumnMetric, { base, head }: SidedValue): string {
  const [from, to] = [printMetric(metric, base), printMetric(metric, head)];
  return from === to ? to : `${from} → ${to}`;
}

export function shownName(row: DiffRow): string {
  return visibleName(rowName(row), 200);
}
