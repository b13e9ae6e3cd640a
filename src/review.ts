/** The use case: base and head of the changed models, a config, targets in; the report out. Pure and synchronous. */
import { worstVerdict } from './compare/budget.ts';
import type { BudgetResult, GraphMatch, ModelChange, Verdict, Waiver } from './compare/comparison.ts';
import { assumedTypes, printConfig, type Config } from './config.ts';
import type { ModelReport, Report, TargetReport } from './report/report.ts';
import type { PagePart } from './report/html/page.ts';
import { shellWord } from './report/shell-word.ts';
import type { HeadFile } from './report/source-line.ts';
import type { CompiledModel } from './review/neighbour-subject.ts';
import { compiledSide, pageModel, type ViewOf } from './review/page-part.ts';
import { compileOptions, lacksWeights, matchSides } from './review/pair.ts';
import { entryOf, readSides, type ReviewedModel } from './review/model-sides.ts';
import type { Side } from './review/side.ts';
import { tracesOf, wantsSources, withSources, type TracedReport, type Traces } from './review/sources.ts';
import { reviewTarget } from './review/target-report.ts';
import type { Target } from './schedule/target.ts';

export type { ReviewedModel } from './review/model-sides.ts';
export type { ReviewedSide } from './review/side.ts';
export { wantsSources, withSources, type TracedReport } from './review/sources.ts';

export interface ReviewProgress {
  readonly path: string;
  readonly stage: 'read' | 'match' | 'simulate';
  /** Of the stage `simulate`. */
  readonly target?: string;
}

export interface ReviewInput {
  readonly toolVersion: string;
  readonly base: Report['base'];
  readonly head: Report['head'];
  /** ISO date; decides whether waivers have expired and nothing else. */
  readonly evaluatedOn: string | null;
  /** With the texts of the repository's own target files in place. */
  readonly config: Config;
  /** One for each of the config's targets, in its order. */
  readonly targets: readonly Target[];
  readonly waivers?: readonly Waiver[];
  readonly models: Iterable<ReviewedModel>;
  /** Compressed sizes even where no budget asks for them. */
  readonly download?: boolean;
  /** The shell line that computes this report again; made from the commits when absent. */
  readonly replay?: string;
  readonly notes?: readonly string[];
  /**
   * The files of the head, in which rows find the line of code that made them; null where nobody can list them. Called
   * at most once, and only where a row that changed has a stack trace of its exporter.
   */
  readonly headFiles?: () => readonly HeadFile[] | null;
  /** Asks for what a report page needs beside the report. */
  readonly page?: ViewOf;
  /** Is handed each model on each target as it was compiled, for who makes more of it than a report. */
  readonly onCompiled?: (compiled: CompiledModel) => void;
  /** Is told why a model has no part of the page; absent: it is thrown. */
  readonly onPageProblem?: (error: unknown) => void;
  readonly onProgress?: (progress: ReviewProgress) => void;
}

type ReportInput = Omit<ReviewInput, 'models'>;

export function review(input: ReviewInput): Report {
  return reviewWithParts(input).report;
}

/** With what a report page needs, where `page` asks for it. */
export function reviewWithParts(input: ReviewInput): Pick<TracedReport, 'report' | 'parts'> {
  const traced = reviewTraced(input);
  const files = input.headFiles !== undefined && wantsSources(traced) ? input.headFiles() : null;
  return { report: files === null ? traced.report : withSources(traced, files), parts: traced.parts };
}

/** For who has to wait for the files of the head: `withSources` puts them in. `headFiles` is not called. */
export function reviewTraced(input: ReviewInput): TracedReport {
  return tracedReport(
    Array.from(input.models, (model) => reviewModel(model, input)),
    input,
  );
}

/** Of models that were reviewed one by one; the `models` of the input are not looked at. */
export function tracedReport(reviewed: readonly TracedModel[], input: ReportInput): TracedReport {
  const models = reviewed.map(({ model }) => model);
  return {
    report: reportOf(models, input),
    traces: new Map(reviewed.flatMap(({ traces }) => [...traces])),
    parts: reviewed.flatMap(({ page }) => page ?? []),
  };
}

