/** A command or a button as the App answers it. */
import { answerButton } from '../github/conversation/answer-button.ts';
import { answerCommand } from '../github/conversation/answer-command.ts';
import type { ConversationOptions } from '../github/conversation/session.ts';
import type { WaiverRecord } from '../github/waivers/record.ts';
import type { Errand, Job } from './jobs.ts';
import { defaultInput, reviewPullRequest } from './review-errand.ts';
import type { Performance } from './task.ts';

export type ConversationErrand = Extract<Errand, { kind: 'command' | 'button' }>;

/** What it leads to. @throws where it should be tried again */
export async function conversationErrand(
  performance: Performance,
  errand: ConversationErrand,
): Promise<readonly Job[]> {
  const again = errand.kind === 'command' ? await command(performance, errand) : await button(performance, errand);
  return again === null ? [] : reviewPullRequest(performance, again.pullRequest, { given: again.given });
}

interface Again {
  readonly pullRequest: number;
  readonly given: readonly WaiverRecord[];
}

type CommandErrand = Extract<Errand, { kind: 'command' }>;

async function command(performance: Performance, { pullRequest, comment }: CommandErrand): Promise<Again | null> {
  const outcome = await answerCommand(performance.github, { ...comment, pullRequest }, optionsOf(performance));
  if (outcome.kind === 'ignored') performance.github.log(`nothing to answer: ${outcome.reason}`);
  return outcome.kind === 'ignored' || outcome.given === null ? null : { pullRequest, given: outcome.given };
}

export type ButtonErrand = Extract<Errand, { kind: 'button' }>;

async function button(
  performance: Performance,
  { button: identifier, headSha, press }: ButtonErrand,
): Promise<Again | null> {
  const { checkRun, login, at: pressedAt } = press;
  const pressed = { identifier, headSha, login, checkRun, pressedAt };
  const outcome = await answerButton(performance.github, pressed, optionsOf(performance));
  if (outcome.kind === 'ignored') performance.github.log(`nothing to answer: ${outcome.reason}`);
  return outcome.kind === 'rerun' ? outcome : null;
}

function optionsOf({ objects, surroundings, isRepeated }: Performance): ConversationOptions {
  const { appId, appSlug } = surroundings;
  return { id: 'default', input: defaultInput, folder: objects, appSlug, appId, isLastTry: !isRepeated };
}
