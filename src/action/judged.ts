/** What a run found, with or without a report. */
import type { Config } from '../config/record.ts';
import { UserError } from '../errors.ts';
import type { CheckResult } from '../github/check.ts';
import type { Reviewed } from '../github/outcome.ts';

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
  const words = error instanceof UserError ? error.message : `a defect of the program: ${String(error)}`;
  const line = words.replace(/\s+/g, ' ').slice(0, 500);
  return {
    conclusion: 'failure',
    title: '❌ model-budget: the change could not be judged',
    // A code block of one line: nothing in it acts.
    summary: `### ❌ model-budget: the change could not be judged\n\nSo it does not pass:\n\n    ${line}\n`,
    annotations: [],
  };
}
