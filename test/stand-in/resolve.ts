// From the names that requests use (branches, ids, "owner:branch") to commits.
import {
  gitText,
  isObjectId,
  mergedTree,
  objectById,
  objectOf,
  remembered,
  writeCommit,
  type GitPerson,
} from './git.ts';
import type { PullRequest, World } from './state.ts';

/** Git ref of a branch of this repository or of a fork of it. */
export function branchRef(world: World, repository: string, branch: string): string {
  return repository === world.repository ? `refs/heads/${branch}` : `refs/forks/${repository.split('/')[0]!}/${branch}`;
}

export const headSha = (world: World, pull: PullRequest): string | null =>
  objectOf(world.git, branchRef(world, pull.headRepository, pull.headRef), 'commit');

export const baseTip = (world: World, pull: PullRequest): string | null =>
  objectOf(world.git, `refs/heads/${pull.baseRef}`, 'commit');

/** Head and base that a pull request was last seen with -> the base's tip then. */
const seenBases = new WeakMap<PullRequest, Map<string, string>>();

/** GitHub's `base.sha`: the base's tip when the head was last pushed. It stays when the base moves on. */
export function recordedBase(world: World, pull: PullRequest): string | null {
  const seen = seenBases.get(pull) ?? new Map<string, string>();
  seenBases.set(pull, seen);
  const key = `${headSha(world, pull) ?? ''} ${pull.baseRef}`;
  const tip = seen.get(key) ?? baseTip(world, pull);
  if (tip !== null) seen.set(key, tip);
  return tip;
}

const merger: Omit<GitPerson, 'date'> = { name: 'GitHub', email: 'noreply@github.com' };

/** The commit of refs/pull/<number>/merge, null where the branches conflict. */
export function testMerge(world: World, pull: PullRequest): string | null {
  const [base, head] = [baseTip(world, pull), headSha(world, pull)];
  if (base === null || head === null) return null;
  return remembered(world.git, ['test-merge', base, head], () => writeTestMerge(world, base, head));
}

function writeTestMerge(world: World, base: string, head: string): string | null {
  const tree = mergedTree(world.git, base, head);
  if (tree === null) return null;
  const at = gitText(world.git, ['log', '-1', '--format=%ct', head]);
  const person = { ...merger, date: `${at} +0000` };
  const message = `Merge ${head} into ${base}`;
  return writeCommit(world.git, { tree, parents: [base, head], message, author: person, committer: person });
}

/** What a full ref points at ("refs/heads/main", "refs/pull/3/head"), as a commit. */
export function refCommit(world: World, ref: string): string | null {
  const pulled = /^refs\/pull\/(\d+)\/(head|merge)$/.exec(ref);
  if (pulled === null) return ref.startsWith('refs/forks/') ? null : objectOf(world.git, ref, 'commit');
  const pull = world.state.pullRequests.find(({ number }) => number === Number(pulled[1]));
  if (pull === undefined) return null;
  return pulled[2] === 'head' ? headSha(world, pull) : testMerge(world, pull);
}

const shortId = /^[0-9a-f]{7,39}$/;

const commitById = (world: World, id: string) =>
  objectById(world.git, id, 'commit') ?? objectOf(world.git, id, 'commit');

/** Resolves what the API takes as `ref`: a branch, a tag, "heads/x", a full ref, or a commit's id. */
export function resolveCommit(world: World, name: string): string | null {
  const asId = isObjectId(name) || shortId.test(name) ? commitById(world, name) : null;
  if (asId !== null) return asId;
  const candidates = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  if (name === 'HEAD') candidates.unshift(`refs/heads/${world.defaultBranch}`);
  for (const candidate of candidates) {
    const sha = refCommit(world, candidate);
    if (sha !== null) return sha;
  }
  return null;
}

/** One side of a comparison, which may name another repository of the network: "owner:branch", "owner:name:branch". */
export function resolveSide(world: World, side: string): string | null {
  const parts = side.split(':');
  if (parts.length === 1) return resolveCommit(world, side);
  const owner = parts[0]!;
  const branch = parts.at(-1)!;
  if (owner === world.owner) return resolveCommit(world, branch);
  return objectOf(world.git, `refs/forks/${owner}/${branch}`, 'commit');
}
