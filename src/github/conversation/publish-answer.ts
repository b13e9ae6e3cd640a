/**
 * An answer has a comment of its own, which is found again by what was asked: the same question updates it. A newer head's answer is
 * never taken back.
 */
import { createHash } from 'node:crypto';
import { isRefused, reasonOf, type GitHub } from '../client.ts';
import type { CommentOutcome } from '../comment.ts';
import {
  lastLineOf,
  ownComments,
  removeComment,
  updateComment,
  writeComment,
  type OwnComment,
  type StickyPlace,
} from '../sticky.ts';

export interface AnswerRequest {
  readonly pullRequest: number;
  /** Of the invocation: two of them in one repository answer side by side. */
  readonly id: string;
  /** Digest of the question. */
  readonly digest: string;
  /** What the answer is about. */
  readonly headSha: string;
  /** By now; null: not known. */
  readonly liveHead: string | null;
  /** Login that this token writes under. */
  readonly author: string;
  /** Without the marker. */
  readonly body: string;
}

const digestCharacters = 16;

/** Enough to tell the questions of a pull request apart; text of a comment is no part of a marker. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digestCharacters);
}

export function answerMarker({ id, digest, headSha }: Pick<AnswerRequest, 'id' | 'digest' | 'headSha'>): string {
  return `<!-- model-budget:v1 id=${id} command=${digest} head=${headSha} -->`;
}

const marker = /^<!-- model-budget:v1 id=([\w.-]+) command=([0-9a-f]+) head=([0-9a-f]+) -->$/;

export async function publishAnswer(github: GitHub, request: AnswerRequest): Promise<CommentOutcome> {
  try {
    return await publish(github, request);
  } catch (error) {
    return { kind: isRefused(error) ? 'refused' : 'failed', reason: reasonOf(error) };
  }
}

async function publish(github: GitHub, request: AnswerRequest): Promise<CommentOutcome> {
  const place = placeOf(request);
  const earlier = await ownComments(github, place);
  if (newerOf(earlier, request) !== undefined) {
    return { kind: 'left', reason: `the same was answered for ${request.liveHead?.slice(0, 12) ?? ''} already` };
  }
  const [oldest] = earlier;
  const body = `${request.body.trimEnd()}\n\n${answerMarker(request)}`;
  const written = await writeComment(github, request.pullRequest, { oldest, body });
  const { url } = await heal(github, request, written);
  return { kind: oldest?.body === body ? 'unchanged' : 'written', url };
}

function placeOf({ pullRequest, author, id, digest }: AnswerRequest): StickyPlace {
  const isMarker = (line: string): boolean => {
    const found = marker.exec(line);
    return found?.[1] === id && found[2] === digest;
  };
  return { pullRequest, author, isMarker };
}

/** An answer of the live head, where this one is of another. */
function newerOf(comments: readonly OwnComment[], { liveHead, headSha }: AnswerRequest): OwnComment | undefined {
  if (liveHead === null || liveHead === headSha) return undefined;
  return comments.find(({ body }) => marker.exec(lastLineOf(body))?.[3] === liveHead);
}

/** Two runs at once, or a lost answer, make two comments: the oldest stays, with the answer of the live head. */
async function heal(github: GitHub, request: AnswerRequest, written: OwnComment): Promise<OwnComment> {
  try {
    const found = await ownComments(github, placeOf(request));
    const [kept = written, ...others] = found;
    const { body } = newerOf(found, request) ?? written;
    const result = kept.body === body ? kept : await updateComment(github, kept.id, body);
    for (const { id } of others) await removeComment(github, id);
    return result;
  } catch (error) {
    github.log(`more than one comment with this answer may be left: ${reasonOf(error)}`);
    return written;
  }
}
