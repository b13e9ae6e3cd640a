import { found, listReply, repositoryPath, type Call, type Handlers } from '../call.ts';
import { changedFiles } from '../diff.ts';
import { commitsOf, isAncestor } from '../git.ts';
import { headSha, resolveCommit } from '../resolve.ts';
import { commitShape, fileShape } from '../shapes/commit.ts';
import { pullRange, pullRequestShape, pullRequestSimpleShape } from '../shapes/pull-request.ts';
import type { PullRequest } from '../state.ts';

const pullOf = ({ world, path }: Call): PullRequest =>
  found(world.state.pullRequests.find(({ number }) => number === Number(path.pull_number)));

/** Filters of the list: state, "owner:branch" of the head, name of the base. Newest first. */
function listed({ world, query }: Call): PullRequest[] {
  const state = query.get('state') ?? 'open';
  const [head, base] = [query.get('head'), query.get('base')];
  const label = (pull: PullRequest) => `${pull.headRepository.split('/')[0]!}:${pull.headRef}`;
  return (
    world.state.pullRequests
      .filter((pull) => state === 'all' || pull.state === state)
      // Without an owner GitHub ignores the filter.
      .filter((pull) => head?.includes(':') !== true || label(pull) === head)
      .filter((pull) => base === null || pull.baseRef === base)
      .sort((a, b) => b.number - a.number)
  );
}

/** Pull requests that bring a commit: it is in the head and not in the base. */
function pullsWith(call: Call, sha: string): PullRequest[] {
  const { git, state } = call.world;
  return state.pullRequests.filter((pull) => {
    const [range, head] = [pullRange(call.world, pull), headSha(call.world, pull)];
    if (range === null || head === null) return false;
    return isAncestor(git, sha, head) && !isAncestor(git, sha, range.mergeBase);
  });
}

export const pullRequestHandlers: Handlers = {
  'pulls/list': (call) =>
    listReply(call, `${repositoryPath(call.world)}/pulls`, listed(call), (pull) =>
      pullRequestSimpleShape(call.world, pull),
    ),

  'pulls/get': (call) => ({ status: 200, body: pullRequestShape(call.world, pullOf(call)) }),

  'pulls/list-files': (call) => {
    const pull = pullOf(call);
    const range = pullRange(call.world, pull);
    const files = range === null ? [] : changedFiles(call.world.git, range.mergeBase, range.head);
    return listReply(
      call,
      `${repositoryPath(call.world)}/pulls/${pull.number}/files`,
      files.slice(0, call.world.limits.pullRequestFiles),
      (file) => fileShape(call.world, file, range?.head ?? ''),
    );
  },

  /** The oldest first, and 250 at most. */
  'pulls/list-commits': (call) => {
    const { world } = call;
    const pull = pullOf(call);
    const range = pullRange(world, pull);
    const commits = range === null ? [] : commitsOf(world.git, [`${range.mergeBase}..${range.head}`]);
    const shown = commits.slice(0, world.limits.compareCommits);
    return listReply(call, `${repositoryPath(world)}/pulls/${pull.number}/commits`, shown, (commit) =>
      commitShape(world, commit),
    );
  },

  'repos/list-pull-requests-associated-with-commit': (call) => {
    const sha = found(resolveCommit(call.world, call.path.commit_sha!));
    return listReply(call, `${repositoryPath(call.world)}/commits/${sha}/pulls`, pullsWith(call, sha), (pull) =>
      pullRequestSimpleShape(call.world, pull),
    );
  },
};
