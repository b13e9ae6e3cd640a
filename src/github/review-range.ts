/** One range reviewed: its settings, its changed models, its report; or in one line why there is none. */
import packageDescription from '../../package.json' with { type: 'json' };
import { UserError } from '../errors.ts';
import { isTargetFile } from '../config.ts';
import type { PagePart } from '../report/html/page.ts';
import type { Report } from '../report/report.ts';
import type { Change } from '../review/changed-models.ts';
import {
  review,
  tracedReport,
  wantsSources,
  withSources,
  type ReviewInput,
  type ReviewProgress,
  type TracedReport,
} from '../review.ts';
import type { ChangeRange } from './changes.ts';
import { reasonOf, type GitHub } from './client.ts';
import { changedModelList, type Fetching } from './models.ts';
import type { ChangedLines } from './patch.ts';
import type { Range } from './range.ts';
import { changesOf, rangeFiles } from './range-models.ts';
import type { ResultStore } from './results.ts';
import { reviewModels } from './review-models.ts';
import { readSettings, type Settings, type SettingsInput } from './settings.ts';
import { commitFiles, type CommitFiles } from './tree.ts';
import type { WaiverReader } from './waivers/read-waivers.ts';
import type { RecordSet } from './waivers/record.ts';
import type { Verified } from './waivers/verify.ts';

export interface RangeReview {
  readonly range: Range;
  readonly settings: Settings;
  readonly report: Report;
  /** What its page needs, where it was asked for. */
  readonly parts?: readonly PagePart[];
  /** Lines that this range added to Python files, as far as GitHub gives them. */
  readonly changedLines: ChangedLines;
  /** Page of the repository. */
  readonly repositoryUrl: string;
  /** Waivers that later runs have to know of. */
  readonly kept?: RecordSet;
}

/** The config, what it extends or a target file could not be read: nothing may pass then. */
export interface UnreadableSettings {
  readonly range: Range;
  readonly problem: string;
  readonly kept?: RecordSet;
}

export interface RangeWaivers {
  readonly kept: RecordSet;
  readonly verified: WaiverReader['verified'];
}

export interface RangeOptions {
  readonly input: SettingsInput;
  readonly onProgress: (progress: ReviewProgress) => void;
  /** Asks for what a report page needs. */
  readonly page?: ReviewInput['page'];
  /** Where results of earlier reviews are. */
  readonly results?: ResultStore | undefined;
  /** What earlier runs kept, and how to tell what holds of it once the config says who may accept. */
  readonly waivers?: RangeWaivers;
}

export async function reviewRange(
  fetching: Fetching,
  range: Range,
  options: RangeOptions,
): Promise<RangeReview | UnreadableSettings> {
  const { github } = fetching;
  const tip = commitFiles(github, github.repository, range.base.sha);
  const settings = await readSettings(fetching, tip, options.input).catch((error: unknown) => {
    if (error instanceof UserError) return error.message;
    throw error;
  });
  const kept = options.waivers?.kept;
  if (typeof settings === 'string') return { range, problem: settings, ...(kept && { kept }) };
  const verified = await options.waivers?.verified(options.waivers.kept.records, settings.config.waivers.who);
  const files = rangeFiles(fetching, range, tip);
  const list = await changesOf(fetching, range, files);
  const repositoryUrl = `${github.serverUrl}/${github.repository.owner}/${github.repository.repo}`;
  const reviewed = (report: Report, parts?: readonly PagePart[]): RangeReview => ({
    ...{ range, settings, report, repositoryUrl },
    ...(parts && { parts }),
    ...(kept && verified && { kept: { ...kept, records: verified.records } }),
    changedLines: 'problem' in list ? new Map() : list.changedLines,
  });
  if ('problem' in list) return reviewed(unlisted(range, settings, list.problem));
  try {
    const request = { range, files, changes: list.changes, settings, options, verified };
    const traced = await reportOf(fetching, request);
    const report = await withHeadSources(github, traced, files.head);
    const notes = await proposalNotes(fetching, request);
    return reviewed({ ...report, notes: [...report.notes, ...notes] }, traced.parts);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return reviewed(unlisted(range, settings, error.message));
  }
}

/** Where GitHub does not list all files of the head no row has a source: one request is all that it is worth. */
async function withHeadSources({ log }: GitHub, traced: TracedReport, head: CommitFiles): Promise<Report> {
  if (!wantsSources(traced)) return traced.report;
  const files = await head.all().catch((error: unknown) => {
    log(`no lines of code are told: ${reasonOf(error)}`);
    return null;
  });
  return files === null
    ? traced.report
    : withSources(
        traced,
        files.filter(({ kind }) => kind === 'file'),
      );
}

interface ReportRequest {
  readonly range: Range;
  readonly files: ChangeRange;
  readonly changes: readonly Change[];
  readonly settings: Settings;
  readonly options: RangeOptions;
  readonly verified: Verified | undefined;
}

async function reportOf(fetching: Fetching, request: ReportRequest): Promise<TracedReport> {
  const { range, files, changes, settings, options, verified } = request;
  const { waivers = [], notes = [] } = verified ?? {};
  const { onProgress, page } = options;
  const onPageProblem = (error: unknown): void =>
    fetching.github.log(`a model has no part of the report page: ${reasonOf(error)}`);
  const input = { ...runOf(range, settings), waivers, notes, onProgress, ...(page && { page, onPageProblem }) };
  const changed = await changedModelList(fetching, files.head, changes, settings.config);
  return tracedReport(await reviewModels(fetching, changed, { files, input, store: options.results }), input);
}

/** The clock is read once; it only decides whether a waiver has expired. */
function runOf({ base, head, mergeBase }: Range, { config, targets }: Settings) {
  return {
    toolVersion: packageDescription.version,
    base: { ...base, mergeBase },
    head,
    evaluatedOn: new Date().toISOString().slice(0, 10),
    config,
    targets,
  };
}

/** Which models changed is not known: a report that says so and passes nothing. */
function unlisted(range: Range, settings: Settings, problem: string): Report {
  return { ...review({ ...runOf(range, settings), models: [] }), verdict: 'not-measured', notes: [problem] };
}

/** A change of the config, or of a target file that it names, binds after the merge; the verdict that it would give. */
async function proposalNotes(fetching: Fetching, request: ReportRequest): Promise<readonly string[]> {
  const { files, changes, settings, options } = request;
  const { configPath } = options.input;
  const own = settings.config.targets.filter(({ id }) => isTargetFile(id)).map(({ id }) => id.replace(/^\.\//, ''));
  const touched = [configPath, ...own].filter((path) =>
    changes.some((change) => change.path === path || change.previousPath === path),
  );
  if (touched.length === 0) return [];
  const opening = `This change edits ${touched.map((path) => `\`${path}\``).join(', ')}, which takes effect after the merge`;
  try {
    const proposed = await readSettings(fetching, files.head, options.input, { extended: settings.extended });
    const { page: _, ...withoutPage } = options;
    const { report } = await reportOf(fetching, { ...request, settings: proposed, options: withoutPage });
    return [`${opening}: the verdict would be "${report.verdict}".`];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [`${opening}, and cannot be read: ${error.message}`];
  }
}
