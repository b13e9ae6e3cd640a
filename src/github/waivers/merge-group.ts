/** Which pull requests a merge group merges: by the queue's branch, and by whose heads are among its commits. */
import { isRefused, type GitHub } from '../client.ts';
import { livePullRequest, type Subject } from '../range.ts';
import type { PullRequestHead } from './carried.ts';

export type MergeGroup = Extract<Subject, { kind: 'merge-group' }>;

/** Commits of the group that GitHub is asked about, the newest first. */
const mostCommits = 10;

export async function headsInGroup(github: GitHub, group: MergeGroup): Promise<readonly PullRequestHead[]> {
  const found = new Map<number, PullRequestHead>();
  const named = numberInQueue(group);
  if (named !== undefined) {
    const live = await livePullRequest(github, named);
    if (live?.baseRef === group.baseRef) found.set(named, { number: named, headSha: live.headSha });
  }
  const commits = await commitsOf(github, group);
  for (const sha of [...commits].reverse().slice(0, mostCommits)) {
    for (const pull of await pullsWith(github, sha)) {
      // A commit is also in pull requests that are stacked on this one: whose head is not here is not merged here.
      const isMerged = pull.base.ref === group.baseRef && pull.state === 'open' && commits.has(pull.head.sha);
      if (isMerged) found.set(pull.number, { number: pull.number, headSha: pull.head.sha });
    }
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** GitHub makes these branches, and nobody else may: `gh-readonly-queue/main/pr-7-<sha>`. */
function numberInQueue({ headRef, baseRef }: MergeGroup): number | undefined {
  const [, base, number] = /^gh-readonly-queue\/(.+)\/pr-(\d{1,15})-[0-9a-f]+$/.exec(headRef) ?? [];
  return base === baseRef ? Number(number) : undefined;
}

async function commitsOf(
  { client, repository }: GitHub,
  { baseSha, headSha }: MergeGroup,
): Promise<ReadonlySet<string>> {
  const { data } = await client.rest.repos.compareCommitsWithBasehead({
    ...repository,
    basehead: `${baseSha}...${headSha}`,
  });
  return new Set(data.commits.map(({ sha }) => sha));
}

async function pullsWith({ client, repository }: GitHub, sha: string) {
  try {
    const answer = await client.rest.repos.listPullRequestsAssociatedWithCommit({
      ...repository,
      commit_sha: sha,
      per_page: 100,
    });
    return answer.data;
  } catch (error) {
    if (isRefused(error)) return [];
    throw error;
  }
}
