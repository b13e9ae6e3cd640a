/** Which commits a run compares, and whose budgets bind: read from GitHub now, since payloads grow old. */
import { UserError } from '../errors.ts';
import { isRefused, reasonOf, statusOf, type GitHub } from './client.ts';
import { compareCommits, type Changes } from './comparison.ts';
import type { PullRequestFacts, Trigger } from './trigger.ts';

export interface Range {
  /** Null for a merge group. */
  readonly pullRequest: number | null;
  /** Other open pull requests of the same head into the same branch: what is accepted for one is accepted for all. */
  readonly alike?: readonly number[];
  /** `sha`: the branch's tip now, where config and target files are read. */
  readonly base: { readonly ref: string; readonly sha: string };
  readonly head: { readonly ref: string; readonly sha: string };
  /** Models are compared with those of this commit. */
  readonly mergeBase: string;
  /** What GitHub lists between the merge base and the head, where it lists it whole. */
  readonly compared?: Changes;
  /** Files that GitHub counts in the pull request at this head, into this base. */
  readonly fileCount?: number;
}

export type PullRequestRange = Range & { readonly pullRequest: number };

/** The commit that gets the check, before anything else is known of it. */
export type Subject =
  | {
      readonly kind: 'pull-request';
      readonly facts: PullRequestFacts;
      /** As GitHub told it just now; absent where the facts are an event's, which may be old. */
      readonly live?: LivePullRequest;
    }
  | Extract<Trigger, { kind: 'merge-group' }>;

export function headOf(subject: Subject): string {
  return subject.kind === 'pull-request' ? subject.facts.headSha : subject.headSha;
}

/** A pull request as the event told it, or looked up where the event gave a number only. */
export async function subjectOf(
  github: GitHub,
  trigger: Extract<Trigger, { kind: 'pull-request' | 'pull-request-number' | 'merge-group' }>,
): Promise<Subject> {
  if (trigger.kind === 'merge-group') return trigger;
  if (trigger.kind === 'pull-request') return { kind: 'pull-request', facts: trigger };
  const live = await livePullRequest(github, trigger.number);
  if (live === null)
    throw new UserError(
      `pull request #${trigger.number} cannot be read: is the number right, and may the token read it?`,
    );
  if (!live.isOpen) throw new UserError(`pull request #${trigger.number} is not open`);
  return { kind: 'pull-request', facts: live, live };
}

export interface LivePullRequest extends PullRequestFacts {
  readonly isOpen: boolean;
  /** Files that it changes. */
  readonly fileCount: number;
}

/** Null where the token may not read pull requests. */
export async function livePullRequest({ client, repository }: GitHub, number: number): Promise<LivePullRequest | null> {
  try {
    const { data } = await client.rest.pulls.get({ ...repository, pull_number: number });
    return {
      number,
      headSha: data.head.sha,
      headRef: data.head.ref,
      baseRef: data.base.ref,
      isOpen: data.state === 'open',
      fileCount: data.changed_files,
    };
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}

/**
 * The range of the subject first, then those of every other open pull request with the same head: a check sits on a
 * commit, budgets on a pull request's base.
 */
export async function rangesOf(github: GitHub, subject: Subject): Promise<readonly Range[]> {
  if (subject.kind === 'merge-group') {
    const { headSha, headRef, baseSha, baseRef } = subject;
    const base = { ref: baseRef, sha: baseSha };
    const head = { ref: headRef, sha: headSha };
    return [{ pullRequest: null, base, head, ...(await partingOf(github, baseSha, headSha)) }];
  }
  const { facts } = subject;
  // The base branch may have been edited since the event.
  const live = subject.live ?? (await livePullRequest(github, facts.number));
  const own = live === null ? facts : { ...facts, baseRef: live.baseRef };
  // Into the same branch the same is compared and the same budgets bind: once is enough.
  const bases = new Map<string, [PullRequestFacts, ...PullRequestFacts[]]>();
  for (const one of [own, ...(await othersWithHead(github, own))]) {
    const alike = bases.get(one.baseRef);
    bases.set(one.baseRef, alike === undefined ? [one] : [...alike, one]);
  }
  return Promise.all([...bases.values()].map((pullRequests) => rangeOf(github, pullRequests, live)));
}

/**
 * Of pull requests of one head into one branch, at the head that their facts have.
 *
 * @param live the first one of them, or another, as GitHub told it just now
 */
export async function rangeOf(
  github: GitHub,
  [first, ...alike]: readonly [PullRequestFacts, ...PullRequestFacts[]],
  live: LivePullRequest | null = null,
): Promise<PullRequestRange> {
  const { number, headSha, headRef, baseRef } = first;
  const tip = await tipOf(github, baseRef);
  const isLive = live?.number === number && live.headSha === headSha && live.baseRef === baseRef;
  return {
    pullRequest: number,
    ...(alike.length === 0 ? {} : { alike: alike.map((one) => one.number) }),
    base: { ref: baseRef, sha: tip },
    head: { ref: headRef, sha: headSha },
    ...(isLive ? { fileCount: live.fileCount } : {}),
    ...(await partingOf(github, tip, headSha)),
  };
}

/** A branch's commit, by names that no tag can take: of the ref, else of the branch. */
export async function tipOf(github: GitHub, branch: string): Promise<string> {
  const known = github.tips?.get(branch);
  if (known !== undefined) return known;
  const tip = await readTip(github, branch);
  github.tips?.set(branch, tip);
  return tip;
}

async function readTip({ client, repository }: GitHub, branch: string): Promise<string> {
  try {
    const { data } = await client.rest.git.getRef({ ...repository, ref: `heads/${branch}` });
    return data.object.sha;
  } catch (error) {
    const found = await client.rest.repos.getBranch({ ...repository, branch }).catch(() => undefined);
    if (found !== undefined) return found.data.commit.sha;
    throw new UserError(`the tip of the base branch "${branch}" cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** Where the head left the base, and what GitHub lists from there: its comparison of three dots begins at the merge base. */
async function partingOf(github: GitHub, base: string, head: string): Promise<Pick<Range, 'mergeBase' | 'compared'>> {
  try {
    const { mergeBase, changes } = await compareCommits(github, base, head);
    return { mergeBase, ...(changes === null ? {} : { compared: changes }) };
  } catch (error) {
    const [from, to] = [base.slice(0, 12), head.slice(0, 12)];
    if (statusOf(error) === 404) throw new UserError(`${from} and ${to} have no common ancestor that can be read`);
    throw new UserError(`the merge base of ${from} and ${to} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** Open pull requests are listed whole: a filter by branch would miss those from forks and from other branches. */
export async function pullRequestsWithHead(
  { client, repository }: GitHub,
  headSha: string,
): Promise<readonly PullRequestFacts[]> {
  const found: PullRequestFacts[] = [];
  const pages = client.paginate.iterator(client.rest.pulls.list, { ...repository, state: 'open', per_page: 100 });
  for await (const { data } of pages) {
    for (const { number, head, base } of data) {
      if (head.sha === headSha) found.push({ number, headSha, headRef: head.ref, baseRef: base.ref });
    }
  }
  return found;
}

async function othersWithHead(github: GitHub, own: PullRequestFacts): Promise<readonly PullRequestFacts[]> {
  const { log } = github;
  try {
    return (await pullRequestsWithHead(github, own.headSha)).filter(({ number }) => number !== own.number);
  } catch (error) {
    if (!isRefused(error)) throw error;
    log('this token may not list pull requests: others with the same head commit are not looked at');
    return [];
  }
}
