/** Totals of one model on one target against their budgets. */
import type { BudgetResult, MetricKey, TotalDiff } from '../compare/comparison.ts';
import { percent, printBand, printChange, printDelta, printQuantity, type Quantity } from '../units.ts';
import { describeMetric, metricDescriptions, metricWords, printLimit } from './metrics.ts';
import { table, type Block } from './page.ts';
import { named, strong, type Phrase } from './phrase.ts';
import { limitVerdicts, verdictSymbols } from './ranking.ts';
import type { ModelReport, TargetReport } from './report.ts';

const titles = ['', '>base', '>head', '>change', '>budget', '^'];

/** `status` says whether a missing side is a fact or a failure. */
export function totalsTable(target: TargetReport, status: ModelReport['status']): Block {
  const totals = metricDescriptions
    .filter(({ key, always }) => always || isWorthARow(target, key))
    .map(({ key }) => totalRow(target, key, status));
  const layers = target.budgets
    .filter((budget) => budget.layer !== undefined)
    .map((budget) => layerRow(budget, status));
  return table(titles, [...totals, ...layers]);
}

function isWorthARow(target: TargetReport, key: MetricKey): boolean {
  const { base, head, delta } = target.totals[key];
  if (budgetsOf(target, key).length > 0) return true;
  if (base === null && head === null) return false;
  return delta !== null && delta !== 0;
}

function budgetsOf(target: TargetReport, key: MetricKey): readonly BudgetResult[] {
  return target.budgets.filter((budget) => budget.key === key && budget.layer === undefined);
}

function totalRow(target: TargetReport, key: MetricKey, status: ModelReport['status']): readonly Phrase[] {
  const total = target.totals[key];
  const { label, quantity } = describeMetric(key);
  const budgets = budgetsOf(target, key);
  const rate =
    key === 'averagePowerWatts' && target.rateHertz !== null ? ` (${printLimit(target.rateHertz, 'frequency')})` : '';
  return [
    [`${label}${rate}`],
    [printSide(total.base, quantity)],
    [joinedWords(printSide(total.head, quantity), total.head === null ? '' : bandWords(total.head, total.band))],
    emphasized(printTotalChange(total, quantity, status), budgets),
    [budgets.map((budget) => printBudget(budget, quantity)).join(' · ') || '–'],
    [marks(budgets)],
  ];
}

/** A band that rounds to nothing says nothing. */
function bandWords(value: number, band: TotalDiff['band']): string {
  const words = printBand(value, band);
  return words === '±0%' ? '' : words;
}

function layerRow(budget: BudgetResult, status: ModelReport['status']): readonly Phrase[] {
  const { quantity } = describeMetric(budget.key);
  const { base, actual } = budget;
  const delta = base === null || actual === null ? null : actual - base;
  const total: TotalDiff = { base, head: actual, delta, ratio: ratioOf(base, actual), band: null };
  return [
    [`${capitalized(metricWords(budget.metric))} of `, named(budget.layer!, 40)],
    [printSide(base, quantity)],
    [printSide(actual, quantity)],
    emphasized(printTotalChange(total, quantity, status), [budget]),
    [printBudget(budget, quantity)],
    [marks([budget])],
  ];
}

function ratioOf(base: number | null, head: number | null): number | null {
  return base === null || base === 0 || head === null ? null : head / base;
}

function printSide(value: number | null, quantity: Quantity): string {
  return value === null ? '–' : printQuantity(value, quantity);
}

/** `+11.6 ms (+54%)` */
function printTotalChange(
  { base, head, delta, ratio }: TotalDiff,
  quantity: Quantity,
  status: ModelReport['status'],
): string {
  if (base === null && head !== null && status === 'added') return 'no base';
  if (head === null && base !== null && status === 'removed') return 'removed';
  if (base === null || head === null) return 'not measured';
  if (delta === null || delta === 0) return '0';
  return joinedWords(printDelta(delta, quantity), ratio === null ? '' : `(${printChange(ratio - 1)})`);
}

function joinedWords(...words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' ');
}

function emphasized(words: string, budgets: readonly BudgetResult[]): Phrase {
  return budgets.some(({ verdict }) => verdict === 'fail') ? [strong(words)] : [words];
}

/** `30 ms · +5%` */
export function printBudget({ limit, maxIncrease }: BudgetResult, quantity: Quantity): string {
  const limits = [
    limit === null ? '' : printLimit(limit, quantity),
    maxIncrease === null || maxIncrease === undefined ? '' : printMaxIncrease(maxIncrease, quantity),
  ];
  return limits.filter((words) => words !== '').join(' · ');
}

function printMaxIncrease({ kind, value }: NonNullable<BudgetResult['maxIncrease']>, quantity: Quantity): string {
  return `+${kind === 'ratio' ? percent(value) : printLimit(value, quantity)}`;
}

/** A symbol for each limit. */
export function marks(budgets: readonly BudgetResult[]): string {
  return budgets
    .flatMap(limitVerdicts)
    .map((verdict) => verdictSymbols[verdict])
    .join(' ');
}

export function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
