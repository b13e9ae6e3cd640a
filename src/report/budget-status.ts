/** Every budget of a report in one table: its value, its limit, its verdict. */
import type { BudgetResult } from '../compare/comparison.ts';
import { printQuantity } from '../units.ts';
import { describeMetric, metricWords } from './metrics.ts';
import { list, paragraph, table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { modelsWorstFirst, targetsWorstFirst } from './ranking.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';
import { capitalized, marks, printBudget } from './totals-table.ts';

/** What is broken comes first. */
export function budgetStatusBlocks(report: Report): readonly Block[] {
  const judged = modelsWorstFirst(report).flatMap((model) =>
    targetsWorstFirst(model).flatMap((target) => target.budgets.map((budget) => ({ model, target, budget }))),
  );
  if (report.models.length === 0) return [paragraph('No model changed: there is nothing to judge.')];
  const reasons = judged.filter(({ budget }) => budget.reason !== undefined && budget.verdict !== 'pass');
  const errors = report.models.flatMap(({ path, errors: each }) =>
    each.map((one): Phrase => [named(path), ': ', said(one)]),
  );
  return [
    judged.length === 0
      ? paragraph('No budget applies to the changed models.')
      : table(['model', 'target', 'budget', '>base', '>head', '>limit', '^'], judged.map(row)),
    ...(reasons.length + errors.length === 0 ? [] : [list([...reasons.map(reasonPhrase), ...errors])]),
  ];
}

interface Judged {
  readonly model: ModelReport;
  readonly target: TargetReport;
  readonly budget: BudgetResult;
}

function row({ model, target, budget }: Judged): readonly Phrase[] {
  const { quantity } = describeMetric(budget.key);
  const value = (one: number | null): Phrase => [one === null ? '–' : printQuantity(one, quantity)];
  return [
    [named(model.path, 60)],
    [named(target.target.id)],
    subject(budget),
    value(budget.base),
    value(budget.actual),
    [printBudget(budget, quantity)],
    [marks([budget])],
  ];
}

function subject({ metric, layer }: BudgetResult): Phrase {
  return [capitalized(metricWords(metric)), ...(layer === undefined ? [] : [' of ', named(layer, 40)])];
}

function reasonPhrase({ model, target, budget }: Judged): Phrase {
  const place: Phrase = [named(model.path, 60), ' on ', named(target.target.id)];
  return joined([[...subject(budget), ' of ', ...place], [said(budget.reason ?? '')]], ': ');
}
