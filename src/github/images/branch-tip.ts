/** What is on the branch of pictures, and whether it is ours. */
import { statusOf, type GitHub } from '../client.ts';

export const branchName = 'model-budget-charts';

export const readmePath = 'README.md';

export interface StoredFile {
  /** `pr-12/<name>.png` */
  readonly path: string;
  /** Of the git blob. */
  readonly sha: string;
}

export interface Tip {
  readonly kind: 'ours';
  readonly commitSha: string;
  /** Commits since the history's start, this one included. */
  readonly commits: number;
  /** Its pictures. */
  readonly files: readonly StoredFile[];
}

export type Branch = { readonly kind: 'absent' } | { readonly kind: 'foreign'; readonly reason: string } | Tip;

/** `<name>` is the content's digest, with another one before it for an invocation that has an id. */
const picturePath = /^pr-[1-9]\d{0,9}\/([0-9a-f]{8}-)?[0-9a-f]{40,64}\.png$/;
const folderPath = /^pr-[1-9]\d{0,9}$/;

/** At the end of a commit's message; one that somebody else made does not have it and counts as the first. */
const countLine = /^Commits: (\d{1,6})$/m;

export function commitMessage(pullRequest: number, commits: number): string {
  // No `#` before the number: GitHub would list each of these commits on the pull request's page.
  return `Charts of pull request ${pullRequest}\n\nCommits: ${commits}\n`;
}

export async function readBranch(github: GitHub): Promise<Branch> {
  const commitSha = await branchTip(github);
  if (commitSha === undefined) return { kind: 'absent' };
  const { client, repository } = github;
  const { data: commit } = await client.rest.git.getCommit({ ...repository, commit_sha: commitSha });
  const { data: tree } = await client.rest.git.getTree({
    ...repository,
    tree_sha: commit.tree.sha,
    recursive: '1',
  });
  const stranger = tree.tree.find((entry) => !isOurs(entry));
  if (stranger !== undefined) return { kind: 'foreign', reason: `there is ${JSON.stringify(stranger.path)}` };
  if (tree.truncated) return { kind: 'foreign', reason: 'it has more files than GitHub lists' };
  const files = tree.tree.filter(({ path }) => picturePath.test(path)).map(({ path, sha }) => ({ path, sha }));
  return { kind: 'ours', commitSha, commits: Number(countLine.exec(commit.message)?.[1] ?? 1), files };
}

function isOurs({ path, type, mode }: { path: string; type: string; mode: string }): boolean {
  if (type === 'tree') return folderPath.test(path);
  return type === 'blob' && mode === '100644' && (path === readmePath || picturePath.test(path));
}

/** The commit that the branch is at; undefined: there is no such branch, or the token may not see it. */
export async function branchTip({ client, repository }: GitHub): Promise<string | undefined> {
  try {
    const { data } = await client.rest.git.getRef({ ...repository, ref: `heads/${branchName}` });
    return data.object.sha;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
