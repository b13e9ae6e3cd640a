/** What a pull request or a range of commits changes, found through the API and never cut without notice. */
import type { Change } from '../review/changed-models.ts';
import { isRefused, reasonOf, type GitHub } from './client.ts';
import type { CommitFiles, TreeEntry } from './tree.ts';

/** A list that cannot be had whole is a problem, not a short list. */
export type ChangeList = { readonly changes: readonly Change[] } | { readonly problem: string };

/** The files that GitHub lists at most: of a pull request, and of a comparison. */
const maximumPullRequestFiles = 3000;
const maximumComparedFiles = 300;

export interface ChangeRange {
  /** At the merge base. */
  readonly base: CommitFiles;
  readonly head: CommitFiles;
}

/**
 * Of a pull request whose head is still `head`; GitHub computes its list against the merge base, with renames found by
 * likeness.
 */
export async function pullRequestChanges(
  github: GitHub,
  number: number,
  { base, head }: ChangeRange,
): Promise<ChangeList> {
  const { client, repository } = github;
  try {
    const files: RawFile[] = [];
    const pages = client.paginate.iterator(client.rest.pulls.listFiles, {
      ...repository,
      pull_number: number,
      per_page: 100,
    });
    for await (const { data } of pages) files.push(...data);
    const live = await client.rest.pulls.get({ ...repository, pull_number: number });
    // The list is of whatever the head is now.
    if (live.data.head.sha !== head.commit) return await comparedChanges(github, { base, head });
    if (files.length < maximumPullRequestFiles) return { changes: files.flatMap(changeOf) };
    return await treeChanges({ base, head });
  } catch (error) {
    // Without leave to read pull requests the same list is the comparison's.
    if (isRefused(error)) return comparedChanges(github, { base, head });
    throw error;
  }
}

/** Of two commits. */
export async function comparedChanges(github: GitHub, { base, head }: ChangeRange): Promise<ChangeList> {
  const { data } = await github.client.rest.repos.compareCommitsWithBasehead({
    ...github.repository,
    basehead: `${base.commit}...${head.commit}`,
  });
  const files = data.files ?? [];
  if (data.files !== undefined && files.length < maximumComparedFiles) return { changes: files.flatMap(changeOf) };
  return treeChanges({ base, head });
}

interface RawFile {
  readonly filename: string;
  readonly status: string;
  readonly previous_filename?: string;
}

function changeOf({ filename, status, previous_filename: previousPath }: RawFile): readonly Change[] {
  switch (status) {
    case 'added':
    case 'copied':
      return [{ status: 'added', path: filename }];
    case 'removed':
      return [{ status: 'removed', path: filename }];
    case 'renamed':
      return previousPath === undefined
        ? [{ status: 'added', path: filename }]
        : [{ status: 'renamed', path: filename, previousPath }];
    case 'unchanged':
      return [];
    default:
      return [{ status: 'modified', path: filename }];
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
    return { changes: differences(before, after) };
  } catch (error) {
    return { problem: `the changed files could not be listed: ${reasonOf(error)}` };
  }
}

export function differences(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly Change[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const now = new Set(after.map(({ path }) => path));
  const removed = before.filter(({ path }) => !now.has(path));
  const movable = new Map(removed.map((entry) => [entry.object, entry.path]));
  const moved = new Set<string>();
  const changes = after.flatMap(({ path, object, kind }): readonly Change[] => {
    const previous = old.get(path);
    if (previous !== undefined) {
      return previous.object === object && previous.kind === kind ? [] : [{ status: 'modified', path }];
    }
    const previousPath = movable.get(object);
    if (previousPath === undefined || moved.has(previousPath)) return [{ status: 'added', path }];
    moved.add(previousPath);
    return [{ status: 'renamed', path, previousPath }];
  });
  const gone = removed.filter(({ path }) => !moved.has(path));
  return [...changes, ...gone.map(({ path }): Change => ({ status: 'removed', path }))];
}
