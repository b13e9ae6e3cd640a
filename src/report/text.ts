/** The report for a terminal: totals, then the rows that changed most, for every model and target. */
import { unknownPhrase } from './computed.ts';
import { unicodeBars } from './fallback-charts.ts';
import { headline } from './headline.ts';
import { code, heading, list, paragraph, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { printText } from './print-text.ts';
import { isQuiet, modelsWorstFirst, targetsWorstFirst, verdictSymbols } from './ranking.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';
import { budgetRemarks, totalsTable } from './totals-table.ts';
import { whereBlocks, whereTitle } from './where-table.ts';

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
  const remarks = [...model.errors, ...model.warnings].map((remark): Phrase => [said(remark)]);
  const items = remarks.length === 0 ? [] : [list(remarks)];
  if (isQuiet(model)) return several ? [paragraph(named(model.path), `: ${model.change}, same cost`), ...items] : items;
  return [...items, ...targetsWorstFirst(model).flatMap((target) => targetBlocks(model, target))];
}

function targetBlocks(model: ModelReport, target: TargetReport): readonly Block[] {
  const title = whereTitle(target, shownRows);
  const where: readonly Block[] =
    title === undefined
      ? []
      : [paragraph(title), ...whereBlocks(target, shownRows), code('text', unicodeBars(target, shownRows))];
  const { unknownOperators, assumptions } = target;
  const facts: readonly Phrase[] = [
    ...budgetRemarks(target),
    ...assumptions.map((assumption): Phrase => [said(assumption)]),
    ...(unknownOperators.length === 0
      ? []
      : [['unknown operators: ', ...joined(unknownOperators.map(unknownPhrase), ', ')]]),
  ];
  return [
    paragraph(
      `${verdictSymbols[target.verdict]} `,
      named(model.path),
      ' on ',
      named(target.target.id),
      ` (${target.target.status})`,
    ),
    totalsTable(target, model.status),
    ...(facts.length === 0 ? [] : [list(facts)]),
    ...where,
  ];
}
