/** "Where the 11.6 ms come from": the rows that changed most, the rest in one line, columns that add up. */
import type { AdditiveMetric, DiffRow } from '../compare/comparison.ts';
import { printColumn, printQuantity } from '../units.ts';
import { contributionsOf, type Contributions } from './contributions.ts';
import { counted } from './headline.ts';
import { layerCount } from './repeats.ts';
import { describeMetric } from './metrics.ts';
import { list, paragraph, table, type Block } from './page.ts';
import { joined, named, strong, type Phrase } from './phrase.ts';
import type { TargetReport } from './report.ts';
import { noAddress, sourcePhrase, type SourceAddress } from './source-words.ts';
import { contributionChange, contributionWhy, doubtPhrase } from './contribution-words.ts';

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
  // Rows against a side that nobody could read say nothing about a change, nor does a file without layers.
  if (target.totals[metric].delta === null || !target.layers.some((row) => layerCount(row) > 0)) return undefined;
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

/** Why the rows are no layers, where they are not. */
export function whereNote(target: TargetReport, maximumRows: number): readonly Block[] {
  const { doubt } = contributionsOf(target, maximumRows);
  return doubt === undefined ? [] : [paragraph(...doubtPhrase(doubt))];
}

export function whereTable(target: TargetReport, maximumRows: number, addressOf: SourceAddress): Block {
  const { shown, doubt } = contributionsOf(target, maximumRows);
  const { titles, rows } = figures(target, maximumRows);
  const words = shown.map((contribution): readonly Phrase[] => [
    sourcePhrase(contribution.rows, addressOf),
    contributionChange(contribution),
    contributionWhy(contribution),
  ]);
  return table(
    [doubt === undefined ? 'layer' : 'operator', 'change', ...titles, 'why'],
    rows.map(([name, ...cells], index) => {
      const [source, change, why] = words[index] ?? [];
      return [joined([name!, source ?? []], ' '), change ?? [], ...cells, why ?? []];
    }),
  );
}

/** For terminals: the figures side by side, the words below them, where lines may be long. */
export function whereBlocks(target: TargetReport, maximumRows: number): readonly Block[] {
  const { shown, doubt } = contributionsOf(target, maximumRows);
  const { titles, rows } = figures(target, maximumRows);
  const words = shown.flatMap((contribution): readonly Phrase[] => {
    const source = sourcePhrase(contribution.rows, noAddress);
    const phrase = joined([contributionChange(contribution), contributionWhy(contribution), source], '; ');
    return phrase.length === 0 ? [] : [[named(contribution.name, 40), ': ', ...phrase]];
  });
  return [
    table([doubt === undefined ? 'layer' : 'operator', ...titles], rows),
    ...(words.length === 0 ? [] : [list(words)]),
  ];
}

interface Figures {
  readonly titles: readonly string[];
  /** Name and figures: the shown contributions, the others in one line, the total. */
  readonly rows: readonly (readonly Phrase[])[];
}

/** Columns in which the printed rows add up to the printed total. */
function figures(target: TargetReport, maximumRows: number): Figures {
  const contributions = contributionsOf(target, maximumRows);
  const { metric, shown, others } = contributions;
  const metrics = shownMetrics(contributions, target);
  const columns = metrics.map((key) => {
    const deltas = [...shown.map(({ delta }) => delta[key]), sum(others, key)];
    return printColumn(deltas, describeMetric(key).quantity);
  });
  const cellsAt = (index: number): readonly Phrase[] =>
    columns.map(({ rows }) => [rows[index] === '0' ? '–' : rows[index]!]);
  const rows = shown.map(({ name }, index): readonly Phrase[] => [[named(name, 40)], ...cellsAt(index)]);
  const rest = others.length === 0 ? [] : [[othersPhrase(others, metric), ...cellsAt(shown.length)]];
  const total = [[strong('total')], ...columns.map((column) => [strong(column.total)])];
  return { titles: metrics.map((key) => `>>${shortLabels[key]}`), rows: [...rows, ...rest, total] };
}

/** What the rows are ranked by comes first; latency, energy and size follow where they changed. */
function shownMetrics({ metric }: Contributions, { layers }: TargetReport): readonly AdditiveMetric[] {
  const usual = (['latencySeconds', 'energyJoules', 'fileBytes'] as const).filter((key) => key !== metric);
  return [metric, ...usual.filter((key) => layers.some((row) => row.delta[key] !== 0))];
}

function sum(rows: readonly DiffRow[], metric: AdditiveMetric): number {
  return rows.reduce((total, row) => total + row.delta[metric], 0);
}

/** `148 layers unchanged, 12 layers retrained at the same cost, 3 moved` */
function othersPhrase(rows: readonly DiffRow[], metric: AdditiveMetric): Phrase {
  const layers = rows.filter((row) => layerCount(row) > 0);
  const moved = layers.filter(({ match }) => match.status === 'moved');
  const changed = layers.filter((row) => row.match.status !== 'moved' && row.delta[metric] !== 0);
  const retrained = layers.filter((row) => row.match.status === 'retrained' && row.delta[metric] === 0);
  const unchanged = count(layers) - count(moved) - count(changed) - count(retrained);
  const overhead = rows.some((row) => layerCount(row) === 0 && row.delta.fileBytes !== 0);
  return joined(
    [
      unchanged === 0 ? [] : [`${counted(unchanged, 'layer')} unchanged`],
      retrained.length === 0 ? [] : [`${counted(count(retrained), 'layer')} retrained at the same cost`],
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