function reportOf(unsorted: readonly ModelReport[], input: ReportInput): Report {
  const models = unsorted.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const { text, digest } = printConfig(input.config);
  const waivers = input.waivers ?? [];
  return {
    schema: 'model-budget/report@1',
    tool: { version: input.toolVersion },
    base: input.base,
    head: input.head,
    evaluatedOn: waivers.length > 0 ? input.evaluatedOn : null,
    ...(waivers.length > 0 ? { waivers } : {}),
    configDigest: digest,
    config: text,
    replay: input.replay ?? replayLine(input),
    verdict: worstVerdict(models.map((model) => model.verdict)),
    models,
    notes: [...(input.notes ?? []), ...strayBudgets(input)],
  };
}

/** A budget for a target that this review does not have would otherwise be met in silence. */
function strayBudgets({ config, targets }: ReportInput): readonly string[] {
  const known = new Set([...config.targets, ...targets].map(({ id }) => id));
  const named = new Set(config.budgets.flatMap(({ target }) => target ?? []));
  return [...named]
    .filter((id) => !known.has(id))
    .map((id) => `budgets for \`${id}\` are not judged: it is not among the targets`);
}

/** 1: a budget fails; 3: something that a budget needs could not be measured; 0: all else. */
export function exitCode(report: Report): 0 | 1 | 3 {
  return verdictsExitCode(report.models.flatMap((model) => budgetsOf(model.targets).map((budget) => budget.verdict)));
}

/** Of the budgets' verdicts. */
export function verdictsExitCode(verdicts: readonly Verdict[]): 0 | 1 | 3 {
  if (verdicts.includes('fail')) return 1;
  return verdicts.includes('not-measured') ? 3 : 0;
}

/** What a review says of one model, with the traces of its rows. */
export interface TracedModel {
  readonly model: ModelReport;
  readonly traces: Traces;
  /** Where it was asked for. */
  readonly page?: PagePart;
}

export function reviewModel(model: ReviewedModel, input: ReportInput): TracedModel {
  const progress = (stage: ReviewProgress['stage'], target?: string): void => {
    input.onProgress?.({ path: model.path, stage, ...(target === undefined ? {} : { target }) });
  };
  progress('read');
  const entry = entryOf(model, input.config);
  const [base, head] = readSides(model, entry, asksForDownload(input));
  progress('match');
  const pair = isPrepared(base) && isPrepared(head) ? matchSides(base, head) : undefined;
  const match = pair?.match;
  const options = compileOptions(base, head, entry?.assumeDtype && assumedTypes[entry.assumeDtype]);
  const { path, previousPath } = model;
  const status = pair?.sameFiles === true && model.status === 'modified' ? 'unchanged' : model.status;
  const named = {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    ...(entry?.name === undefined ? {} : { name: entry.name }),
  };
  const targetIds = targetIdsOf(input.targets, input.config);
  const reviewed = input.targets.map((target, index) => {
    progress('simulate', target.id);
    const { report, ...runs } = reviewTarget({
      ...{ model: named, base, head, match, target },
      targetIds: targetIds[index]!,
      compileOptions: options,
      rateHertz: entry?.rateHertz,
      budgets: input.config.budgets,
      waivers: input.waivers ?? [],
      evaluatedOn: input.evaluatedOn,
      expiresDays: input.config.waivers.expiresDays,
    });
    const sides = { base: compiledSide(base, runs.base, options), head: compiledSide(head, runs.head, options) };
    input.onCompiled?.({ path, report, sides });
    return { report, view: attempted(input, () => input.page?.(report.layers, sides)) };
  });
  const targets = reviewed.map(({ report }) => report);
  const report: ModelReport = {
    ...named,
    status,
    change: changeOf(base, head, match),
    verdict: verdictOf(targets, [base, head]),
    errors: errorsOf(base, head),
    warnings: warningsOf(base, head, match),
    targets,
  };
  const traced = { model: report, traces: tracesOf(head, targets) };
  const views = reviewed.flatMap(({ view }) => view ?? []);
  if (input.page === undefined || views.length < targets.length) return traced;
  const setting = { targets: input.targets, compileOptions: options, rateHertz: entry?.rateHertz };
  const own = attempted(input, () => pageModel(named, [base, head], setting));
  return own === undefined ? traced : { ...traced, page: { model: own, views } };
}

