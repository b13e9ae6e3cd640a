/**
 * The one comment of a pull request: found by its marker and its author, updated in place, healed where two exist, and
 * never taken back to an older head. Refusals are values: a failed write changes no verdict.
 */
import { completedSummary, type Check } from './check.ts';
import { isRefused, reasonOf, type GitHub } from './client.ts';
import { livePullRequest } from './range.ts';
import {
  authorOf,
  lastLineOf,
  ownComments,
  removeComment,
  updateComment,
  writeComment,
  type OwnComment,
  type StickyPlace,
} from './sticky.ts';

export interface CommentRequest {
  readonly pullRequest: number;
  /** Several invocations in one pull request keep separate comments. */
  readonly id: string;
  readonly headSha: string;
  readonly baseRef: string;
  /** Without the marker. */
  readonly body: string;
  /** This run's; it tells who writes here. */
  readonly check: Pick<Check, 'id' | 'name' | 'appSlug'>;
  /** False: an existing comment is updated, none is made. */
  readonly mayCreate: boolean;
  /** Nobody else writes it until this is done, so that nobody's text can have come in between. */
  readonly isOnlyWriter?: boolean | undefined;
}

export type CommentOutcome =
  | { readonly kind: 'written' | 'unchanged'; readonly url: string }
  /** There was nothing to say, or a newer run will say it. */
  | { readonly kind: 'left'; readonly reason: string }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

export function markerOf(id: string, headSha: string): string {
  return `<!-- model-budget:v1 id=${id} head=${headSha} -->`;
}

export async function publishComment(github: GitHub, request: CommentRequest): Promise<CommentOutcome> {
  try {
    return await publish(github, request);
  } catch (error) {
    return { kind: isRefused(error) ? 'refused' : 'failed', reason: reasonOf(error) };
  }
}

async function publish(github: GitHub, request: CommentRequest): Promise<CommentOutcome> {
  const place = placeOf(request, await authorOf(github, request.check.appSlug));
  const [oldest, ...others] = await ownComments(github, place);
  // The last look before the write: a run for a newer head writes after this one, whenever it ends.
  const overtaken = await overtakenBy(github, request);
  if (overtaken !== undefined) return { kind: 'left', reason: overtaken };
  if (oldest === undefined && !request.mayCreate) return { kind: 'left', reason: 'there is nothing to say' };
  const body = `${request.body.trimEnd()}\n\n${markerOf(request.id, request.headSha)}`;
  const written = await writeComment(github, request.pullRequest, { oldest, body });
  if (oldest?.body === body && others.length === 0) return { kind: 'unchanged', url: oldest.url };
  const isAlone = oldest?.id === written.id && others.length === 0;
  const isSure = request.isOnlyWriter === true && others.length === 0 && (isAlone || written.isAnsweredAtOnce === true);
  if (isSure) return { kind: 'written', url: written.url };
  const { url } = await heal(github, request, { place, written, isAlone });
  return { kind: oldest?.body === body ? 'unchanged' : 'written', url };
}

function placeOf({ pullRequest, id }: Pick<CommentRequest, 'pullRequest' | 'id'>, author: string): StickyPlace {
  return { pullRequest, author, isMarker: (line) => markIn(line)?.id === id };
}

function markIn(line: string): { readonly id: string; readonly head: string } | null {
  const [, id, head] = /^<!-- model-budget:v1 id=([\w.-]+) head=([0-9a-f]+) -->$/.exec(line) ?? [];
  return id === undefined || head === undefined ? null : { id, head };
}

/** The head that our comment speaks of. */
export async function markedHead(
  github: GitHub,
  { check, ...request }: Pick<CommentRequest, 'pullRequest' | 'id' | 'check'>,
): Promise<string | undefined> {
  const [oldest] = await ownComments(github, placeOf(request, await authorOf(github, check.appSlug)));
  return oldest === undefined ? undefined : markIn(lastLineOf(oldest.body))?.head;
}

/** Why a newer run will say more than this one; undefined while this one is the newest, or nobody can tell. */
export async function overtakenBy(
  github: GitHub,
  request: Pick<CommentRequest, 'pullRequest' | 'headSha' | 'baseRef'>,
): Promise<string | undefined> {
  const live = await livePullRequest(github, request.pullRequest);
  if (live === null) return undefined;
  if (live.headSha !== request.headSha) return `the head is ${live.headSha.slice(0, 12)} by now`;
  if (live.baseRef !== request.baseRef) return 'the base branch was changed meanwhile';
  return undefined;
}

interface Written {
  readonly place: StickyPlace;
  readonly written: OwnComment;
  /** It was there before, and no other one was: nobody has a reason to make another. */
  readonly isAlone: boolean;
}

/**
 * Two runs at once, or a lost answer, make two comments: the oldest stays, with the text of the newest head, and the
 * others go. A run that was overtaken while it wrote gives way to the one that did.
 */
async function heal(
  github: GitHub,
  request: CommentRequest,
  { place, written, isAlone }: Written,
): Promise<OwnComment> {
  try {
    if (isAlone && (await overtakenBy(github, request)) === undefined) return written;
    const [kept = written, ...others] = await ownComments(github, place);
    // After the list: what a newer run wrote since is not in it, and nothing is written over that.
    const isOvertaken = (await overtakenBy(github, request)) !== undefined;
    const text = isOvertaken ? await newerText(github, request, [kept, ...others]) : written.body;
    const result = text === undefined || text === kept.body ? kept : await updateComment(github, kept.id, text);
    for (const { id } of others) await removeComment(github, id);
    return result;
  } catch (error) {
    github.log(`more than one comment may be left, or an older text: ${reasonOf(error)}`);
    return written;
  }
}

/**
 * What the newer run says: in a comment of its own, or, where this run wrote over it, in its check. Undefined: it has not
 * said anything yet, and will write its text itself.
 */
async function newerText(
  github: GitHub,
  { pullRequest, id, headSha, check }: CommentRequest,
  comments: readonly OwnComment[],
): Promise<string | undefined> {
  const live = await livePullRequest(github, pullRequest);
  if (live === null) return undefined;
  const marker = markerOf(id, live.headSha);
  const own = comments.find(({ body }) => live.headSha !== headSha && body.trimEnd().endsWith(marker));
  if (own !== undefined) return own.body;
  const summary = await completedSummary(github, live.headSha, check);
  return summary === undefined ? undefined : `${summary.trimEnd()}\n\n${marker}`;
}
