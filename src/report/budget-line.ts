/** Which budget of a config gave a result. */
import type { Budget, BudgetResult } from '../compare/comparison.ts';
import { pathGlob } from '../glob.ts';
import type { ModelReport, TargetReport } from './report.ts';

export interface Judged {
  readonly model: ModelReport;
  readonly target: TargetReport;
}

/** The line of the config that set the budget; undefined for one of a config that this one extends. */
export function budgetLine(
  budgets: readonly Budget[],
  result: BudgetResult,
  { model, target }: Judged,
): number | undefined {
  return budgets.find(
    (budget) =>
      budget.metric === result.metric &&
      (budget.max ?? null) === result.limit &&
      budget.maxIncrease?.kind === result.maxIncrease?.kind &&
      budget.maxIncrease?.value === result.maxIncrease?.value &&
      budget.layer === result.layer &&
      budget.level === result.level &&
      (budget.target === undefined || target.target.id.startsWith(budget.target)) &&
      (budget.model === undefined || namesOf(model).some(pathGlob(budget.model))),
  )?.line;
}

function namesOf({ path, previousPath, name }: ModelReport): readonly string[] {
  return [path, previousPath, name].filter((one) => one !== undefined);
}
