/** The report as its versioned document: one line, keys in the order of the contract, numbers unrounded. */
import type { DiffRow } from '../compare/comparison.ts';
import { jsonLine } from './json-line.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';

/** Ends with a line break. */
export function renderJson(report: Report): string {
  const { schema, tool, base, head, evaluatedOn, waivers, configDigest, config, replay } = report;
  const { verdict, models, notes } = report;
  const { ref, sha, mergeBase } = base;
  const document: Report = {
    schema,
    tool: { version: tool.version },
    base: { ref, sha, mergeBase },
    head: { ref: head.ref, sha: head.sha },
    evaluatedOn,
    ...(waivers === undefined ? {} : { waivers }),
    ...{ configDigest, verdict },
    models: models.map(orderedModel),
    ...{ notes, replay, config },
  };
  return `${jsonLine(document)}\n`;
}

function orderedModel({ path, previousPath, name, status, change, ...model }: ModelReport): ModelReport {
  const { verdict, errors, warnings, targets } = model;
  return {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    ...(name === undefined ? {} : { name }),
    ...{ status, change, verdict, errors, warnings },
    targets: targets.map(orderedTarget),
  };
}

function orderedTarget(report: TargetReport): TargetReport {
  const { target, verdict, assumptions, unknownOperators, coverage, rateHertz, totals } = report;
  const { budgets, layers, memoryTimeline, suggestions } = report;
  return {
    ...{ target, verdict, assumptions, unknownOperators, coverage, rateHertz, totals, budgets },
    layers: layers.map(orderedRow),
    ...{ suggestions, memoryTimeline },
  };
}

function orderedRow({ match, name, source, ...row }: DiffRow): DiffRow {
  const { status, evidence, confidence } = match;
  const { base, head, delta, changes, setsPeakMemory } = row;
  return {
    name,
    ...(source === undefined ? {} : { source }),
    ...{ match: { status, evidence, confidence }, base, head, delta, changes, setsPeakMemory },
  };
}
