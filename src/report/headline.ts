/** The line that a notification mail shows: what broke, in which model, on which target. */
import type { Verdict } from '../compare/comparison.ts';
import { printChange, printDelta, printQuantity } from '../units.ts';
import { named, type Phrase } from './phrase.ts';
import { isQuiet, limitVerdicts, modelsWorstFirst, targetsWorstFirst, verdictSymbols } from './ranking.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';

/** From the symbol on, without the heading's markup. */
export function headline(report: Report): Phrase {
  return [`${headlineSymbol(report)} model-budget: `, ...news(report)];
}

/** What is left where even the names have no room. */
export function shortHeadlines(report: Report): readonly Phrase[] {
  const symbol = headlineSymbol(report);
  return [[`${symbol} model-budget: ${verdictWords[report.verdict]}`], [`${symbol} model-budget`], [symbol]];
}

const verdictWords: Readonly<Record<Verdict, string>> = {
  pass: 'pass',
  waived: 'breach accepted',
  warn: 'warning',
  'not-measured': 'not measured',
  fail: 'over budget',
};

/** Without budgets there is nothing to pass. */
function headlineSymbol(report: Report): string {
  const judged = report.models.some((model) => model.targets.some((target) => target.budgets.length > 0));
  return report.verdict === 'pass' && !judged && !report.models.every(isQuiet) ? 'ℹ️' : verdictSymbols[report.verdict];
}

function news(report: Report): Phrase {
  const models = modelsWorstFirst(report);
  const [worst] = models;
  if (worst === undefined) {
    return [report.verdict === 'not-measured' ? 'which models changed is not known' : 'no model changed'];
  }
  if (models.every(isQuiet)) return quietNews(models);
  const alike = models.filter((model) => model.verdict === worst.verdict && !isQuiet(model)).length - 1;
  return [...modelNews(worst), alike === 0 ? '' : `; ${counted(alike, 'more model')} ${wordsForMore[worst.verdict]}`];
}

const wordsForMore: Readonly<Record<Verdict, string>> = {
  pass: 'changed',
  waived: 'over budget, accepted',
  warn: 'with warnings',
  'not-measured': 'not measured',
  fail: 'over budget',
};

function quietNews(models: readonly ModelReport[]): Phrase {
  const [first] = models;
  const subject: Phrase = models.length === 1 ? [named(first!.path)] : [counted(models.length, 'model')];
  if (models.every((model) => model.change === 'identical')) {
    return ['nothing changed in ', ...subject, ': weights and structure are identical'];
  }
  if (models.every((model) => model.change === 'retrained')) {
    return [...subject, ' retrained only: same architecture, same cost'];
  }
  return [...subject, ' retrained or identical: same architecture, same cost'];
}

function modelNews(model: ModelReport): Phrase {
  const [target] = targetsWorstFirst(model);
  const path = named(model.path);
  if (model.status === 'removed') return [path, ' was removed'];
  if (target === undefined) return [path, model.errors.length > 0 ? ' could not be measured' : ' changed'];
  const place: Phrase = [' on ', named(target.target.id), ...moreTargets(model, target)];
  if (target.budgets.length === 0) {
    return model.verdict === 'not-measured'
      ? [path, ' could not be measured']
      : [path, ...changeNews(model, target), ...place];
  }
  return [path, ...budgetNews(target, model.verdict), ...place];
}

function moreTargets(model: ModelReport, lead: TargetReport): Phrase {
  const more = model.targets.filter((target) => target !== lead && target.verdict === lead.verdict).length;
  return more === 0 ? [] : [` and ${counted(more, 'more target')}`];
}

function budgetNews({ budgets, totals }: TargetReport, verdict: Verdict): Phrase {
  const limits = budgets.flatMap(limitVerdicts);
  const affected = limits.filter((one) => one === verdict).length;
  const share = limits.length === 1 ? 'its budget' : `${affected} of ${limits.length} budgets`;
  switch (verdict) {
    case 'fail':
      return [` exceeds ${share}`];
    case 'not-measured':
      return [`: ${share} could not be measured`];
    case 'warn':
      return [`: ${share} with a warning`];
    case 'waived':
      return [` exceeds ${share}, accepted,`];
    case 'pass':
      return [` meets ${limits.length === 1 ? 'its budget' : `all ${limits.length} budgets`}${growth(totals)}`];
  }
}

function growth({ latencySeconds: { delta, ratio } }: TargetReport['totals']): string {
  return delta === null || delta === 0 || ratio === null ? '' : ` (latency ${printChange(ratio - 1)})`;
}

function changeNews(model: ModelReport, { totals }: TargetReport): Phrase {
  const { head, delta } = totals.latencySeconds;
  if (model.status === 'added') return [head === null ? ' is new' : ` is new: ${printQuantity(head, 'time')}`];
  if (delta === null) return [' changed'];
  return [
    `: latency ${delta === 0 ? 'unchanged' : printDelta(delta, 'time')}${growth(totals).replace(' (latency ', ' (')}`,
  ];
}

/** `1 model`, `3 models` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
