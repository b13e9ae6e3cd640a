/** Notes on lines: of the config that set the broken budgets, and of the code that added the cost. */
import type { BudgetResult } from '../compare/comparison.ts';
import { budgetLine } from '../report/budget-line.ts';
import { middleCut, visibleName, visibleSentence } from '../report/inert.ts';
import { describeMetric } from '../report/metrics.ts';
import type { ModelReport, TargetReport } from '../report/report.ts';
import { printQuantity } from '../units.ts';
import type { Annotation } from './annotation.ts';
import { costAnnotations } from './cost-annotations.ts';
import type { RangeReview } from './review-range.ts';

/** GitHub takes 50 with one request. */
const maximumAnnotations = 50;

const levels: readonly Annotation['annotation_level'][] = ['failure', 'warning', 'notice'];

/** Failures first, of equal weight the budgets. */
export function annotationsOf(reviewed: RangeReview, configPath: string): readonly Annotation[] {
  const rank = (one: Annotation): number => levels.indexOf(one.annotation_level);
  return [...budgetAnnotations(reviewed, configPath), ...costAnnotations(reviewed)]
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, maximumAnnotations);
}

/** Each budget once for every model and target that breaks it. */
function budgetAnnotations({ report, settings }: RangeReview, configPath: string): readonly Annotation[] {
  return report.models.flatMap((model) =>
    model.targets.flatMap((target) =>
      target.budgets.flatMap((result): readonly Annotation[] => {
        const line = budgetLine(settings.config.budgets, result, { model, target });
        if (line === undefined || result.verdict === 'pass' || result.verdict === 'waived') return [];
        const level = result.verdict === 'warn' ? 'warning' : 'failure';
        return [
          {
            path: configPath,
            start_line: line,
            end_line: line,
            annotation_level: level,
            ...wordsOf(result, model, target),
          },
        ];
      }),
    ),
  );
}

function wordsOf(
  result: BudgetResult,
  model: ModelReport,
  target: TargetReport,
): Pick<Annotation, 'title' | 'message'> {
  const { label, quantity } = describeMetric(result.key);
  const print = (value: number | null): string => (value === null ? 'not measured' : printQuantity(value, quantity));
  const limit = result.limit === null ? '' : `, limit ${print(result.limit)}`;
  const base = result.base === null ? '' : `, base ${print(result.base)}`;
  const layer = result.layer === undefined ? '' : ` of the layers ${visibleName(result.layer, 80)}`;
  const reason = result.reason === undefined ? '' : `. ${visibleSentence(result.reason)}`;
  return {
    title: middleCut(`${label}: ${visibleName(model.path, 120)} on ${target.target.id}`, 255),
    message: `${label}${layer} ${print(result.actual)}${limit}${base}${reason}`,
  };
}
