/** One review as the Action and the App make it: from a check run that stands to its conclusion, and then the comment. */
import { UserError } from '../errors.ts';
import { visibleSentence } from '../report/inert.ts';
import { completeCheck } from './check.ts';
import { isForbidden, type GitHub } from './client.ts';
import { failedResult, problemOf, type Judged } from './judged.ts';
import type { JudgeOptions } from './judge.ts';
import type { Publication, Published } from './publish.ts';
import type { SettingsInput } from './settings.ts';

export interface ReviewRun extends Omit<JudgeOptions, 'settings'>, Omit<Publication, 'when'> {
  /** May throw a `UserError`: the check says so then. */
  readonly readSettings: () => SettingsInput;
  /** A run that broke comes again: its check stays open, and the error is thrown. */
  readonly isRepeated?: boolean;
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
  try {
    const settings = run.readSettings();
    // Loaded once the check stands.
    const { judge, checkResultOf } = await import('./judge.ts');
    const reviews = await judge(github, run.subject, { settings, folder: run.folder, cache: run.cache });
    return { result: checkResultOf(reviews, settings.configPath), reviews, contentsRefused: false };
  } catch (error) {
    if (!(error instanceof UserError) && run.isRepeated === true) throw error;
    if (!(error instanceof UserError))
      github.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const contentsRefused = error instanceof UserError && isForbidden(error.cause);
    return { result: failedResult(error), reviews: [], problem: problemOf(error), contentsRefused };
  }
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
