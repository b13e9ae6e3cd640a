// Commits and changed files as the API shows them.
import type { FileChange } from '../diff.ts';
import type { GitCommit } from '../git.ts';
import type { World } from '../state.ts';
import { nodeId, type Shape } from './account.ts';
import { repositoryApi, repositoryPage } from './repository.ts';

/** A path of the repository inside a URL: each part escaped, the slashes kept. */
export const urlPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

function parentShapes(world: World, commit: GitCommit, apiFolder: string): Shape[] {
  return commit.parents.map((sha) => ({
    sha,
    url: `${repositoryApi(world)}/${apiFolder}/${sha}`,
    html_url: `${repositoryPage(world)}/commit/${sha}`,
  }));
}

/** As GET /commits and comparisons show it, without files. */
export function commitShape(world: World, commit: GitCommit): Shape {
  const api = repositoryApi(world);
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${repositoryPage(world)}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: parentShapes(world, commit, 'commits'),
  };
}

/** As the Git data API shows it. */
export function gitCommitShape(world: World, commit: GitCommit): Shape {
  const api = repositoryApi(world);
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${repositoryPage(world)}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: parentShapes(world, commit, 'git/commits'),
    verification: unsigned,
  };
}

/** Longer patches are left out, as are those of binary files. */
const maximumPatchLength = 100_000;

export function fileShape(world: World, change: FileChange, commit: string): Shape {
  const path = urlPath(change.path);
  return {
    sha: change.sha,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${repositoryPage(world)}/blob/${commit}/${path}`,
    raw_url: `${repositoryPage(world)}/raw/${commit}/${path}`,
    contents_url: `${repositoryApi(world)}/contents/${path}?ref=${commit}`,
    ...(change.previousPath === null ? {} : { previous_filename: change.previousPath }),
    ...(change.patch === null || change.patch.length > maximumPatchLength ? {} : { patch: change.patch }),
  };
}
