/** A button of a check run that somebody pressed, and its answer: the same as a command's. */
import { defaultConfig } from '../../config.ts';
import type { GitHub } from '../client.ts';
import { acceptCall, budgetAccept } from '../commands/budget-accept.ts';
import type { Asker } from '../commands/command.ts';
import { parseCommand } from '../commands/index.ts';
import { pullRequestsWithHead } from '../range.ts';
import { reviewRange } from '../review-range.ts';
import { authorOf } from '../sticky.ts';
import { tell, type CommandOutcome } from './answer-command.ts';
import { buttonNames, exceededMetrics, firstFix, fixCommand } from './buttons.ts';
import { carryOut, type Result, type Turn } from './carry-out.ts';
import { isAtLeast, permissionOf } from '../permission.ts';
import type { WaiverRecord } from '../waivers/record.ts';
import { openSession, type ConversationOptions, type Session } from './session.ts';

/** As the event `check_run` with the action `requested_action` tells it. */
export interface PressedButton {
  readonly identifier: string;
  /** Of the check run. */
  readonly headSha: string;
  readonly login: string;
  readonly checkRun: number;
  /** ISO time. */
  readonly pressedAt: string;
}

export type ButtonOutcome =
  | CommandOutcome
  /** The caller reviews the pull request again, with the waivers that were given just now. */
  | { readonly kind: 'rerun'; readonly pullRequest: number; readonly given: readonly WaiverRecord[] };

export async function answerButton(
  github: GitHub,
  pressed: PressedButton,
  options: ConversationOptions,
): Promise<ButtonOutcome> {
  const { headSha, login } = pressed;
  const identifier = buttonNames.find((name) => name === pressed.identifier);
  if (identifier === undefined) return { kind: 'ignored', reason: `no button is called ${pressed.identifier}` };
  const [pullRequest] = await pullRequestsWithHead(github, headSha);
  if (pullRequest === undefined) {
    return { kind: 'ignored', reason: `${headSha.slice(0, 12)} is the head of no open pull request any more` };
  }
  const session = await openSession(github, pullRequest.number, options);
  if (typeof session === 'string') return { kind: 'ignored', reason: session };
  // Between the list and this look.
  if (session.live.headSha !== headSha) return { kind: 'ignored', reason: 'the head has moved' };
  const refusal = await refusalOf(github, session, { identifier, login });
  if (refusal !== undefined) return { kind: 'ignored', reason: refusal };
  if (identifier === 'rerun') return { kind: 'rerun', pullRequest: pullRequest.number, given: [] };
  const asker = { login, comment: null, button: pressed.checkRun, pressedAt: pressed.pressedAt };
  if (identifier === 'accept') return accept(github, session, asker, options);
  const turn = await fixTurn(session, asker, options);
  if (typeof turn === 'string') return { kind: 'ignored', reason: turn };
  return told(github, session, await carryOut(github, session, turn, options), options);
}

async function told(
  github: GitHub,
  session: Session,
  result: Result,
  options: ConversationOptions,
): Promise<ButtonOutcome> {
  const author = await authorOf(github, options.appSlug);
  return { ...(await tell(github, { session, result, author }, options)), reactionRefused: false };
}

/** GitHub shows buttons to who may write; what a role of theirs lets them do here is asked all the same, before any work. */
async function refusalOf(
  github: GitHub,
  { ground }: Session,
  { identifier, login }: Pick<PressedButton, 'identifier' | 'login'>,
): Promise<string | undefined> {
  // The command itself asks, and tells who is refused.
  if (identifier === 'accept') return undefined;
  const { commands } = typeof ground === 'string' ? defaultConfig : ground.settings.config;
  // Of running a check again GitHub itself asks this.
  const needed = identifier === 'rerun' ? 'write' : commands.minPermission;
  return isAtLeast(await permissionOf(github, login), needed) ? undefined : `${login} lacks the role ${needed}`;
}

/** The review is made again to find the edit: what a check run says is text that others may change. */
async function fixTurn(
  { fetching, ground }: Session,
  asker: Asker,
  { input }: ConversationOptions,
): Promise<Turn | string> {
  if (typeof ground === 'string') return ground;
  const reviewed = await reviewRange(fetching, ground.range, { input, onProgress: () => undefined });
  const fix = firstFix(reviewed);
  if (fix === undefined) return 'there is no edit to try any more';
  const text = fixCommand(fix);
  const parsed = parseCommand({ text });
  if (parsed.kind === 'foreign') throw new Error(`a fix that is no command: ${text}`);
  return { asker, text, parsed };
}

/** Every metric of which a budget is exceeded, one record for each. What cannot be accepted is told in the pull request. */
async function accept(
  github: GitHub,
  session: Session,
  asker: Asker,
  options: ConversationOptions,
): Promise<ButtonOutcome> {
  const { ground, fetching, live } = session;
  if (typeof ground === 'string') return { kind: 'ignored', reason: ground };
  const reviewed = await reviewRange(fetching, ground.range, { input: options.input, onProgress: () => undefined });
  const given: WaiverRecord[] = [];
  for (const metric of exceededMetrics(reviewed)) {
    const call = acceptCall({ metric, why: 'accepted by button' });
    const turn: Turn = { asker, text: call.text, parsed: { kind: 'call', command: budgetAccept, call } };
    const result = await carryOut(github, session, turn, options);
    if (result.given === null) return told(github, session, result, options);
    given.push(...result.given);
  }
  if (given.length === 0) return { kind: 'ignored', reason: 'no budget is exceeded any more' };
  return { kind: 'rerun', pullRequest: live.number, given };
}
