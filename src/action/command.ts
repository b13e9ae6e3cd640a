/** A comment with a command, answered by a run of a workflow. */
import { notice, setFailed, setOutput, summary as jobSummary } from '@actions/core';
import { answerCommand, type Answered } from '../github/conversation/answer-command.ts';
import type { ConversationOptions } from '../github/conversation/session.ts';
import type { GitHub } from '../github/client.ts';
import type { WrittenComment } from '../github/trigger.ts';
import type { WaiverRecord } from '../github/waivers/record.ts';
import { visibleSentence } from '../report/inert.ts';
import { answerAdvice } from './advice.ts';

export interface CommandRun {
  /** Only what broke here, or on the way to GitHub, fails the job: a slip in a comment is no failed job. */
  readonly exitCode: number;
  /** What is to be reviewed again, and with which waivers; null: nothing. */
  readonly again: { readonly pullRequest: number; readonly given: readonly WaiverRecord[] } | null;
}

export async function answerInJob(
  github: GitHub,
  comment: WrittenComment,
  options: Omit<ConversationOptions, 'appSlug' | 'appId' | 'isLastTry'>,
): Promise<CommandRun> {
  // Nobody starts a failed job again by itself.
  const outcome = await answerCommand(github, comment, { ...options, appSlug: null, appId: null, isLastTry: true });
  if (outcome.kind === 'ignored') {
    github.log(`nothing to answer: ${outcome.reason}`);
    return { exitCode: 0, again: null };
  }
  await tellRun(outcome);
  if (outcome.problem !== undefined) setFailed(outcome.problem);
  return {
    exitCode: outcome.problem === undefined ? 0 : 1,
    again: outcome.given === null ? null : { pullRequest: outcome.pullRequest, given: outcome.given },
  };
}

async function tellRun({ page, comment, reactionRefused }: Answered): Promise<void> {
  setOutput('comment-url', 'url' in comment ? comment.url : '');
  const advice = answerAdvice({ comment: comment.kind === 'refused', reaction: reactionRefused });
  for (const text of advice) notice(text);
  if (comment.kind === 'failed') notice(visibleSentence(`the answer could not be written: ${comment.reason}`));
  if (process.env.GITHUB_STEP_SUMMARY === undefined) return;
  await jobSummary.addRaw([page, ...advice.map((text) => `${text}\n`)].join('\n')).write();
}
