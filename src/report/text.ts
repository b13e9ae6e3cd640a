/** The report for a terminal: totals, then the rows that changed most, for every model and target. */
import { unicodeBars } from './fallback-charts.ts';
import { headline } from './headline.ts';
import { code, heading, list, paragraph, type Block } from './page.ts';
import { named, said, type Phrase } from './phrase.ts';
import { printText } from './print-text.ts';
import { isQuiet, modelsWorstFirst, targetsWorstFirst, verdictSymbols } from './ranking.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';
import { remarks } from './remarks.ts';
import { totalsTable } from './totals-table.ts';
import { whereBlocks, whereNote, whereTitle } from './where-table.ts';

const shownRows = 15;

/** Ends with a line break. */
export function renderText(report: Report): string {
  const models = modelsWorstFirst(report);
  const blocks = [
    heading(3, headline(report)),
    ...(report.notes.length === 0 ? [] : [list(report.notes.map((note): Phrase => [said(note)]))]),
    ...models.flatMap((model) => modelBlocks(model, models.length > 1)),
    paragraph(`model-budget `, named(report.tool.version), ', config ', named(report.configDigest)),
    code('sh', report.replay),
  ];
  return `${printText(blocks)}\n`;
}

function modelBlocks(model: ModelReport, several: boolean): readonly Block[] {
  const path = named(model.path);
  const problems = [...model.errors, ...model.warnings].map((problem): Phrase => [path, ': ', said(problem)]);
  const items = problems.length === 0 ? [] : [list(problems)];
  if (isQuiet(model)) return several ? [paragraph(path, `: ${model.change}, same cost`), ...items] : items;
  return [...items, ...targetsWorstFirst(model).flatMap((target) => targetBlocks(model, target))];
}

function targetBlocks(model: ModelReport, target: TargetReport): readonly Block[] {
  const { id, status } = target.target;
  const facts = [...remarks(target), ...target.assumptions.map((assumption): Phrase => [said(assumption)])];
  return [
    paragraph(`${verdictSymbols[target.verdict]} `, named(model.path), ' on ', named(id), ` (${status})`),
    totalsTable(target, model.status),
    ...(facts.length === 0 ? [] : [list(facts)]),
    ...(model.status === 'removed' ? [] : changedBlocks(target)),
  ];
}

function changedBlocks(target: TargetReport): readonly Block[] {
  const title = whereTitle(target, shownRows);
  if (title === undefined) return [];
  return [
    paragraph(title),
    ...whereNote(target, shownRows),
    ...whereBlocks(target, shownRows),
    code('text', unicodeBars(target, shownRows)),
  ];
}
