/** The buttons of a check run, which do what the commands do. Only Apps hear of them. */
import type { BudgetMetric } from '../../compare/comparison.ts';
import type { Suggestion } from '../../report/report.ts';
import { quote } from '../../optimizations/grammar.ts';
import type { CheckAction } from '../check.ts';
import type { Reviewed } from '../outcome.ts';

export const buttonNames = ['accept', 'try-fix', 'rerun'] as const;
export type ButtonName = (typeof buttonNames)[number];

/** GitHub takes three, with labels of 20 characters and descriptions of 40. */
const buttons: Readonly<Record<ButtonName, CheckAction>> = {
  accept: { identifier: 'accept', label: 'Accept', description: 'Accepts these values, and none above' },
  'try-fix': { identifier: 'try-fix', label: 'Try the fix', description: 'Simulates the smallest edit that helps' },
  rerun: { identifier: 'rerun', label: 'Re-run', description: 'Reviews this commit again' },
};

/** Of the subject's own range: the others have their own pull requests. */
export function buttonsOf([own]: readonly Reviewed[]): readonly CheckAction[] {
  const names: readonly ButtonName[] = [
    ...(own !== undefined && exceededMetrics(own).length > 0 ? ['accept' as const] : []),
    ...(own !== undefined && firstFix(own) !== undefined ? ['try-fix' as const] : []),
    'rerun',
  ];
  return names.map((name) => buttons[name]);
}

/** Of failed budgets, each once. */
export function exceededMetrics(reviewed: Reviewed): readonly BudgetMetric[] {
  if ('problem' in reviewed) return [];
  const budgets = reviewed.report.models.flatMap(({ targets }) => targets.flatMap((target) => target.budgets));
  return [...new Set(budgets.filter(({ verdict }) => verdict === 'fail').map(({ metric }) => metric))];
}

export interface Fix {
  readonly path: string;
  readonly target: string;
  readonly suggestion: Suggestion;
}

/** The first that the review's comment shows. */
export function firstFix(reviewed: Reviewed): Fix | undefined {
  if ('problem' in reviewed) return undefined;
  for (const { path, targets } of reviewed.report.models) {
    for (const { target, suggestions } of targets) {
      const [suggestion] = suggestions;
      if (suggestion !== undefined) return { path, target: target.id, suggestion };
    }
  }
  return undefined;
}

/** As somebody would write it: on the model and the target that it was found for. */
export function fixCommand({ path, target, suggestion }: Fix): string {
  return `/simulate ${suggestion.edits} model=${quote(literalGlob(path))} target=${quote(target)}`;
}

/** A path that holds what means something in a glob stands for itself. */
function literalGlob(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}
