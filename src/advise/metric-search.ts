/** A search for the budgets of one metric, or for less of a metric that no budget limits. */
import { appliesTo, budgetRows } from '../compare/budget.ts';
import type { Budget } from '../compare/comparison.ts';
import { metricValues } from '../compare/totals.ts';
import type { Totals } from '../simulate/simulation.ts';
import { applied, searched, type Advice, type Question } from './optimize.ts';
import type { SearchedMetric } from './searched-metrics.ts';

/**
 * The edit as a search finds it for the budgets of the metric (absent: all), with the verdicts of all budgets. Null where the
 * metric has no budget and no edit that was tried lowers it.
 */
export function searchedFor(metric: SearchedMetric | undefined, question: Question, trials: number): Advice | null {
  const { goal } = question;
  const applying = goal.budgets.filter((budget) => appliesTo(budget, goal.model));
  const wanted = applying.filter((budget) => metric === undefined || budget.metric === metric);
  if (metric !== undefined && wanted.length === 0) return halved(metric, question, trials);
  const advice = searched({ ...question, goal: { ...goal, budgets: wanted } }, trials);
  // Where nothing is edited, what was not asked for has no part in the answer.
  if (advice.edits === null || advice.edits === '') return advice;
  return { ...applied(advice.edits, question), found: advice.found, front: advice.front };
}

/**
 * Who names a metric without a budget wants less of it. Half is what an edit has to reach to be looked for as a budget is;
 * where none does, the answer is the one that gets nearest.
 */
function halved(metric: SearchedMetric, question: Question, trials: number): Advice | null {
  const { goal, base } = question;
  const { key } = budgetRows[metric];
  const value = metricValues(base)[key] ?? 0;
  const half: Budget = { metric, max: value / 2, level: 'error', onBand: 'fail' };
  const advice = searched({ ...question, goal: { ...goal, budgets: [half] } }, trials);
  const edits = advice.edits ?? leastOf(metric, advice)?.edits;
  if (edits === undefined || edits === '') return null;
  return { ...applied(edits, question), found: advice.found, front: advice.front };
}

/** The point of the front with the least of the metric, if that is less than now. */
function leastOf(metric: SearchedMetric, { front, whatIf: { base } }: Advice): Advice['front'][number] | undefined {
  const [least] = front.toSorted((a, b) => valueIn(metric, a.totals) - valueIn(metric, b.totals));
  return least !== undefined && valueIn(metric, least.totals) < valueIn(metric, base.totals) ? least : undefined;
}

export function valueIn(metric: SearchedMetric, totals: Totals): number {
  const { key } = budgetRows[metric];
  const value = key === 'dramTrafficBytes' ? null : totals[key];
  return value ?? Infinity;
}