/** Undefined where it fails and somebody is there to be told: a verdict stands without its page. */
function attempted<T>({ onPageProblem }: ReportInput, make: () => T): T | undefined {
  if (onPageProblem === undefined) return make();
  try {
    return make();
  } catch (error) {
    onPageProblem(error);
    return undefined;
  }
}

/** Of each target: its own id, and that by which the config names it. */
export function targetIdsOf(targets: readonly Target[], config: Config): readonly (readonly string[])[] {
  return targets.map(({ id }, index) => [
    id,
    ...(config.targets[index] === undefined ? [] : [config.targets[index].id]),
  ]);
}

function asksForDownload({ download, config }: ReportInput): boolean {
  return download === true || config.budgets.some(({ metric }) => metric === 'download');
}

function isPrepared(side: Side): side is Extract<Side, { kind: 'prepared' }> {
  return side !== 'absent' && side.kind === 'prepared';
}

function changeOf(base: Side, head: Side, match: GraphMatch | undefined): ModelChange {
  if (match !== undefined) return match.change;
  const unreadable = [base, head].some((side) => side !== 'absent' && side.kind === 'opaque');
  return unreadable ? 'not-measured' : 'changed';
}

function budgetsOf(targets: readonly TargetReport[]): readonly BudgetResult[] {
  return targets.flatMap((target) => target.budgets);
}

/** The worst of the budgets that apply; with none, a model that cannot be read is not measured. */
function verdictOf(targets: readonly TargetReport[], sides: readonly [Side, Side]): ModelReport['verdict'] {
  const budgets = budgetsOf(targets);
  if (budgets.length > 0) return worstVerdict(budgets.map((budget) => budget.verdict));
  // Whatever it was, it costs nothing any more.
  if (sides[1] === 'absent') return 'pass';
  return sides.some((side) => side !== 'absent' && side.kind === 'opaque') ? 'not-measured' : 'pass';
}

function errorsOf(base: Side, head: Side): readonly string[] {
  return [...errorOf('base', base), ...errorOf('head', head)];
}

function errorOf(name: string, side: Side): readonly string[] {
  return side !== 'absent' && side.kind === 'opaque' ? [`${name}: ${side.reason}`] : [];
}

function warningsOf(base: Side, head: Side, match: GraphMatch | undefined): readonly string[] {
  const [from, to] = [base, head].map((side) => (isPrepared(side) ? side.prepared.model.warnings : []));
  const both = new Set(to?.filter((warning) => from?.includes(warning)));
  return [
    ...both,
    ...(from ?? []).filter((warning) => !both.has(warning)).map((warning) => `base: ${warning}`),
    ...(to ?? []).filter((warning) => !both.has(warning)).map((warning) => `head: ${warning}`),
    ...unknownInBase(base, head),
    ...(lacksWeights(match) ? ['weights not available: whether they changed is not known'] : []),
  ];
}

/** The head's are told with each target; what the base lacks makes the change look larger than it is. */
function unknownInBase(base: Side, head: Side): readonly string[] {
  const [before, after] = [base, head].map((side) => (isPrepared(side) ? side.prepared.unknownOperators : []));
  if (before === undefined || before.length === 0 || JSON.stringify(before) === JSON.stringify(after)) return [];
  const names = before.map(({ operator, count }) => `\`${operator}\` ×${count}`);
  return [`base: unknown operators, whose cost is missing: ${names.join(', ')}`];
}

/** With every flag that the config does not hold. */
function replayLine({ toolVersion, base, head, evaluatedOn, waivers, download }: ReportInput): string {
  const from = base.mergeBase ?? base.sha ?? base.ref;
  const to = head.sha ?? head.ref;
  const commits = [from, to].flatMap((name) => name ?? []);
  const flags = [
    '--config model-budget.yml',
    ...(download === true ? ['--download'] : []),
    ...((waivers ?? []).length > 0 ? ['--waivers waivers.json'] : []),
    ...((waivers ?? []).length > 0 && evaluatedOn !== null ? [`--evaluated-on ${evaluatedOn}`] : []),
  ];
  const command = from === null && to !== null ? 'view' : 'diff';
  return [`npx model-budget@${toolVersion} ${command}`, ...commits.map(shellWord), ...flags].join(' ');
}
