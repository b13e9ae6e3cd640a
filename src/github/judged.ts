/** What a run found, with or without a report. */
import { UserError } from '../errors.ts';
import { visibleSentence } from '../report/inert.ts';
import type { CheckResult } from './check.ts';
import { reasonOf, statusOf } from './client.ts';
import type { Reviewed } from './outcome.ts';
import type { TimelyPage } from './report-page.ts';

export interface Judged {
  readonly result: CheckResult;
  /** The subject's own range first; empty where the run ended before there was one. */
  readonly reviews: readonly Reviewed[];
  /** Of the report, where it is made before the check says anything. */
  readonly page?: TimelyPage | undefined;
  /** Why there is no report of the subject's own range, in one line. */
  readonly problem?: string;
  /** The token may not read the repository's contents. */
  readonly contentsRefused: boolean;
}

/** The title of a check that shows no numbers. */
export const failedTitle = '❌ model-budget: the change could not be judged';

/** What the check says when a run ends without a report. `text`: what later runs have to know all the same. */
export function failedResult(error: unknown, text?: string): CheckResult {
  return {
    conclusion: 'failure',
    title: failedTitle,
    // A code block of one line: nothing in it acts.
    summary: `### ${failedTitle}\n\nSo it does not pass:\n\n    ${problemOf(error)}\n`,
    ...(text === undefined ? {} : { text }),
    annotations: [],
  };
}

/** In one line. */
export function problemOf(error: unknown): string {
  if (error instanceof UserError) return visibleSentence(error.message);
  if (statusOf(error) !== undefined)
    return visibleSentence(`GitHub's API does not answer as it should: ${reasonOf(error)}`);
  return visibleSentence(`a defect of the program: ${String(error)}`);
}
