/**
 * The one comment of a pull request: found by its marker and its author, updated in place, healed where two exist, and
 * never taken back to an older head. Refusals are values: a failed write changes no verdict.
 */
import { completedSummary, type Check } from './check.ts';
import { isRefused, reasonOf, statusOf, type GitHub } from './client.ts';
import { livePullRequest } from './range.ts';

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
}

export type CommentOutcome =
  | { readonly kind: 'written' | 'unchanged'; readonly url: string }
  /** There was nothing to say, or a newer run will say it. */
  | { readonly kind: 'left'; readonly reason: string }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/** GitHub's limit, in characters. */
export const maximumCommentCharacters = 65_536;

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

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly url: string;
}

async function publish(github: GitHub, request: CommentRequest): Promise<CommentOutcome> {
  const author = await authorOf(github, request.check.appSlug);
  const [oldest] = await ownComments(github, request, author);
  // The last look before the write: a run for a newer head writes after this one, whenever it ends.
  const overtaken = await overtakenBy(github, request);
  if (overtaken !== undefined) return { kind: 'left', reason: overtaken };
  if (oldest === undefined && !request.mayCreate) return { kind: 'left', reason: 'there is nothing to say' };
  const body = `${request.body.trimEnd()}\n\n${markerOf(request.id, request.headSha)}`;
  const written = await write(github, request, { oldest, body });
  const { url } = await heal(github, request, { author, written });
  return { kind: oldest?.body === body ? 'unchanged' : 'written', url };
}

/** Logins of bots end in `[bot]`, which nobody can register. */
async function authorOf({ client }: GitHub, appSlug: string | null): Promise<string> {
  if (appSlug !== null) return `${appSlug}[bot]`;
  try {
    return (await client.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    // Who does not know its own name would not find its own comment, and write another one.
    if (!isRefused(error)) throw error;
    // Installation tokens may not ask who they are; the one of a workflow is this one.
    return 'github-actions[bot]';
  }
}

/** Oldest first. */
async function ownComments(
  { client, repository }: GitHub,
  { pullRequest, id }: Pick<CommentRequest, 'pullRequest' | 'id'>,
  author: string,
): Promise<readonly Comment[]> {
  const found: Comment[] = [];
  const pages = client.paginate.iterator(client.rest.issues.listComments, {
    ...repository,
    issue_number: pullRequest,
    per_page: 100,
  });
  for await (const { data } of pages) {
    for (const { id: comment, body, user, html_url: url } of data) {
      if (body && user?.login === author && isMarked(body, id)) found.push({ id: comment, body, url });
    }
  }
  return found.sort((a, b) => a.id - b.id);
}

/** The marker is the last line, whole: a name that holds its text elsewhere forges nothing. */
function isMarked(body: string, id: string): boolean {
  return markIn(body)?.id === id;
}

function markIn(body: string): { readonly id: string; readonly head: string } | null {
  const last = body.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const [, id, head] = /^<!-- model-budget:v1 id=([\w.-]+) head=([0-9a-f]+) -->$/.exec(last) ?? [];
  return id === undefined || head === undefined ? null : { id, head };
}

/** The head that our comment speaks of. */
export async function markedHead(
  github: GitHub,
  { check, ...request }: Pick<CommentRequest, 'pullRequest' | 'id' | 'check'>,
): Promise<string | undefined> {
  const [oldest] = await ownComments(github, request, await authorOf(github, check.appSlug));
  return oldest === undefined ? undefined : markIn(oldest.body)?.head;
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

interface Writing {
  readonly oldest: Comment | undefined;
  readonly body: string;
}

async function write(github: GitHub, request: CommentRequest, { oldest, body }: Writing): Promise<Comment> {
  const { client, repository } = github;
  if (oldest?.body === body) return oldest;
  if (oldest !== undefined) {
    try {
      return await update(github, oldest.id, body);
    } catch (error) {
      // Somebody deleted it since it was listed.
      if (statusOf(error) !== 404) throw error;
    }
  }
  const { data } = await client.rest.issues.createComment({
    ...repository,
    issue_number: request.pullRequest,
    body,
  });
  return { id: data.id, body, url: data.html_url };
}

async function update({ client, repository }: GitHub, id: number, body: string): Promise<Comment> {
  const { data } = await client.rest.issues.updateComment({ ...repository, comment_id: id, body });
  return { id, body, url: data.html_url };
}

interface Written {
  readonly author: string;
  readonly written: Comment;
}

/**
 * Two runs at once, or a lost answer, make two comments: the oldest stays, with the text of the newest head, and the
 * others go. A run that was overtaken while it wrote gives way to the one that did.
 */
async function heal(github: GitHub, request: CommentRequest, { author, written }: Written): Promise<Comment> {
  try {
    const [kept = written, ...others] = await ownComments(github, request, author);
    const isOvertaken = (await overtakenBy(github, request)) !== undefined;
    const text = isOvertaken ? await newerText(github, request, [kept, ...others]) : written.body;
    const result = text === undefined || text === kept.body ? kept : await update(github, kept.id, text);
    for (const { id } of others) await remove(github, id);
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
  comments: readonly Comment[],
): Promise<string | undefined> {
  const live = await livePullRequest(github, pullRequest);
  if (live === null) return undefined;
  const marker = markerOf(id, live.headSha);
  const own = comments.find(({ body }) => live.headSha !== headSha && body.trimEnd().endsWith(marker));
  if (own !== undefined) return own.body;
  const summary = await completedSummary(github, live.headSha, check);
  return summary === undefined ? undefined : `${summary.trimEnd()}\n\n${marker}`;
}

async function remove({ client, repository }: GitHub, id: number): Promise<void> {
  try {
    await client.rest.issues.deleteComment({ ...repository, comment_id: id });
  } catch (error) {
    // The other run may have been faster.
    if (statusOf(error) !== 404) throw error;
  }
}
