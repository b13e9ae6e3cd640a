/** Which pull requests an event is about that names none. */
import { checkName, runsOf } from '../github/check.ts';
import type { GitHub } from '../github/client.ts';

/** A change of a config is news to those that are still worked on; older ones get it with their next push. */
const mostReviewed = 50;

interface Open {
  readonly number: number;
  readonly headSha: string;
  readonly updatedAt: string;
}

/** Open ones into this branch, the latest first. */
export async function pullRequestsInto(github: GitHub, branch: string): Promise<readonly number[]> {
  const numbers: number[] = [];
  for await (const page of openPages(github, branch)) {
    numbers.push(...page.map(({ number }) => number));
    if (numbers.length >= mostReviewed) break;
  }
  return numbers.slice(0, mostReviewed);
}

/** Open ones of the last days whose head has no completed check of this App: an event was missed, or a run died. */
export async function uncheckedPullRequests(github: GitHub, appId: number, days: number): Promise<readonly number[]> {
  const since = Date.now() - days * millisecondsPerDay;
  const numbers: number[] = [];
  for await (const page of openPages(github)) {
    const recent = page.filter(({ updatedAt }) => Date.parse(updatedAt) >= since);
    for (const { number, headSha } of recent) {
      if (!(await hasCompletedCheck(github, appId, headSha))) numbers.push(number);
    }
    // The latest come first.
    if (recent.length < page.length || numbers.length >= mostReviewed) break;
  }
  return numbers.slice(0, mostReviewed);
}

const millisecondsPerDay = 86_400_000;

/** Of this App, and none that is not at its end. */
export async function hasCompletedCheck(github: GitHub, appId: number, headSha: string): Promise<boolean> {
  const own = (await runsOf(github, headSha, checkName)).filter(({ app }) => app?.id === appId);
  return own.length > 0 && own.every(({ status }) => status === 'completed');
}

async function* openPages({ client, repository }: GitHub, base?: string): AsyncGenerator<readonly Open[]> {
  const pages = client.paginate.iterator(client.rest.pulls.list, {
    ...repository,
    ...{ state: 'open', sort: 'updated', direction: 'desc', per_page: 100 },
    ...(base === undefined ? {} : { base }),
  });
  for await (const { data } of pages) {
    yield data.map((one) => ({
      number: one.number,
      headSha: one.head.sha,
      updatedAt: one.updated_at,
    }));
  }
}
