/** What a pull request or a range of commits changes, found through the API and never cut without notice. */
import type { Change } from '../review/changed-models.ts';
import { reasonOf, type GitHub } from './client.ts';
import { changesIn, compareCommits, type Changes, type RawFile } from './comparison.ts';
import type { CommitFiles, TreeEntry } from './tree.ts';

/** A list that cannot be had whole is a problem, not a short list. */
export type ChangeList = Changes | { readonly problem: string };

/** The files that GitHub lists at most of a pull request. */
const maximumPullRequestFiles = 3000;

export interface ListedPullRequest {
  readonly number: number;
  readonly baseRef: string;
  /** Files that GitHub counts in it at this head, where that was asked already. */
  readonly fileCount?: number | undefined;
}

export interface ChangeRange {
  /** At the merge base. */
  readonly base: CommitFiles;
  readonly head: CommitFiles;
  /** What GitHub lists between the two, where it did so already. */
  readonly compared?: Changes | undefined;
}

/**
 * Of a pull request. The comparison is of exactly the two commits; the pull request's own list, which is longer, is of
 * what its head is now, against the merge base that GitHub found when it was last pushed to.
 */
export async function pullRequestChanges(
  github: GitHub,
  pullRequest: ListedPullRequest,
  range: ChangeRange,
): Promise<ChangeList> {
  const compared = await comparison(github, range);
  if (compared !== null && compared.changes.length > 0) {
    const count = await countOf(github, pullRequest, range);
    if (count === null || compared.changes.length >= count) return compared;
  }
  // That nothing changed is worth a second source.
  const listed = await pullRequestList(github, pullRequest, range);
  if (listed !== null) return listed;
  return compared?.changes.length === 0 ? compared : treeChanges(range);
}

/** How many files GitHub counts, so that a list cut at whatever limit shows. Null: of another head or base, or not known. */
async function countOf(
  { client, repository }: GitHub,
  { number, baseRef, fileCount }: ListedPullRequest,
  { head }: ChangeRange,
): Promise<number | null> {
  if (fileCount !== undefined) return fileCount;
  try {
    const { data: live } = await client.rest.pulls.get({ ...repository, pull_number: number });
    return live.head.sha === head.commit && live.base.ref === baseRef ? live.changed_files : null;
  } catch {
    return null;
  }
}

/** Of two commits. */
export async function comparedChanges(github: GitHub, range: ChangeRange): Promise<ChangeList> {
  return (await comparison(github, range)) ?? treeChanges(range);
}

/** Null: GitHub cuts it, or does not give it out. */
async function comparison(github: GitHub, { base, head, compared }: ChangeRange): Promise<Changes | null> {
  if (compared !== undefined) return compared;
  try {
    return (await compareCommits(github, base.commit, head.commit)).changes;
  } catch (error) {
    github.log(`the two commits cannot be compared by GitHub: ${reasonOf(error)}`);
    return null;
  }
}

async function pullRequestList(
  { client, repository, log }: GitHub,
  { number, baseRef }: ListedPullRequest,
  { head }: ChangeRange,
): Promise<Changes | null> {
  try {
    const files: RawFile[] = [];
    const pages = client.paginate.iterator(client.rest.pulls.listFiles, {
      ...repository,
      pull_number: number,
      per_page: 100,
    });
    for await (const { data } of pages) files.push(...data);
    const { data: live } = await client.rest.pulls.get({ ...repository, pull_number: number });
    const isSame = live.head.sha === head.commit && live.base.ref === baseRef;
    const isWhole = files.length < maximumPullRequestFiles && files.length >= live.changed_files;
    return isSame && isWhole ? changesIn(files) : null;
  } catch (error) {
    log(`the files of the pull request cannot be listed: ${reasonOf(error)}`);
    return null;
  }
}

/** By comparing the two trees whole; here only a file that moved unchanged counts as renamed. */
export async function treeChanges({ base, head }: ChangeRange): Promise<ChangeList> {
  try {
    const [before, after] = [await base.all(), await head.all()];
    if (before === null || after === null) {
      return {
        problem: 'GitHub cuts the list of changed files and the list of all files: not every model could be found',
      };
    }
    return { changes: differences(before, after), changedLines: new Map() };
  } catch (error) {
    return { problem: `the changed files could not be listed: ${reasonOf(error)}` };
  }
}

/** As many files as can count as renamed: one that left the reviewed paths keeps its budgets. */
export function differences(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly Change[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const now = new Set(after.map(({ path }) => path));
  const removed = before.filter(({ path }) => !now.has(path));
  const movable = pathsByObject(removed.toReversed());
  const moved = new Set<string>();
  const changes = after.flatMap(({ path, object, kind }): readonly Change[] => {
    const previous = old.get(path);
    if (previous !== undefined) {
      return previous.object === object && previous.kind === kind ? [] : [{ status: 'modified', path }];
    }
    const previousPath = movable.get(object)?.pop();
    if (previousPath === undefined) return [{ status: 'added', path }];
    moved.add(previousPath);
    return [{ status: 'renamed', path, previousPath }];
  });
  const gone = removed.filter(({ path }) => !moved.has(path));
  return [...changes, ...gone.map(({ path }): Change => ({ status: 'removed', path }))];
}

function pathsByObject(entries: readonly TreeEntry[]): ReadonlyMap<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const { path, object } of entries) {
    const same = paths.get(object);
    if (same === undefined) paths.set(object, [path]);
    else same.push(path);
  }
  return paths;
}
