/** What a run found, with or without a report. */
import type { Config } from '../config/record.ts';
import { UserError } from '../errors.ts';
import type { CheckResult } from '../github/check.ts';
import { reasonOf, statusOf } from '../github/client.ts';
import type { Reviewed } from '../github/outcome.ts';
import { visibleSentence } from '../report/inert.ts';

export interface Judged {
  readonly result: CheckResult;
  /** The subject's own range first; empty where the run ended before there was one. */
  readonly reviews: readonly Reviewed[];
  readonly failOn: 'fail' | 'never';
  /** The input `comment`, where it is given. */
  readonly comment?: Config['comment']['when'] | undefined;
}

/** What the check says when a run ends without a report. */
export function failedResult(error: unknown): CheckResult {
  const line = visibleSentence(wordsOf(error));
  return {
    conclusion: 'failure',
    title: '❌ model-budget: the change could not be judged',
    // A code block of one line: nothing in it acts.
    summary: `### ❌ model-budget: the change could not be judged\n\nSo it does not pass:\n\n    ${line}\n`,
    annotations: [],
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (statusOf(error) !== undefined) return `GitHub answered ${reasonOf(error)}`;
  return `a defect of the program: ${String(error)}`;
}
