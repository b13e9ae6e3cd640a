/** Metrics as the columns of a table: what `rows/row-metrics.ts` can say of a layer, row by row. */
import { additiveMetrics, type AdditiveMetric, type DiffRow } from '../../../compare/comparison.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import type { TargetReport } from '../../report.ts';
import { rowMetric, rowMetricKeys, type RowMetric, type RowMetricKey } from '../rows/row-metrics.ts';

export interface ColumnMetric extends Omit<RowMetric, 'key'> {
  /** In the words of the config file, where it has one; `traffic-dram` for one memory. */
  readonly id: string;
  /** What the values of several rows are together. */
  readonly together: 'sum' | 'maximum' | 'nothing';
  /** Where rows tell their own change. */
  readonly delta?: AdditiveMetric;
}

const ids: Readonly<Record<RowMetricKey, string>> = {
  latencySeconds: 'latency',
  energyJoules: 'energy',
  averagePowerWatts: 'power',
  macs: 'macs',
  parameters: 'parameters',
  weightsBytes: 'weights',
  fileBytes: 'size',
  memoryBytes: 'memory',
  trafficBytes: 'traffic',
  utilization: 'utilization',
  intensity: 'intensity',
};

const common: readonly ColumnMetric[] = rowMetricKeys.map((key) => {
  const { label, quantity, of } = rowMetric(key);
  const delta = additiveMetrics.find((one) => one === key);
  const adds = delta !== undefined || key === 'trafficBytes';
  const together = adds ? 'sum' : key === 'memoryBytes' ? 'maximum' : 'nothing';
  return { id: ids[key], label, quantity, of, together, ...(delta !== undefined && { delta }) };
});

/** One for each memory that a layer of the target reads or writes. */
function trafficMetrics(rows: readonly DiffRow[]): readonly ColumnMetric[] {
  const memories = new Set<string>();
  for (const { base, head } of rows) {
    for (const { trafficBytes } of [...base, ...head]) for (const memory in trafficBytes) memories.add(memory);
  }
  return [...memories].sort().map((memory) => ({
    ...{ id: `traffic-${memory}`, label: `Moved to and from ${memory}`, quantity: 'size', together: 'sum' },
    of: (layers) => sumOf(layers, ({ trafficBytes }) => trafficBytes[memory] ?? 0),
  }));
}

function sumOf(layers: readonly LayerCost[], of: (layer: LayerCost) => number): number | null {
  if (layers.length === 0) return null;
  return layers.reduce((sum, layer) => sum + of(layer), 0);
}

export function columnMetrics({ layers }: TargetReport): readonly ColumnMetric[] {
  return [...common, ...trafficMetrics(layers)];
}

export interface MetricValues {
  /** By row; NaN: there is none. */
  readonly base: Float64Array;
  readonly head: Float64Array;
  readonly change: Float64Array;
}

/** False where one side could not be read, so that nothing is known of a change. */
export function isCompared({ totals }: TargetReport): boolean {
  return totals.latencySeconds.delta !== null;
}

/** Else there is one version, and nothing that is added, removed or changed. */
export function hasBothSides(target: TargetReport): boolean {
  return isCompared(target) && hasSide(target, 'base') && hasSide(target, 'head');
}

export function hasSide({ totals }: TargetReport, side: 'base' | 'head'): boolean {
  return totals.latencySeconds[side] !== null;
}

export function metricValues(metric: ColumnMetric, target: TargetReport): MetricValues {
  const { layers: rows } = target;
  const overhead = metric.delta === 'fileBytes' ? overheadOf(target) : null;
  const side = (name: 'base' | 'head'): Float64Array => {
    const values = Float64Array.from(rows, (row) => metric.of(row[name]) ?? NaN);
    if (overhead !== null) values[overhead.row] = overhead[name] ?? NaN;
    return values;
  };
  const [base, head] = [side('base'), side('head')];
  const compared = isCompared(target);
  const change = Float64Array.from(rows, (row, index) => {
    if (!compared || (index === overhead?.row && !overhead.isKnown)) return NaN;
    if (metric.delta !== undefined) return row.delta[metric.delta];
    const [from, to] = [base[index]!, head[index]!];
    if (metric.together === 'sum') return (to || 0) - (from || 0);
    return to - from;
  });
  return { base, head, change };
}

interface Overhead {
  readonly row: number;
  readonly base: number | null;
  readonly head: number | null;
  /** Of the sides that there are. */
  readonly isKnown: boolean;
}

/** What the layers leave of the file is in the row without layers. */
function overheadOf({ layers: rows, totals }: TargetReport): Overhead | null {
  const row = rows.findIndex(({ base, head }) => base.length === 0 && head.length === 0);
  if (row < 0) return null;
  const leftOn = (side: 'base' | 'head'): number | null => {
    const total = totals.fileBytes[side];
    return total === null ? null : rows.reduce((left, one) => left - (sumOf(one[side], fileBytesOf) ?? 0), total);
  };
  const [base, head] = [leftOn('base'), leftOn('head')];
  // Layers have data in files that are not there: what they leave of the others nobody knows.
  const known = (left: number | null): number | null => (left === null || left < 0 ? null : left);
  return { row, base: known(base), head: known(head), isKnown: known(base) === base && known(head) === head };
}

function fileBytesOf({ fileBytes }: LayerCost): number {
  return fileBytes;
}
