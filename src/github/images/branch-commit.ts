/** One commit on the branch of pictures. */
import { reasonOf, statusOf, type GitHub } from '../client.ts';
import { branchName, branchTip, commitMessage, readmePath, type Branch, type StoredFile } from './branch-tip.ts';

/**
 * The history begins anew after so many commits. A clone takes all branches, and without this every picture ever shown
 * would be in it; so it is those on the branch and those of twenty reports, some 30 MB at most.
 *
 * The price: the update that restarts it is forced. What another run writes between our last look at the branch and
 * that update, a fraction of a second in one commit of twenty, is lost: its comment shows alt text until its next report.
 */
const commitsBeforeRestart = 20;

const readme = `# Pictures in comments

The charts that model-budget shows in comments on pull requests, \`pr-<number>/<digest>.png\`. Old ones are removed and the
history of this branch is restarted from time to time, so do not build on it. Deleting the branch is safe: comments then
show the text of the pictures, and the next report makes it again.
`;

export interface CommitRequest {
  readonly files: readonly StoredFile[];
  readonly branch: Exclude<Branch, { kind: 'foreign' }>;
  readonly pullRequest: number;
  readonly mayRestart: boolean;
}

export type Outcome =
  | { readonly kind: 'written' }
  /** Somebody else wrote the branch, or a restart is not allowed: what is there now decides. */
  | { readonly kind: 'overtaken'; readonly reason: string }
  | { readonly kind: 'forbidden'; readonly reason: string };

/** Throws where a request fails that is not the last one. */
export async function commitFiles(github: GitHub, request: CommitRequest): Promise<Outcome> {
  const { branch, pullRequest, mayRestart } = request;
  const restart = branch.kind === 'ours' && mayRestart && branch.commits >= commitsBeforeRestart;
  const continued = branch.kind === 'ours' && !restart ? branch : undefined;
  const commitSha = await createCommit(github, request.files, {
    message: commitMessage(pullRequest, (continued?.commits ?? 0) + 1),
    parents: continued === undefined ? [] : [continued.commitSha],
  });
  if (restart && (await branchTip(github)) !== branch.commitSha) {
    return { kind: 'overtaken', reason: 'another run wrote the branch' };
  }
  try {
    await moveBranch(github, commitSha, branch.kind === 'absent' ? 'create' : restart ? 'force' : 'forward');
    return { kind: 'written' };
  } catch (error) {
    return whyNotMoved(error, restart);
  }
}

async function createCommit(
  { client, repository }: GitHub,
  files: readonly StoredFile[],
  { message, parents }: { readonly message: string; readonly parents: string[] },
): Promise<string> {
  // The whole tree and no base, so that nothing can be on the branch that is not named here.
  const mode = { mode: '100644', type: 'blob' } as const;
  const pictures = files.map(({ path, sha }) => ({ path, ...mode, sha }));
  const tree = [{ path: readmePath, ...mode, content: readme }, ...pictures];
  const { data: written } = await client.rest.git.createTree({ ...repository, tree });
  const { data: commit } = await client.rest.git.createCommit({ ...repository, message, tree: written.sha, parents });
  return commit.sha;
}

/** The branch has no workflow in it, so that its pushes start none. */
async function moveBranch(
  { client, repository }: GitHub,
  sha: string,
  how: 'create' | 'forward' | 'force',
): Promise<void> {
  if (how === 'create') await client.rest.git.createRef({ ...repository, ref: `refs/heads/${branchName}`, sha });
  else await client.rest.git.updateRef({ ...repository, ref: `heads/${branchName}`, sha, force: how === 'force' });
}

/** 422 stands for a branch that moved, appeared or went away, and for rules that forbid the update. */
function whyNotMoved(error: unknown, restart: boolean): Outcome {
  const status = statusOf(error);
  if (status !== 422 && status !== 409) throw error;
  const reason = reasonOf(error);
  const byRule = /rule violation|protected branch/i.test(reason);
  // Many organisations forbid forced updates of any branch; appending is still allowed.
  return { kind: byRule && !restart ? 'forbidden' : 'overtaken', reason };
}
