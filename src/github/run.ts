/** One review as the Action and the App make it: from a check run that stands to its conclusion, and then the comment. */
import { UserError } from '../errors.ts';
import { visibleSentence } from '../report/inert.ts';
import { completeCheck, keepInCheck } from './check.ts';
import { isForbidden, type GitHub } from './client.ts';
import { pageInTime } from './report-page.ts';
import { failedResult, problemOf, type Judged } from './judged.ts';
import type { JudgeOptions } from './judge.ts';
import type { Reviewed } from './outcome.ts';
import type { Publication, Published } from './publish.ts';
import type { SettingsInput } from './settings.ts';
import type { WaiverReader } from './waivers/read-waivers.ts';
import type { WaiverRecord } from './waivers/record.ts';

export interface ReviewRun extends Omit<JudgeOptions, 'settings' | 'waivers' | 'hasPage'>, Omit<Publication, 'when'> {
  /** May throw a `UserError`: the check says so then. */
  readonly readSettings: () => SettingsInput;
  /** A run that broke comes again: its check stays open, and the error is thrown. */
  readonly isRepeated?: boolean;
  /** The page is kept in moments, so that the check links it from the start. */
  readonly isPageFirst?: boolean;
  /** The App hears when a button of the check is pressed. */
  readonly hasButtons?: boolean;
  /** A waiver that was given just now: this run is the first that keeps it. */
  readonly given?: readonly WaiverRecord[];
  /** Told before anything is judged: the text that a check has to have however it ends. */
  readonly onKept?: (text: string) => void;
}

export interface ReviewOutcome {
  readonly judged: Judged;
  /** The check says it. */
  readonly isChecked: boolean;
  /** Null: something broke on the way, and the log says what. */
  readonly published: Published | null;
}

/** Whatever happens, the check is completed, and what could not be written changes no verdict. */
export async function runReview(github: GitHub, run: ReviewRun): Promise<ReviewOutcome> {
  const judged = await judgeSafely(github, run);
  const { result } = judged;
  const isChecked = await completeCheck(github, run.check, result);
  github.log(`${result.title} (${result.conclusion})`);
  return { judged, isChecked, published: await publishSafely(github, judged, run) };
}

/** Whatever happens, there is a result for the check. */
async function judgeSafely(github: GitHub, run: ReviewRun): Promise<Judged> {
  const { waivers, text } = await keptWaivers(github, run);
  try {
    const settings = run.readSettings();
    // Loaded once the check stands.
    const { judge, checkResultOf, buttonsOf } = await import('./judge.ts');
    const { folder, cache, results } = run;
    const hasPage = run.keepPage !== undefined;
    const reviews = await judge(github, run.subject, { settings, folder, cache, waivers, results, hasPage });
    if (isWorthAnother(github, run) && reviews.some(isIncomplete)) throw new Error('GitHub did not answer all of it');
    const page = run.isPageFirst === true ? await pageInTime(github, reviews[0], run.keepPage) : undefined;
    const result = checkResultOf(github, reviews, { configPath: settings.configPath, page: page?.inTime });
    const actions = run.hasButtons === true ? buttonsOf(reviews) : [];
    return { result: { ...result, actions }, reviews, page, contentsRefused: false };
  } catch (error) {
    if (run.isRepeated === true && (!(error instanceof UserError) || isWorthAnother(github, run))) throw error;
    if (!(error instanceof UserError))
      github.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const contentsRefused = error instanceof UserError && isForbidden(error.cause);
    return { result: failedResult(error, text), reviews: [], problem: problemOf(error), contentsRefused };
  }
}

/** A failure that may be over soon must not become a verdict while there are tries left. */
function isWorthAnother({ hasFailed }: GitHub, { isRepeated }: ReviewRun): boolean {
  return isRepeated === true && hasFailed?.() === true;
}

function isIncomplete(reviewed: Reviewed): boolean {
  if ('problem' in reviewed || reviewed.report.verdict === 'not-measured') return true;
  return reviewed.report.models.some(({ verdict }) => verdict === 'not-measured');
}

interface KeptWaivers {
  readonly waivers: WaiverReader;
  /** Of the subject's own; undefined where nobody knows of any. */
  readonly text: string | undefined;
}

/** Passed on before anything else, so that a run that ends early, or is killed, forgets none. */
async function keptWaivers(github: GitHub, run: ReviewRun): Promise<KeptWaivers> {
  const { waiverReader, keptText } = await import('./waivers/read-waivers.ts');
  const waivers = waiverReader(github, run);
  const kept = await waivers.ofSubject(run.subject);
  const text = keptText(github, [kept]);
  if (text !== undefined && kept.records.length > 0) {
    run.onKept?.(text);
    await keepInCheck(github, run.check, text);
  }
  return { waivers, text };
}

async function publishSafely(github: GitHub, judged: Judged, run: ReviewRun): Promise<Published | null> {
  try {
    const { publishReport } = await import('./publish.ts');
    return await publishReport(github, judged, { ...run, when: askedWhen(run) });
  } catch (error) {
    github.log(`a part of the report could not be written: ${visibleSentence(String(error))}`);
    return null;
  }
}

function askedWhen({ readSettings }: ReviewRun): SettingsInput['comment'] {
  try {
    return readSettings().comment;
  } catch {
    return undefined;
  }
}
