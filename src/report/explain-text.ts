/** Why a verdict is what it is, for people: each budget with what it comes from, and single layers in full. */
import type { DiffRow, Evidence, MetricKey } from '../compare/comparison.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { percent, printDelta, printQuantity, type Quantity } from '../units.ts';
import { causeWords } from './causes.ts';
import { rowName } from './repeats.ts';
import type { ExplainDocument, ExplainedBudget, ExplainedModel, ExplainedTarget } from './explain-document.ts';
import { describeMetric, metricWords, printLimit } from './metrics.ts';
import { heading, list, paragraph, table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { printMarkdown } from './print-markdown.ts';
import { printText } from './print-text.ts';
import { verdictSymbols } from './ranking.ts';
import { changePhrase } from './why.ts';

export function explainText(document: ExplainDocument, format: 'text' | 'markdown'): string {
  const blocks = explainBlocks(document);
  return `${format === 'markdown' ? printMarkdown(blocks) : printText(blocks)}\n`;
}

export function explainBlocks({ verdict, models }: ExplainDocument): readonly Block[] {
  const title = heading(3, [`${verdictSymbols[verdict]} ${verdict}`]);
  if (models.length === 0) return [title, paragraph('No model changed.')];
  return [title, ...models.flatMap(modelBlocks)];
}

function modelBlocks({ path, errors, targets }: ExplainedModel): readonly Block[] {
  const problems = errors.length === 0 ? [] : [list(errors.map((error): Phrase => [said(error)]))];
  return [...targets.flatMap((target) => targetBlocks(path, target)), ...problems];
}

/** Without the layers where `target` has none. */
export function targetBlocks(
  path: string,
  { target, verdict, budgets, layers, suggestions }: ExplainedTarget,
): readonly Block[] {
  const title = heading(4, [
    `${verdictSymbols[verdict]} `,
    named(path),
    ' on ',
    named(target.id),
    ` (${target.status})`,
  ]);
  const nothing = budgets.length === 0 ? [paragraph('No budget applies.')] : [];
  const edits = suggestions.map(({ edits: text, totals }): Phrase => [
    named(text, 160),
    totals.latencySeconds === undefined ? '' : ` → ${printQuantity(totals.latencySeconds, 'time')}`,
  ]);
  return [
    title,
    ...nothing,
    ...budgets.flatMap(budgetBlocks),
    ...(edits.length === 0 ? [] : [paragraph('Smallest edits that meet the budgets (simulated)'), list(edits)]),
    ...layers.flatMap(layerBlocks),
  ];
}

function budgetBlocks(budget: ExplainedBudget): readonly Block[] {
  const { verdict, metric, layer, key, actual, reason, contributors } = budget;
  const { quantity } = describeMetric(key);
  const subject: Phrase = [metricWords(metric), ...(layer === undefined ? [] : [' of ', named(layer, 48)])];
  const value = actual === null ? 'not measured' : printQuantity(actual, quantity);
  const words = paragraph(
    `${verdictSymbols[verdict]} `,
    ...subject,
    `: ${value}${limitWords(budget, quantity)}`,
    ...(reason === undefined ? [] : ['; ', said(reason)]),
  );
  if (verdict === 'pass' || contributors.length === 0) return [words];
  return [words, list(contributors.map((one) => contributorPhrase(one, key)))];
}

/** ` of at most 30 ms, 80% band 29 to 36 ms` */
function limitWords({ limit, maxIncrease, base, band }: ExplainedBudget, quantity: Quantity): string {
  const most = limit === null ? '' : ` of at most ${printLimit(limit, quantity)}`;
  const range =
    band === null ? '' : `, 80% band ${printQuantity(band[0], quantity)} to ${printQuantity(band[1], quantity)}`;
  if (!maxIncrease) return most + range;
  const allowed = maxIncrease.kind === 'ratio' ? percent(maxIncrease.value) : printLimit(maxIncrease.value, quantity);
  const before = base === null ? '' : ` from ${printQuantity(base, quantity)}`;
  return `${most}${before}, may grow by ${allowed}${range}`;
}

function contributorPhrase(
  { name, base, head, changes }: ExplainedBudget['contributors'][number],
  key: MetricKey,
): Phrase {
  const { quantity } = describeMetric(contributorKey(key));
  const change = head === base ? '' : ` (${printDelta(head - base, quantity)})`;
  const words = joined(
    changes.map((one): Phrase => [said(one)]),
    ', ',
  );
  return [
    named(name, 48),
    `: ${printQuantity(head, quantity)}${change}`,
    ...(words.length === 0 ? [] : ['; ', ...words]),
  ];
}

/** What rows can be added up in. */
function contributorKey(key: MetricKey): MetricKey {
  if (key === 'averagePowerWatts') return 'energyJoules';
  return key === 'downloadBytes' ? 'fileBytes' : key;
}

export const evidenceWords: Readonly<Record<Evidence, string>> = {
  'weight-hash': 'the content of its weights',
  structure: 'its place in the graph',
  scope: 'its module or the name of a parameter',
  aligned: 'what it does and what stands around it',
  name: 'its name',
  none: 'nothing on the other side',
};

/** A layer in full. */
export function layerBlocks(row: DiffRow): readonly Block[] {
  const { match, base, head } = row;
  const title = heading(4, [named(rowName(row))]);
  const matched =
    base.length === 0 || head.length === 0
      ? []
      : [paragraph(`Matched by ${evidenceWords[match.evidence]}, confidence ${percent(match.confidence)}`)];
  const change = changePhrase([row]);
  return [
    title,
    ...(change.length === 0 ? [] : [paragraph(...change)]),
    ...matched,
    table(['', '>base', '>head'], figureRows(base, head)),
    ...head.flatMap(causeBlocks),
  ];
}

const figures: readonly (readonly [string, MetricKey])[] = [
  ['Latency', 'latencySeconds'],
  ['Energy', 'energyJoules'],
  ['MACs', 'macs'],
  ['Weights', 'weightsBytes'],
];

function figureRows(base: readonly LayerCost[], head: readonly LayerCost[]): readonly (readonly Phrase[])[] {
  const words = (layers: readonly LayerCost[], of: (layer: LayerCost) => string): Phrase => [
    layers.length === 0 ? '–' : [...new Set(layers.map(of))].join(', '),
  ];
  const names = (layers: readonly LayerCost[], of: (layer: LayerCost) => string): Phrase =>
    layers.length === 0
      ? ['–']
      : joined(
          [...new Set(layers.map(of))].map((one): Phrase => [named(one, 32)]),
          ', ',
        );
  const numbers = figures.map(([label, key]): readonly Phrase[] => {
    const sum = (layers: readonly LayerCost[]) =>
      layers.reduce((total, layer) => total + Number(layer[key as keyof LayerCost]), 0);
    const print = (layers: readonly LayerCost[]): Phrase => [
      layers.length === 0 ? '–' : printQuantity(sum(layers), describeMetric(key).quantity),
    ];
    return [[label], print(base), print(head)];
  });
  return [
    ...numbers,
    [['Operator'], names(base, ({ op }) => op), names(head, ({ op }) => op)],
    [['Unit'], names(base, ({ unit }) => unit), names(head, ({ unit }) => unit)],
    [['Type'], names(base, ({ dtype }) => dtype), names(head, ({ dtype }) => dtype)],
    [['Output'], words(base, shape), words(head, shape)],
    [['Bound by'], words(base, ({ bound }) => bound), words(head, ({ bound }) => bound)],
    [
      ['Utilization'],
      words(base, ({ utilization }) => percent(utilization)),
      words(head, ({ utilization }) => percent(utilization)),
    ],
  ];
}

function shape({ outputShape }: LayerCost): string {
  return outputShape.join('×');
}

/** Where the time of the head's layer goes, and what it would be without each. */
function causeBlocks({ causes, latencySeconds, fallback }: LayerCost): readonly Block[] {
  const items = causes
    .toSorted((a, b) => b.seconds - a.seconds)
    .map((share): Phrase => {
      const part = latencySeconds === 0 ? 0 : share.seconds / latencySeconds;
      return [`${printQuantity(share.seconds, 'time')} (${percent(part)}): `, ...causeWords(share)];
    });
  const reason = fallback === null ? [] : [paragraph('Not on the main unit: ', said(fallback))];
  return [...reason, ...(items.length === 0 ? [] : [list(items)])];
}
