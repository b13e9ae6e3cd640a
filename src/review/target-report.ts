/** One model on one target: compiled and simulated on both sides, compared, judged. */
import { subjectOf } from '../advise/what-if.ts';
import { appliesTo, judge, worstVerdict } from '../compare/budget.ts';
import type { Budget, GraphMatch, Waiver } from '../compare/comparison.ts';
import { diffSimulations } from '../compare/diff.ts';
import { diffTotals, type MissingSide, type TotalsSide } from '../compare/totals.ts';
import { applyWaivers } from '../compare/waiver.ts';
import { memoryTimelineOf } from '../report/memory-timeline.ts';
import type { MemoryTimeline, TargetReport } from '../report/report.ts';
import type { CompileOptions } from '../schedule/compile.ts';
import { targetIdentity } from '../schedule/document.ts';
import type { Target } from '../schedule/target.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { runSide, type Run } from './run-side.ts';
import type { Side } from './side.ts';
import { suggest } from './suggestions.ts';

export interface TargetInput {
  readonly model: { readonly path: string; readonly previousPath?: string; readonly name?: string };
  readonly base: Side;
  readonly head: Side;
  /** Undefined where one side is missing. */
  readonly match: GraphMatch | undefined;
  readonly target: Target;
  /** Ids that the target goes by. */
  readonly targetIds: readonly string[];
  readonly compileOptions: CompileOptions;
  readonly rateHertz: number | undefined;
  readonly budgets: readonly Budget[];
  readonly waivers: readonly Waiver[];
  readonly evaluatedOn: string | null;
  readonly expiresDays: number;
}

export interface TargetReview {
  readonly report: TargetReport;
  readonly base: Run;
  readonly head: Run;
}

export function reviewTarget(input: TargetInput): TargetReview {
  const base = runSide(input.base, input);
  const head = input.head === input.base ? base : runSide(input.head, input);
  return { report: targetReport(input, base, head), base, head };
}

function targetReport(input: TargetInput, base: Run, head: Run): TargetReport {
  const { target, match } = input;
  const totals = diffTotals(totalsOf(base), totalsOf(head));
  const diff = diffSimulations({
    base: base.simulation,
    head: head.simulation,
    ...(match === undefined ? {} : { match }),
    fileBytesDelta: totals.fileBytes.delta,
  });
  const budgets = judgeTarget(base, head, input);
  const schedules = [head.simulation, base.simulation].flatMap((one) =>
    typeof one === 'string' ? [] : [one.schedule],
  );
  return {
    target: describeTarget(target),
    verdict: worstVerdict(budgets.map((budget) => budget.verdict)),
    assumptions: [...new Set(schedules.flatMap((schedule) => schedule.assumptions))].sort(),
    unknownOperators: schedules[0]?.unknownOperators ?? [],
    coverage: schedules[0]?.coverage ?? 0,
    rateHertz: input.rateHertz ?? null,
    totals,
    budgets,
    layers: schedules.length > 0 || (totals.fileBytes.delta ?? 0) !== 0 ? diff.rows : [],
    memoryTimeline: { base: timelineOf(base.simulation), head: timelineOf(head.simulation) },
    suggestions: suggestionsOf(base, head, budgets, input),
  };
}

function describeTarget(target: Target): TargetReport['target'] {
  const { id, ...others } = targetIdentity(target);
  return { id, name: target.name, ...others };
}

function judgeTarget(base: Run, head: Run, input: TargetInput): TargetReport['budgets'] {
  const { model, targetIds, evaluatedOn, expiresDays } = input;
  const results = judge(input.budgets, { ...model, target: targetIds, base: base.measured, head: head.measured });
  return applyWaivers(results, input.waivers, { ...model, target: targetIds, evaluatedOn, expiresDays });
}

/** Of budgets that are missed and not waived. */
function suggestionsOf(base: Run, head: Run, results: TargetReport['budgets'], input: TargetInput) {
  const { model, targetIds } = input;
  if (input.head === 'absent' || input.head.kind !== 'prepared' || typeof head.simulation === 'string') return [];
  const judged = input.budgets.filter((budget) => appliesTo(budget, { ...model, target: targetIds }));
  const budgets = judged.filter((_, index) => results[index]?.waiver === undefined);
  const subject = subjectOf(input.head, { ...input.compileOptions, rateHertz: input.rateHertz });
  const goal = { budgets, model: { ...model, target: targetIds, base: base.measured } };
  return suggest(subject, head.simulation, goal, results);
}

function totalsOf({ measured }: Run): TotalsSide | MissingSide {
  return measured;
}

function timelineOf(simulation: Simulation | MissingSide): MemoryTimeline | null {
  return typeof simulation === 'string' ? null : memoryTimelineOf(simulation);
}
