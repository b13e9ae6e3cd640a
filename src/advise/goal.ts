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

/** Budgets that the simulation misses. What cannot be judged on either side of an edit is no miss. */
export function missesOf(goal: Goal, simulation: Simulation): readonly Miss[] {
  const results = judge(goal.budgets, { ...goal.model, head: measuredSide(simulation) });
  return results.flatMap((result) => {
    const excess = excessOf(result);
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
