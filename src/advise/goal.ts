/** What a search must reach: the budgets of one model on one target, judged on estimates without their bands. */
import { judge, measuredSide, type JudgedModel } from '../compare/budget.ts';
import type { Budget, BudgetResult } from '../compare/comparison.ts';
import type { Simulation } from '../simulate/simulation.ts';

export interface Goal {
  readonly budgets: readonly Budget[];
  /** All that is judged but the head. */
  readonly model: Omit<JudgedModel, 'head'>;
}

/** How far a simulation is from what a budget asks. */
export interface Miss {
  readonly result: BudgetResult;
  /** In the metric's unit, above 0. */
  readonly excess: number;
}

export function resultsOf(goal: Goal, simulation: Simulation): readonly BudgetResult[] {
  return judge(goal.budgets, { ...goal.model, head: measuredSide(simulation) });
}

/**
 * Budgets that are missed; `before`: the results of the model without the edit. What cannot be judged on either side of it is
 * no miss, what the edit takes out of sight is one.
 */
export function missesOf(results: readonly BudgetResult[], before: readonly BudgetResult[]): readonly Miss[] {
  return results.flatMap((result, index) => {
    const lost = result.actual === null && typeof before[index]?.actual === 'number';
    const excess = lost ? Infinity : excessOf(result);
    return excess > 0 ? [{ result, excess }] : [];
  });
}

/** The limit that binds more. A hair above an allowed increase is the rounding that `judge` forgives too. */
function excessOf({ limit, maxIncrease, actual, base }: BudgetResult): number {
  if (actual === null) return 0;
  const overLimit = limit === null ? 0 : actual - limit;
  if (!maxIncrease || base === null) return Math.max(0, overLimit);
  const allowed = base + (maxIncrease.kind === 'amount' ? maxIncrease.value : base * maxIncrease.value);
  const hair = 1e-12 * Math.max(actual, base);
  return Math.max(0, overLimit, actual - allowed > hair ? actual - allowed : 0);
}
