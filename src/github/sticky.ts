/** Comments that are kept up to date in place: ours by their last line and their author. */
import { isRefused, statusOf, type GitHub } from './client.ts';
import { countingFetch } from './transport.ts';

/** GitHub's limit, in characters. */
export const maximumCommentCharacters = 65_536;

export interface OwnComment {
  readonly id: number;
  readonly body: string;
  readonly url: string;
}

/** Where to look, and what for. */
export interface StickyPlace {
  readonly pullRequest: number;
  /** Login. */
  readonly author: string;
  /** Whether the last line is the marker: a name that holds its text elsewhere forges nothing. */
  readonly isMarker: (lastLine: string) => boolean;
}

/** The login that this token writes under; those of bots end in `[bot]`, which nobody can register. */
export async function authorOf({ client }: GitHub, appSlug: string | null): Promise<string> {
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
export async function ownComments(
  { client, repository }: GitHub,
  { pullRequest, author, isMarker }: StickyPlace,
): Promise<readonly OwnComment[]> {
  const found: OwnComment[] = [];
  const pages = client.paginate.iterator(client.rest.issues.listComments, {
    ...repository,
    issue_number: pullRequest,
    per_page: 100,
  });
  for await (const { data } of pages) {
    for (const { id: comment, body, user, html_url: url } of data) {
      if (body && user?.login === author && isMarker(lastLineOf(body))) found.push({ id: comment, body, url });
    }
  }
  return found.sort((a, b) => a.id - b.id);
}

export function lastLineOf(body: string): string {
  return body.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

export interface WrittenComment extends OwnComment {
  /** It was made, and by one request: no other one was made whose answer was lost. */
  readonly isAnsweredAtOnce?: boolean;
}

export interface Writing {
  readonly oldest: OwnComment | undefined;
  readonly body: string;
}

/** In place of the oldest one, or anew; the same text is not written again. */
export async function writeComment(
  github: GitHub,
  pullRequest: number,
  { oldest, body }: Writing,
): Promise<WrittenComment> {
  const { client, repository } = github;
  if (oldest?.body === body) return oldest;
  if (oldest !== undefined) {
    try {
      return await updateComment(github, oldest.id, body);
    } catch (error) {
      // Somebody deleted it since it was listed.
      if (statusOf(error) !== 404) throw error;
    }
  }
  const counting = countingFetch();
  const { data } = await client.rest.issues.createComment({
    ...repository,
    ...{ issue_number: pullRequest, body, request: { fetch: counting.fetch } },
  });
  return { id: data.id, body, url: data.html_url, isAnsweredAtOnce: counting.tries() === 1 };
}

export async function updateComment({ client, repository }: GitHub, id: number, body: string): Promise<OwnComment> {
  const { data } = await client.rest.issues.updateComment({ ...repository, comment_id: id, body });
  return { id, body, url: data.html_url };
}

export async function removeComment({ client, repository }: GitHub, id: number): Promise<void> {
  try {
    await client.rest.issues.deleteComment({ ...repository, comment_id: id });
  } catch (error) {
    // The other run may have been faster.
    if (statusOf(error) !== 404) throw error;
  }
}
