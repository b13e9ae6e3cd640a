/** Metrics of a layer, for every table, graph and chart of the page. */
import { additiveMetrics, type AdditiveMetric, type DiffRow } from '../../../compare/comparison.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import type { Quantity } from '../../../units.ts';
import { describeMetric } from '../../metrics.ts';
import type { TargetReport } from '../../report.ts';
import { slowestLayer } from '../../repeats.ts';

export interface RowMetric {
  /** In the words of the config file; `traffic-dram` for one memory. */
  readonly id: string;
  readonly label: string;
  /** `share`: between 0 and 1. */
  readonly quantity: Quantity | 'share';
  /** What the values of several rows are together. */
  readonly together: 'sum' | 'maximum' | 'nothing';
  /** Of the layers of one side of a row, of which there is one at least. */
  readonly valueOf: (layers: readonly LayerCost[]) => number;
  /** Where rows tell their own change. */
  readonly delta?: AdditiveMetric;
}

const additiveIds: Readonly<Record<AdditiveMetric, string>> = {
  latencySeconds: 'latency',
  energyJoules: 'energy',
  macs: 'macs',
  parameters: 'parameters',
  weightsBytes: 'weights',
  fileBytes: 'size',
};

function sumOf(layers: readonly LayerCost[], of: (layer: LayerCost) => number): number {
  let sum = 0;
  for (const layer of layers) sum += of(layer);
  return sum;
}

const additive: readonly RowMetric[] = additiveMetrics.map((key) => ({
  id: additiveIds[key],
  label: key === 'energyJoules' ? 'Energy' : describeMetric(key).label,
  quantity: describeMetric(key).quantity,
  together: 'sum',
  valueOf: (layers) => sumOf(layers, (layer) => layer[key]),
  delta: key,
}));

const others: readonly RowMetric[] = [
  {
    ...{ id: 'power', label: 'Average power', quantity: 'power', together: 'nothing' },
    valueOf: (layers) => {
      const seconds = sumOf(layers, ({ latencySeconds }) => latencySeconds);
      return seconds === 0 ? 0 : sumOf(layers, ({ energyJoules }) => energyJoules) / seconds;
    },
  },
  {
    ...{ id: 'memory', label: 'Live memory', quantity: 'memory', together: 'maximum' },
    valueOf: (layers) => layers.reduce((most, { memoryBytes }) => Math.max(most, memoryBytes), 0),
  },
  {
    ...{ id: 'utilization', label: 'Utilization', quantity: 'share', together: 'nothing' },
    valueOf: (layers) => slowestLayer(layers.filter(({ macs }) => macs > 0))?.utilization ?? NaN,
  },
];

/** One for each memory that a layer of the target reads or writes. */
function trafficMetrics(rows: readonly DiffRow[]): readonly RowMetric[] {
  const memories = new Set<string>();
  for (const { base, head } of rows) {
    for (const { trafficBytes } of [...base, ...head]) for (const memory in trafficBytes) memories.add(memory);
  }
  return [...memories].sort().map((memory) => ({
    ...{ id: `traffic-${memory}`, label: `${memory} traffic`, quantity: 'size', together: 'sum' },
    valueOf: (layers) => sumOf(layers, ({ trafficBytes }) => trafficBytes[memory] ?? 0),
  }));
}

export function rowMetrics({ layers }: TargetReport): readonly RowMetric[] {
  return [...additive.slice(0, 2), ...others, ...additive.slice(2), ...trafficMetrics(layers)];
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

export function hasSide({ totals }: TargetReport, side: 'base' | 'head'): boolean {
  return totals.latencySeconds[side] !== null;
}

export function metricValues(metric: RowMetric, target: TargetReport): MetricValues {
  const { layers: rows } = target;
  const side = (name: 'base' | 'head'): Float64Array => {
    const values = Float64Array.from(rows, (row) => (row[name].length === 0 ? NaN : metric.valueOf(row[name])));
    if (metric.delta === 'fileBytes') addOverhead(values, { rows, total: target.totals.fileBytes[name] });
    return values;
  };
  const [base, head] = [side('base'), side('head')];
  const compared = isCompared(target);
  const change = Float64Array.from(rows, (row, index) => {
    if (!compared) return NaN;
    if (metric.delta !== undefined) return row.delta[metric.delta];
    const [from, to] = [base[index]!, head[index]!];
    if (metric.together === 'sum') return (to || 0) - (from || 0);
    return to - from;
  });
  return { base, head, change };
}

/** What the layers leave of the file is in the row without layers. */
function addOverhead(
  values: Float64Array,
  { rows, total }: { readonly rows: readonly DiffRow[]; readonly total: number | null },
): void {
  const overhead = rows.findIndex(({ base, head }) => base.length === 0 && head.length === 0);
  if (overhead < 0 || total === null) return;
  values[overhead] = values.reduce((left, value) => left - (Number.isNaN(value) ? 0 : value), total);
}
