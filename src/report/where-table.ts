/** "Where the 11.6 ms come from": the rows that changed most, the rest in one line, columns that add up. */
import type { AdditiveMetric, DiffRow } from '../compare/comparison.ts';
import { printColumn, printQuantity } from '../units.ts';
import { contributionsOf, layerCount, type Contributions } from './contributions.ts';
import { counted } from './headline.ts';
import { describeMetric } from './metrics.ts';
import { table, type Block } from './page.ts';
import { joined, named, strong, type Phrase } from './phrase.ts';
import type { TargetReport } from './report.ts';
import { changePhrase, whyPhrase } from './why.ts';

const shortLabels: Readonly<Record<AdditiveMetric, string>> = {
  latencySeconds: 'latency',
  energyJoules: 'energy',
  macs: 'MACs',
  parameters: 'parameters',
  weightsBytes: 'weights',
  fileBytes: 'size',
};

/** `Where the 11.6 ms come from`; undefined where nothing changed that adds up. */
export function whereTitle(target: TargetReport, maximumRows: number): string | undefined {
  const { metric } = contributionsOf(target, maximumRows);
  const delta = target.layers.reduce((sum, row) => sum + row.delta[metric], 0);
  const changed = target.layers.some((row) => row.delta[metric] !== 0);
  if (!changed) return undefined;
  const { label, quantity } = describeMetric(metric);
  if (delta === 0) return `What moved (${label.toLowerCase()} stays the same)`;
  const amount = printQuantity(Math.abs(delta), quantity);
  const noun =
    quantity === 'count'
      ? `${amount} ${label}`
      : metric === 'latencySeconds'
        ? amount
        : `${amount} of ${shortLabels[metric]}`;
  return delta > 0 ? `Where the ${noun} come from` : `Where ${noun} were saved`;
}

export function whereTable(target: TargetReport, maximumRows: number): Block {
  const contributions = contributionsOf(target, maximumRows);
  const { metric, shown, others } = contributions;
  const metrics = shownMetrics(contributions, target);
  const columns = metrics.map((key) => {
    const deltas = [...shown.map(({ delta }) => delta[key]), sum(others, key)];
    return printColumn(deltas, describeMetric(key).quantity);
  });
  const cellsAt = (index: number): readonly Phrase[] =>
    columns.map(({ rows }) => [rows[index] === '0' ? '–' : rows[index]!]);
  const rows = shown.map(({ name, rows: group }, index): readonly Phrase[] => [
    [named(name, 56)],
    changePhrase(group),
    ...cellsAt(index),
    whyPhrase(group),
  ]);
  const rest = others.length === 0 ? [] : [[othersPhrase(others, metric), [], ...cellsAt(shown.length), []]];
  const total = [[strong('total')], [], ...columns.map((column) => [strong(column.total)]), []];
  return table(['layer', 'change', ...metrics.map((key) => `>${shortLabels[key]}`), 'why'], [...rows, ...rest, total]);
}

/** What the rows are ranked by comes first; latency, energy and size follow where they changed. */
function shownMetrics({ metric }: Contributions, { layers }: TargetReport): readonly AdditiveMetric[] {
  const usual = (['latencySeconds', 'energyJoules', 'fileBytes'] as const).filter((key) => key !== metric);
  return [metric, ...usual.filter((key) => layers.some((row) => row.delta[key] !== 0))];
}

function sum(rows: readonly DiffRow[], metric: AdditiveMetric): number {
  return rows.reduce((total, row) => total + row.delta[metric], 0);
}

/** `148 layers unchanged, 3 moved` */
function othersPhrase(rows: readonly DiffRow[], metric: AdditiveMetric): Phrase {
  const layers = rows.filter((row) => layerCount(row) > 0);
  const moved = layers.filter(({ match }) => match.status === 'moved');
  const changed = layers.filter((row) => row.match.status !== 'moved' && row.delta[metric] !== 0);
  const unchanged = count(layers) - count(moved) - count(changed);
  const overhead = rows.some((row) => layerCount(row) === 0 && row.delta.fileBytes !== 0);
  return joined(
    [
      unchanged === 0 ? [] : [`${counted(unchanged, 'layer')} unchanged`],
      changed.length === 0 ? [] : [`${counted(count(changed), 'layer')} changed less`],
      moved.length === 0 ? [] : [`${count(moved)} moved`],
      overhead ? ['file overhead'] : [],
    ].map((words): Phrase => words),
    ', ',
  );
}

function count(rows: readonly DiffRow[]): number {
  return rows.reduce((total, row) => total + layerCount(row), 0);
}
