/** What a command comes to: whether this person may give it, and what it answers. */
import { UserError } from '../../errors.ts';
import type { Permission } from '../../config/record.ts';
import { defaultConfig } from '../../config.ts';
import { checkNameOf } from '../check.ts';
import type { GitHub } from '../client.ts';
import type { Asker } from '../commands/command.ts';
import type { Parsed } from '../commands/index.ts';
import { problemOf } from '../judged.ts';
import { isAtLeast, permissionOf } from '../permission.ts';
import { isOverRate, mostCommands, windowMinutes } from './rate-limit.ts';
import { mistakeReply, refusalReply, type Reply } from './reply.ts';
import type { RangeWaivers } from '../review-range.ts';
import { waiverReader } from '../waivers/read-waivers.ts';
import type { WaiverRecord } from '../waivers/record.ts';
import type { ConversationOptions, Session } from './session.ts';

export interface Result {
  readonly kind: ResultKind;
  readonly reply: Reply;
  /** What the reply is found again by. */
  readonly question: string;
  /** Waivers that were given just now: the caller reviews the pull request again, with them. Null: nothing is new. */
  readonly given: readonly WaiverRecord[] | null;
  /** Of `failed`, in one line. */
  readonly problem?: string;
}

export type ResultKind =
  | 'success'
  /** Of the one who asked. */
  | 'mistake'
  /** They may not, or not now, or nothing can be answered here. */
  | 'refused'
  /** GitHub did not answer, or the program has a defect. */
  | 'failed';

export type Understood = Exclude<Parsed, { kind: 'foreign' }>;

export interface Turn {
  readonly asker: Asker;
  /** As it was written. */
  readonly text: string;
  readonly parsed: Understood;
}

export type CarryOptions = Pick<ConversationOptions, 'input' | 'isLastTry' | 'id' | 'appId' | 'appSlug'>;

export async function carryOut(github: GitHub, session: Session, turn: Turn, options: CarryOptions): Promise<Result> {
  try {
    const refusal = await refusalOf(github, session, turn);
    return refusal ?? (await answered(session, turn, options));
  } catch (error) {
    if (error instanceof UserError) return mistake(turn, error.message);
    if (!options.isLastTry) throw error;
    const problem = problemOf(error);
    github.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { ...refused(turn, problem), kind: 'failed', problem };
  }
}

async function refusalOf(github: GitHub, { live, ground }: Session, turn: Turn): Promise<Result | undefined> {
  const { asker, parsed, text } = turn;
  const config = typeof ground === 'string' ? defaultConfig : ground.settings.config;
  const own = parsed.kind === 'call' ? parsed.command.permission?.(config) : undefined;
  const needed: Permission = own ?? config.commands.minPermission;
  if (!isAtLeast(await permissionOf(github, asker.login), needed)) {
    return refused(turn, `this needs the role ${needed} in the repository`);
  }
  const { comment } = asker;
  if (comment !== null && (await isOverRate(github, live.number, { ...comment, login: asker.login }))) {
    return refused(turn, `more than ${mostCommands} commands in ${windowMinutes} minutes; try again later`);
  }
  if (typeof ground !== 'string') return undefined;
  return { ...refused(turn, `nothing can be answered: ${ground}`), reply: refusalReply(text, ground) };
}

async function answered(session: Session, turn: Turn, { input, id, appId, appSlug }: CarryOptions): Promise<Result> {
  const { parsed, asker } = turn;
  if (parsed.kind === 'mistake') return mistake(turn, parsed.message);
  const { fetching, ground, live } = session;
  if (typeof ground === 'string') throw new UserError(ground);
  const check = { id: null, name: checkNameOf(id), appId, appSlug };
  const waivers = async (): Promise<RangeWaivers> => {
    const reader = waiverReader(fetching.github, { check, id });
    const kept = await reader.ofRange(ground.range, { kind: 'pull-request', facts: live });
    return { kept, verified: reader.verified };
  };
  const { given = null, ...reply } = await parsed.call.answer({ fetching, ...ground, input, asker, check, waivers });
  return { kind: 'success', reply, question: parsed.call.text, given };
}

function mistake(turn: Turn, message: string): Result {
  const { parsed, text } = turn;
  const usages = parsed.kind === 'mistake' ? parsed.usages : [];
  return { ...refused(turn, message), kind: 'mistake', reply: mistakeReply(text, message, usages) };
}

/**
 * One comment for each person, with the last of what went wrong: ten slips are no ten comments, and nobody takes away what somebody else
 * is reading. No question holds a line break, so none can be taken for this.
 */
function refused({ asker, text }: Turn, message: string): Result {
  return {
    kind: 'refused',
    reply: refusalReply(text, message),
    question: `not carried out\n${asker.login.toLowerCase()}`,
    given: null,
  };
}
