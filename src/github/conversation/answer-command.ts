/** A comment that somebody wrote on a pull request, and the answer if it holds a command. */
import type { GitHub } from '../client.ts';
import type { CommentOutcome } from '../comment.ts';
import { commandLineIn } from '../commands/command-line.ts';
import { parseCommand } from '../commands/index.ts';
import { livePullRequest } from '../range.ts';
import { authorOf } from '../sticky.ts';
import type { WrittenComment } from '../trigger.ts';
import { carryOut, type Result, type Turn } from './carry-out.ts';
import { digestOf, publishAnswer } from './publish-answer.ts';
import { react } from './reactions.ts';
import { printReply } from './reply.ts';
import { openSession, type ConversationOptions, type Session } from './session.ts';

export type CommandOutcome =
  /** Nothing was written. */
  { readonly kind: 'ignored'; readonly reason: string } | Answered;

export interface Answered extends Pick<Result, 'kind' | 'given' | 'problem'> {
  readonly pullRequest: number;
  /** Markdown of the answer, whether or not it could be written. */
  readonly page: string;
  readonly comment: CommentOutcome;
  /** The token may not leave reactions. */
  readonly reactionRefused: boolean;
}

/**
 * The same comment may come twice, and a run may begin anew after it broke off: the answer is one comment, found by its question, and a
 * reaction is one of its kind.
 */
export async function answerCommand(
  github: GitHub,
  comment: WrittenComment,
  options: ConversationOptions,
): Promise<CommandOutcome> {
  const turn = turnOf(comment);
  if (typeof turn === 'string') return { kind: 'ignored', reason: turn };
  const session = await openSession(github, comment.pullRequest, options);
  if (typeof session === 'string') return { kind: 'ignored', reason: session };
  const seen = await react(github, comment.id, 'eyes');
  const result = await carryOut(github, session, turn, options);
  const author = seen.login ?? (await authorOf(github, options.appSlug));
  const told = await tell(github, { session, result, author }, options);
  await react(github, comment.id, result.kind === 'success' ? 'rocket' : 'confused');
  return { ...told, reactionRefused: seen.refused };
}

function turnOf({ body, login, id, createdAt }: WrittenComment): Turn | string {
  const line = commandLineIn(body);
  const parsed = line === null ? null : parseCommand(line);
  if (line === null || parsed === null || parsed.kind === 'foreign') return 'the comment holds no command';
  return { asker: { login, comment: { id, createdAt } }, text: line.text, parsed };
}

export interface Telling {
  readonly session: Session;
  readonly result: Result;
  readonly author: string;
}

/** The last look at the head before the write says whether the answer is still about it. */
export async function tell(
  github: GitHub,
  { session: { live, ground }, result, author }: Telling,
  { id, isLastTry }: Pick<ConversationOptions, 'id' | 'isLastTry'>,
): Promise<Omit<Answered, 'reactionRefused'>> {
  const { number: pullRequest, headSha } = live;
  const liveHead = (await livePullRequest(github, pullRequest))?.headSha ?? null;
  const place = { id, digest: digestOf(result.question), headSha };
  const page = printReply(result.reply, { ground, headSha, liveHead }, place);
  const comment = await publishAnswer(github, { ...place, pullRequest, liveHead, author, body: page });
  if (comment.kind === 'failed' && !isLastTry) throw new Error(`the answer could not be written: ${comment.reason}`);
  if ('reason' in comment) github.log(`no answer was written: ${comment.reason}`);
  const { kind, given, problem } = result;
  return { kind, given, pullRequest, page, comment, ...(problem === undefined ? {} : { problem }) };
}
