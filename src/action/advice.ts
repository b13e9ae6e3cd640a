/** What to add to the workflow where the token may not do something: lines to paste. */
import type { CommentOutcome } from '../github/comment.ts';

interface Doings {
  readonly contentsRefused: boolean;
  readonly checkRefused: boolean;
  readonly comment: CommentOutcome | null;
  readonly isFork: boolean;
}

/** The quick start's; a job that names permissions has no others, so all are shown. */
const permissions = ['contents: read', 'pull-requests: write', 'checks: write'] as const;

/** Markdown, one text for each matter. */
export function adviceOn({ contentsRefused, checkRefused, comment, isFork }: Doings): readonly string[] {
  const missing = new Map<string, string>([
    ...(contentsRefused ? [['contents: read', 'read the models'] as const] : []),
    ...(comment?.kind === 'refused' ? [['pull-requests: write', 'write the comment'] as const] : []),
    ...(checkRefused ? [['checks: write', 'write the check run'] as const] : []),
  ]);
  if (missing.size === 0) return [];
  const advice = linesToAdd(missing, "the verdict is the job's");
  return isFork ? [advice, forkAdvice] : [advice];
}

/** Of an answer to a command: one permission is for both. */
export function answerAdvice(refused: { readonly comment: boolean; readonly reaction: boolean }): readonly string[] {
  if (!refused.comment && !refused.reaction) return [];
  const what = refused.comment ? 'write the answer' : 'leave a reaction';
  return [linesToAdd(new Map([['pull-requests: write', what]]), "the answer is in the job's summary")];
}

/** `missing`: permission -> what cannot be done without it. */
function linesToAdd(missing: ReadonlyMap<string, string>, instead: string): string {
  const lines = permissions.map((one) => `  ${one}${missing.has(one) ? '   # missing' : ''}`);
  const what = [...missing.values()].join(' nor ');
  const opening = `This token may not ${what}; ${instead}. Add to the workflow:`;
  return [opening, '```yaml', 'permissions:', ...lines, '```'].join('\n');
}

const forkAdvice =
  'A pull request from a fork has a read-only token under `pull_request`, whatever the workflow says; run on `pull_request_target` instead (nothing of the head is checked out or executed).';
