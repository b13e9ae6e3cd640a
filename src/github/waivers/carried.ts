/**
 * What earlier runs kept of a pull request's waivers: in check runs of our own App and name on its heads. Nothing that is
 * found here counts before it was verified.
 */
import { ownRunsOf, type Check } from '../check.ts';
import { reasonOf, type GitHub } from '../client.ts';
import { markedHead } from '../comment.ts';
import { decodeRecords, type WaiverRecord } from './record.ts';

export interface Carried {
  readonly records: readonly WaiverRecord[];
  /** False: nobody knows whether these are all, so that what earlier runs kept must stay the source. */
  readonly isKnown: boolean;
}

export interface PullRequestHead {
  readonly number: number;
  readonly headSha: string;
  /** The head before the push; null: the pull request is new. Absent: nobody said. */
  readonly before?: string | null;
}

export interface OwnChecks {
  /** This run's: its name and App are those of earlier runs. */
  readonly check: Pick<Check, 'id' | 'name' | 'appId' | 'appSlug' | 'earlier'> & { readonly headSha?: string };
  /** Of the comment. */
  readonly id: string;
}

/** Commits of the pull request whose checks are looked at, the newest first. */
const mostCommits = 20;

/** Newest ones that are looked at. */
const mostRecords = 50;

/** Never throws: without an answer of GitHub's nothing is waived, and nothing is forgotten. */
export async function carriedRecords(github: GitHub, pull: PullRequestHead, own: OwnChecks): Promise<Carried> {
  try {
    const found = await search(github, pull, own);
    // Who does not know which App this is may have looked at another one's.
    return own.check.appId === null ? { ...found, isKnown: false } : found;
  } catch (error) {
    github.log(`waivers of #${pull.number} cannot be read, so that none counts: ${reasonOf(error)}`);
    return { records: [], isKnown: false };
  }
}

/**
 * All that this head and the one before it hold: two runs at once may each have kept what the other one did not know.
 * Where neither holds any, the head that our comment speaks of, and then the commits, up to the first that does.
 */
async function search(github: GitHub, pull: PullRequestHead, own: OwnChecks): Promise<Carried> {
  const { headSha, before } = pull;
  const nearest = [headSha, ...(before === undefined || before === null ? [] : [before])];
  const found = [];
  for (const sha of nearest) found.push(await recordsAt(github, sha, { pull, own }));
  if (found.some(({ isKnown }) => isKnown) || before === null) return united(found, true);
  const looked = new Set(nearest);
  for await (const sha of olderHeads(github, pull, own)) {
    if (looked.has(sha)) continue;
    looked.add(sha);
    const carried = await recordsAt(github, sha, { pull, own });
    if (carried.isKnown) return united([...found, carried], true);
  }
  // Looked at all of it, and no run ever kept any.
  return united(found, true);
}

async function* olderHeads(github: GitHub, pull: PullRequestHead, { check, id }: OwnChecks): AsyncGenerator<string> {
  const marked = await markedHead(github, { pullRequest: pull.number, id, check });
  if (marked !== undefined) yield marked;
  const { client, repository } = github;
  const commits = await client.paginate(client.rest.pulls.listCommits, {
    ...repository,
    pull_number: pull.number,
    per_page: 100,
  });
  // GitHub lists the oldest first, and 250 at most.
  for (const { sha } of commits.toReversed().slice(0, mostCommits)) yield sha;
}

interface Search {
  readonly pull: PullRequestHead;
  readonly own: OwnChecks;
}

async function recordsAt(github: GitHub, sha: string, { pull, own }: Search): Promise<Carried> {
  const runs = await ownRunsOf(github, sha, own.check);
  const sets = runs.flatMap(({ output }) => decodeRecords(output.text ?? '') ?? []);
  const each = sets.map(({ pullRequests, records }) => ({
    records: records.filter(({ pullRequest }) => pullRequest === pull.number),
    isKnown: pullRequests.includes(pull.number),
  }));
  return united(
    each,
    each.some(({ isKnown }) => isKnown),
  );
}

/** Of records with one id the first; the newest checks come first. */
function united(found: readonly Carried[], isKnown: boolean): Carried {
  const byId = new Map<string, WaiverRecord>();
  for (const record of found.flatMap(({ records }) => records)) {
    if (!byId.has(record.id)) byId.set(record.id, record);
  }
  const records = [...byId.values()].sort((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0));
  return { records: records.slice(-mostRecords), isKnown };
}
