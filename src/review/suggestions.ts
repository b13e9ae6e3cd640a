/** What would bring a model back under its budgets: asked where one of them fails. */
import type { Goal } from '../advise/goal.ts';
import { searched } from '../advise/optimize.ts';
import { trialsWithin } from '../advise/trial.ts';
import type { Subject } from '../advise/what-if.ts';
import { metricValues } from '../compare/totals.ts';
import type { BudgetResult, MetricKey } from '../compare/comparison.ts';
import type { Suggestion } from '../report/report.ts';
import type { Simulation } from '../simulate/simulation.ts';

const mostTrials = 400;
const fewestTrials = 20;

/** Up to three, best first. `budgets`: as judged; waived ones need no edit. */
export function suggest(
  subject: Subject,
  head: Simulation,
  goal: Goal,
  results: readonly BudgetResult[],
): readonly Suggestion[] {
  if (!results.some(({ verdict }) => verdict === 'fail')) return [];
  const trials = trialsWithin(head, fewestTrials, mostTrials);
  const { found } = searched({ subject, base: head, first: head, goal }, trials);
  const keys = new Set<MetricKey>(['latencySeconds', ...results.map(({ key }) => key)]);
  return found.map(({ edits, touched, simulation, sqnrDecibels }) => ({
    edits,
    touched,
    totals: Object.fromEntries(Object.entries(metricValues(simulation)).filter(([key]) => keys.has(key as MetricKey))),
    ...(sqnrDecibels === null ? {} : { sqnr: sqnrDecibels }),
  }));
}
