/** Which rows of a diff a reader should see: equal changes of repeated blocks together, the largest first. */
import { additiveMetrics, type AdditiveMetric, type DiffRow, type MetricKey } from '../compare/comparison.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { leadingLayer } from '../compare/rows.ts';
import type { TargetReport } from './report.ts';

/** Rows that are told in one line: copies of one layer in a repeated block, changed in the same way. */
export interface Contribution {
  /** Where the rows' names differ only in numbers, these are `*`. */
  readonly name: string;
  readonly rows: readonly DiffRow[];
  readonly delta: Readonly<Record<AdditiveMetric, number>>;
}

export interface Contributions {
  /** The metric that the rows are ranked by. */
  readonly metric: AdditiveMetric;
  readonly shown: readonly Contribution[];
  readonly others: readonly DiffRow[];
}

/** Of the largest row; less than that is noise beside it. */
const worthARow = 1e-3;

export function contributionsOf(target: TargetReport, maximumRows: number): Contributions {
  const metric = leadingMetric(target);
  const groups = groupRepeats(target.layers);
  const largest = (key: AdditiveMetric, count: number): readonly Contribution[] => largestBy(groups, key, count);
  // Whatever leads, nobody should have to search for the latency.
  const ofLatency = metric === 'latencySeconds' ? [] : largest('latencySeconds', Math.ceil(maximumRows / 3));
  const leading = largest(metric, maximumRows - ofLatency.length);
  const setsPeak = isMemoryNews(target)
    ? groups.filter((contribution) => contribution.rows.some((row) => row.setsPeakMemory))
    : [];
  const shown = [...new Set([...leading, ...ofLatency, ...setsPeak])];
  const kept = new Set(shown.flatMap(({ rows }) => rows));
  return { metric, shown, others: target.layers.filter((row) => !kept.has(row)) };
}

function largestBy(groups: readonly Contribution[], key: AdditiveMetric, count: number): readonly Contribution[] {
  const size = (contribution: Contribution): number => Math.abs(contribution.delta[key]);
  const ranked = groups.toSorted((a, b) => size(b) - size(a));
  const least = worthARow * (ranked[0] === undefined ? 0 : size(ranked[0]));
  return ranked.slice(0, count).filter((contribution) => size(contribution) > 0 && size(contribution) >= least);
}

/** The additive metric of the first budget that is broken, else the first that changed at all. */
export function leadingMetric({ budgets, totals }: TargetReport): AdditiveMetric {
  const changed = (key: MetricKey): boolean => (totals[key].delta ?? 0) !== 0;
  const broken = budgets.filter(({ verdict }) => verdict === 'fail').map(({ key }) => additive(key));
  const candidates = [...broken.filter((key) => key !== undefined), ...additiveMetrics];
  return candidates.find(changed) ?? 'latencySeconds';
}

/** The additive metric that explains a total; average power follows energy, the download size the file. */
function additive(key: MetricKey): AdditiveMetric | undefined {
  if (key === 'averagePowerWatts') return 'energyJoules';
  if (key === 'downloadBytes') return 'fileBytes';
  return additiveMetrics.find((metric) => metric === key);
}

function isMemoryNews({ budgets, totals }: TargetReport): boolean {
  const broken = budgets.some(({ key, verdict }) => key === 'peakMemoryBytes' && verdict !== 'pass');
  return broken || (totals.peakMemoryBytes.delta ?? 0) !== 0;
}

export function groupRepeats(rows: readonly DiffRow[]): readonly Contribution[] {
  const groups = new Map<string, DiffRow[]>();
  for (const row of rows) {
    const key = kindOfChange(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((group) => ({
    name: commonName(group.map(rowName)),
    rows: group,
    delta: sumDeltas(group),
  }));
}

/** Equal for layers at the same place of equal blocks that changed in the same way. */
function kindOfChange(row: DiffRow): string {
  const work = (layers: readonly LayerCost[]): unknown =>
    layers.map(({ op, macs, outputShape }) => [op, macs, outputShape]);
  const change = [row.match.status, row.changes, work(row.base), work(row.head)];
  return JSON.stringify([rowName(row).split(/\d+/), ...change]);
}

function sumDeltas(rows: readonly DiffRow[]): Readonly<Record<AdditiveMetric, number>> {
  const sum = (metric: AdditiveMetric): number => rows.reduce((total, row) => total + row.delta[metric], 0);
  return {
    latencySeconds: sum('latencySeconds'),
    energyJoules: sum('energyJoules'),
    macs: sum('macs'),
    parameters: sum('parameters'),
    weightsBytes: sum('weightsBytes'),
    fileBytes: sum('fileBytes'),
  };
}

export function rowName(row: DiffRow): string {
  return (leadingLayer(row.head) ?? leadingLayer(row.base))?.name ?? row.name;
}

/** The layer that a row spends most of its time in, which is what its bound should be about. */
export function slowestLayer(layers: readonly LayerCost[]): LayerCost | undefined {
  return layers.toSorted((a, b) => b.latencySeconds - a.latencySeconds)[0];
}

/**
 * One name for names that differ in numbers alone: `layer.0/MatMul`, `layer.1/MatMul` are `layer.*\/MatMul`; of plain
 * counters the first and the last are kept: `Conv_3…9`.
 */
function commonName(names: readonly string[]): string {
  const split = names.map((name) => name.split(/(\d+)/));
  const [first, last] = [split[0]!, split.at(-1)!];
  const differing = first.flatMap((part, index) => (split.every((parts) => parts[index] === part) ? [] : [index]));
  const counter = first.length - 2;
  if (differing.length === 1 && differing[0] === counter && first.at(-1) === '') {
    return `${first.join('')}…${last[counter]!}`;
  }
  return first.map((part, index) => (differing.includes(index) ? '*' : part)).join('');
}

/** How many layers a row stands for; the file's overhead is none. */
export function layerCount(row: DiffRow): number {
  return Math.max(row.base.length, row.head.length);
}
