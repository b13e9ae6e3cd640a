/** How often one person may ask in one pull request. */
import { commandLineIn } from '../commands/command-line.ts';
import type { GitHub } from '../client.ts';

/** A conversation takes a few a minute; more are a script, and each takes a machine for some seconds. */
export const mostCommands = 10;
export const windowMinutes = 10;

export interface AskingComment {
  readonly id: number;
  readonly login: string;
  /** ISO time. */
  readonly createdAt: string;
}

/**
 * Counted from the comments themselves, so that it holds for all processes and after a restart, and a delivery that comes twice is judged
 * the same: only what was written before this comment counts.
 */
export async function isOverRate(github: GitHub, pullRequest: number, asking: AskingComment): Promise<boolean> {
  const { client, repository } = github;
  const end = Date.parse(asking.createdAt);
  const begin = end - windowMinutes * 60_000;
  if (Number.isNaN(end)) return false;
  const pages = client.paginate.iterator(client.rest.issues.listComments, {
    ...repository,
    issue_number: pullRequest,
    since: new Date(begin).toISOString(),
    per_page: 100,
  });
  let earlier = 0;
  for await (const { data } of pages) {
    for (const { id, user, body, created_at: at } of data) {
      const isBefore = id < asking.id && Date.parse(at) >= begin && Date.parse(at) <= end;
      const isSame = user?.login.toLowerCase() === asking.login.toLowerCase();
      if (isBefore && isSame && commandLineIn(body ?? '') !== null) earlier += 1;
    }
    if (earlier >= mostCommands) return true;
  }
  return false;
}
