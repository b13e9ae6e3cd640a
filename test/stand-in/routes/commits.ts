import {
  found,
  notFound,
  pageItems,
  pageLinks,
  pageOf,
  repositoryPath,
  unprocessable,
  type Call,
  type Handlers,
} from '../call.ts';
import { changedFiles, type FileChange } from '../diff.ts';
import { commitOf, commitsOf, countCommits, mergeBase, objectOf, type GitCommit } from '../git.ts';
import { resolveCommit, resolveSide } from '../resolve.ts';
import { commitShape, fileShape } from '../shapes/commit.ts';
import type { World } from '../state.ts';
import { repositoryApi, repositoryPage } from '../shapes/repository.ts';

/** git's name for the tree without entries */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function commitNamed(call: Call, name: string): GitCommit {
  const sha = resolveCommit(call.world, name);
  if (sha === null) throw unprocessable(`No commit found for SHA: ${name}`);
  return commitOf(call.world.git, sha);
}

const total = (files: readonly FileChange[], key: 'additions' | 'deletions') =>
  files.reduce((sum, file) => sum + file[key], 0);

interface Sides {
  readonly base: string;
  readonly head: string;
  readonly mergeBase: string;
}

function sidesOf(call: Call): Sides {
  const [baseName, headName, ...rest] = call.path.basehead!.split('...');
  if (baseName === undefined || headName === undefined || rest.length > 0) throw notFound();
  const base = found(resolveSide(call.world, baseName));
  const head = found(resolveSide(call.world, headName));
  // GitHub has nothing to compare where histories share nothing.
  return { base, head, mergeBase: found(mergeBase(call.world.git, base, head)) };
}

function statusWord(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged';
  if (ahead > 0) return 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

/** Without paging GitHub shows up to 250 commits; files come on the first page only. */
function comparison(call: Call, { base, head, mergeBase: common }: Sides) {
  const { world } = call;
  const [ahead, behind] = [countCommits(world.git, `${base}..${head}`), countCommits(world.git, `${head}..${base}`)];
  const page = pageOf(call.query, world.limits.compareCommits, world.limits.compareCommits);
  const commits = ahead === 0 ? [] : commitsOf(world.git, [`${base}..${head}`]);
  const files = page.number > 1 ? [] : changedFiles(world.git, common, head).slice(0, world.limits.compareFiles);
  const page_ = `${repositoryPage(world)}/compare/${base}...${head}`;
  const body = {
    url: `${repositoryApi(world)}/compare/${base}...${head}`,
    html_url: page_,
    permalink_url: page_,
    diff_url: `${page_}.diff`,
    patch_url: `${page_}.patch`,
    base_commit: commitShape(world, commitOf(world.git, base)),
    merge_base_commit: commitShape(world, commitOf(world.git, common)),
    status: statusWord(ahead, behind),
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: pageItems(commits, page).map((commit) => commitShape(world, commit)),
    files: files.map((file) => fileShape(world, file, head)),
  };
  return { body, headers: pageLinks(call, `${repositoryPath(world)}/compare/${base}...${head}`, ahead, page) };
}

/** What everybody who reads the branch is told; only the default branch may be protected here. */
function protectionOf(world: World, branch: string) {
  const required = branch === world.defaultBranch ? (world.rules.protection ?? []) : [];
  const enabled = required.length > 0;
  const checks = required.map(({ context, appId = -1 }) => ({ context, app_id: appId }));
  const contexts = required.map(({ context }) => context);
  return {
    protected: enabled,
    protection: {
      enabled,
      required_status_checks: { enforcement_level: enabled ? 'non_admins' : 'off', contexts, checks },
    },
  };
}

export const commitHandlers: Handlers = {
  'repos/get-commit': (call) => {
    const { world } = call;
    const commit = commitNamed(call, call.path.ref!);
    if (/application\/vnd\.github\.(v3\.)?sha\b/.test(call.accept)) {
      return { status: 200, bytes: Buffer.from(commit.sha), contentType: 'application/vnd.github.sha' };
    }
    const files = changedFiles(world.git, commit.parents[0] ?? emptyTree, commit.sha);
    const [additions, deletions] = [total(files, 'additions'), total(files, 'deletions')];
    const page = pageOf(call.query, world.limits.compareFiles, world.limits.compareFiles);
    const body = {
      ...commitShape(world, commit),
      stats: { additions, deletions, total: additions + deletions },
      files: pageItems(files, page).map((file) => fileShape(world, file, commit.sha)),
    };
    const path = `${repositoryPath(world)}/commits/${commit.sha}`;
    return { status: 200, headers: pageLinks(call, path, files.length, page), body };
  },

  'repos/compare-commits-with-basehead': (call) => ({ status: 200, ...comparison(call, sidesOf(call)) }),

  'repos/get-branch': ({ world, path }) => {
    const name = path.branch!;
    const sha = found(objectOf(world.git, `refs/heads/${name}`, 'commit'));
    const self = `${repositoryApi(world)}/branches/${encodeURIComponent(name)}`;
    const body = {
      name,
      commit: commitShape(world, commitOf(world.git, sha)),
      _links: { self, html: `${repositoryPage(world)}/tree/${encodeURIComponent(name)}` },
      ...protectionOf(world, name),
      protection_url: `${self}/protection`,
    };
    return { status: 200, body };
  },
};
