/** The order in which a reader should see models and targets: what is broken first. */
import type { BudgetResult, Verdict } from '../compare/comparison.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';

export const verdictSymbols: Readonly<Record<Verdict, string>> = {
  pass: '✅',
  waived: '☑️',
  warn: '⚠️',
  'not-measured': '❔',
  fail: '❌',
};

/** One verdict for each limit of a budget, an absolute one before an increase: 30 ms and +5% are two. */
export function limitVerdicts({ waiver, verdicts }: BudgetResult): readonly Verdict[] {
  const each = [verdicts.max, verdicts.maxIncrease].filter((one) => one !== null);
  return each.map((one) => (waiver !== undefined && one === 'fail' ? 'waived' : one));
}

const worstVerdictsFirst: readonly Verdict[] = ['fail', 'not-measured', 'warn', 'waived', 'pass'];
const largestChangeFirst: readonly ModelReport['change'][] = ['not-measured', 'changed', 'retrained', 'identical'];

export function modelsWorstFirst(report: Report): readonly ModelReport[] {
  return report.models.toSorted(
    (a, b) =>
      worstVerdictsFirst.indexOf(a.verdict) - worstVerdictsFirst.indexOf(b.verdict) ||
      largestChangeFirst.indexOf(a.change) - largestChangeFirst.indexOf(b.change) ||
      latencyGrowth(b) - latencyGrowth(a),
  );
}

/** Of equal verdicts the target with more broken limits leads, then the one that the config names first. */
export function targetsWorstFirst(model: ModelReport): readonly TargetReport[] {
  return model.targets.toSorted(
    (a, b) =>
      worstVerdictsFirst.indexOf(a.verdict) - worstVerdictsFirst.indexOf(b.verdict) ||
      brokenLimits(b) - brokenLimits(a),
  );
}

function brokenLimits({ verdict, budgets }: TargetReport): number {
  return budgets.flatMap(limitVerdicts).filter((one) => one === verdict).length;
}

/** Nothing to see: the same model, or the same with other weights, and no budget that says otherwise. */
export function isQuiet(model: ModelReport): boolean {
  const same = model.change === 'identical' || model.change === 'retrained';
  return same && model.verdict === 'pass' && model.errors.length === 0 && model.targets.every(costsTheSame);
}

function costsTheSame({ totals }: TargetReport): boolean {
  return totals.latencySeconds.delta === 0 && totals.energyJoules.delta === 0 && totals.peakMemoryBytes.delta === 0;
}

function latencyGrowth(model: ModelReport): number {
  return Math.max(0, ...model.targets.map(({ totals }) => totals.latencySeconds.delta ?? 0));
}
