/** What a reader must know beside the table of totals. */
import type { BudgetResult } from '../compare/comparison.ts';
import { percent, printQuantity } from '../units.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { unknownPhrase } from './computed.ts';
import { counted } from './headline.ts';
import { describeMetric, metricWords } from './metrics.ts';
import { list, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { verdictSymbols } from './ranking.ts';
import type { TargetReport } from './report.ts';
import { capitalized } from './totals-table.ts';

/** No block where there is nothing to remark. */
export function remarkBlocks(target: TargetReport): readonly Block[] {
  const items = remarks(target);
  return items.length === 0 ? [] : [list(items)];
}

export function remarks(target: TargetReport): readonly Phrase[] {
  return [
    ...budgetRemarks(target),
    ...overflowRemarks(target),
    ...conversionRemarks(target),
    ...unknownRemarks(target),
  ];
}

/** Why each budget that did not simply pass has its verdict: one sentence each, the worst first. */
function budgetRemarks(target: TargetReport): readonly Phrase[] {
  const order = ['fail', 'not-measured', 'warn', 'waived'] as const;
  return order.flatMap((verdict) => target.budgets.filter((budget) => budget.verdict === verdict).map(budgetRemark));
}

function budgetRemark(budget: BudgetResult): Phrase {
  const layer: Phrase = budget.layer === undefined ? [] : [' of ', named(budget.layer, 40)];
  const { reason } = budget;
  const subject: Phrase = [`${verdictSymbols[budget.verdict]} `, capitalized(metricWords(budget.metric)), ...layer];
  const sentences = [reason === undefined ? [] : [said(reason)], acceptedPhrase(budget), lapsedPhrase(budget)];
  return joined([subject, joined(sentences, '; ')], ': ');
}

function acceptedPhrase({ key, waiver, accepted }: BudgetResult): Phrase {
  if (waiver === undefined) return [];
  const value = accepted === undefined ? '' : ` up to ${printQuantity(accepted, describeMetric(key).quantity)}`;
  return [`accepted${value} by `, named(waiver.who), ' until ', named(waiver.until), ': ', said(waiver.why)];
}

function lapsedPhrase({ key, actual, lapsed }: BudgetResult): Phrase {
  if (lapsed === undefined) return [];
  const { waiver, cause, accepted } = lapsed;
  const opening: Phrase = ['a waiver by ', named(waiver.who), ' lapsed: '];
  if (cause === 'expired') return [...opening, 'its last day was ', named(waiver.until)];
  const { quantity } = describeMetric(key);
  const [now, then] = [actual ?? accepted, accepted].map((value) => printQuantity(value, quantity));
  // Figures that print the same need what lies between them.
  const excess = now === then ? ` (by ${printQuantity((actual ?? accepted) - accepted, quantity)})` : '';
  return [...opening, `it was given for ${then!}, and now it is ${now!}${excess}`];
}

/** The runtime would refuse the model, or move what does not fit: no budget has to ask for that to matter. */
function overflowRemarks({ memoryTimeline: { head } }: TargetReport): readonly Phrase[] {
  if (head === null || head.peakBytes <= head.capacityBytes) return [];
  const [peak, capacity] = [head.peakBytes, head.capacityBytes].map((bytes) => printQuantity(bytes, 'memory'));
  const where: Phrase = head.peakLayer === null ? [] : [' at ', named(head.peakLayer, 56)];
  return [
    [`⚠️ The activations take ${peak!}`, ...where, ', more than the ', capacity!, ' of ', named(head.memory, 24)],
  ];
}

/** Conversions are told from this share of the latency on. */
const costlyConversions = 0.02;

const conversions: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear', 'Cast']);

/** Layers that compute nothing and only stand between types, where there are more of them than before. */
function conversionRemarks({ layers, totals }: TargetReport): readonly Phrase[] {
  const converting = (side: 'base' | 'head'): readonly LayerCost[] =>
    layers.flatMap((row) => row[side]).filter(({ op }) => conversions.has(op));
  const [before, after] = [converting('base'), converting('head')];
  const seconds = (all: readonly LayerCost[]): number =>
    all.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
  const total = totals.latencySeconds.head;
  if (total === null || after.length <= before.length || seconds(after) < costlyConversions * total) return [];
  const [time, share] = [printQuantity(seconds(after), 'time'), percent(seconds(after) / total)];
  const was = before.length === 0 ? '' : ` (${before.length} before)`;
  return [[`Conversions between types: ${counted(after.length, 'layer')}${was}, ${time}, ${share} of the latency`]];
}

function unknownRemarks({ unknownOperators, coverage }: TargetReport): readonly Phrase[] {
  if (unknownOperators.length === 0) return [];
  const names = joined(unknownOperators.map(unknownPhrase), ', ');
  const covered = ` (coverage ${percent(coverage)} of the nodes)`;
  return [['⚠️ Unknown operators, whose cost is missing: ', ...names, covered]];
}
