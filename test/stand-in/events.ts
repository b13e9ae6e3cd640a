// Events that start a workflow, consistent with the state of the stand-in: the payload that the runner puts into a file, and
// the commit and ref that the run is about.
import { changedFiles } from './diff.ts';
import { commitOf, isAncestor, mergedTree, objectOf, setRef, writeCommit, type GitCommit } from './git.ts';
import { baseTip, headSha, testMerge } from './resolve.ts';
import { userShape, type Shape } from './shapes/account.ts';
import { checkRunShape, commentShape } from './shapes/conversation.ts';
import { pullRequestShape } from './shapes/pull-request.ts';
import { repositoryPage, repositoryShape } from './shapes/repository.ts';
import type { CheckRun, Comment, PullRequest, World } from './state.ts';

export interface WorkflowEvent {
  /** "pull_request" */
  readonly name: string;
  readonly payload: Shape;
  /** GITHUB_SHA */
  readonly sha: string;
  /** GITHUB_REF */
  readonly ref: string;
  /** Branches of the pull request; empty for other events */
  readonly headBranch: string;
  readonly baseBranch: string;
  readonly actor: string;
}

export type PullRequestAction =
  | { readonly action: 'opened' | 'reopened' | 'ready_for_review' }
  /** `before`: the head before the push */
  | { readonly action: 'synchronize'; readonly before: string }
  /** Another base was chosen; `from`: the branch it was */
  | { readonly action: 'edited'; readonly from: string };

const sender = (world: World, login: string) => ({
  repository: repositoryShape(world),
  sender: userShape(world, login),
});

function pullNumbered(world: World, number: number): PullRequest {
  const pull = world.state.pullRequests.find((candidate) => candidate.number === number);
  if (pull === undefined) throw new Error(`no pull request ${number}`);
  return pull;
}

function existing(sha: string | null, what: string): string {
  if (sha === null) throw new Error(`${what} is gone`);
  return sha;
}

function pullRequestPayload(world: World, pull: PullRequest, change: PullRequestAction): Shape {
  const payload = {
    action: change.action,
    number: pull.number,
    pull_request: pullRequestShape(world, pull),
    ...sender(world, pull.author),
  };
  if (change.action === 'synchronize') return { ...payload, before: change.before, after: headSha(world, pull) };
  if (change.action !== 'edited') return payload;
  const from = objectOf(world.git, `refs/heads/${change.from}`, 'commit');
  return { ...payload, changes: { base: { ref: { from: change.from }, sha: { from } } } };
}

/** Runs on the test merge; GitHub starts no run where the branches conflict, so this throws. */
export function pullRequestEvent(world: World, number: number, change: PullRequestAction): WorkflowEvent {
  const pull = pullNumbered(world, number);
  return {
    name: 'pull_request',
    payload: pullRequestPayload(world, pull, change),
    sha: existing(testMerge(world, pull), 'the test merge'),
    ref: `refs/pull/${number}/merge`,
    headBranch: pull.headRef,
    baseBranch: pull.baseRef,
    actor: pull.author,
  };
}

/** Runs on the default branch, whatever the base (since December 2025). */
export function pullRequestTargetEvent(world: World, number: number, change: PullRequestAction): WorkflowEvent {
  const pull = pullNumbered(world, number);
  const ref = `refs/heads/${world.defaultBranch}`;
  return {
    name: 'pull_request_target',
    payload: pullRequestPayload(world, pull, change),
    sha: existing(objectOf(world.git, ref, 'commit'), ref),
    ref,
    headBranch: pull.headRef,
    baseBranch: pull.baseRef,
    actor: pull.author,
  };
}

const mergeQueue = { name: 'GitHub', email: 'noreply@github.com' };

/** Puts pull requests, one after the other, on the tip of their base, as a merge queue does, and asks for checks. */
export function mergeGroupEvent(world: World, numbers: readonly number[]): WorkflowEvent {
  const pulls = numbers.map((number) => pullNumbered(world, number));
  const last = pulls.at(-1)!;
  const base = existing(baseTip(world, last), 'the base');
  const head = pulls.reduce((tip, pull) => mergedOnto(world, tip, pull), base);
  const ref = `refs/heads/gh-readonly-queue/${last.baseRef}/pr-${last.number}-${base}`;
  setRef(world.git, ref, head);
  const merge_group = {
    head_sha: head,
    head_ref: ref,
    base_sha: base,
    base_ref: `refs/heads/${last.baseRef}`,
    head_commit: shortCommit(commitOf(world.git, head)),
  };
  const payload = { action: 'checks_requested', merge_group, ...sender(world, 'github-merge-queue[bot]') };
  const actor = 'github-merge-queue[bot]';
  return { name: 'merge_group', payload, sha: head, ref, headBranch: '', baseBranch: '', actor };
}

function mergedOnto(world: World, tip: string, pull: PullRequest): string {
  const head = existing(headSha(world, pull), 'the head');
  const tree = existing(mergedTree(world.git, tip, head), 'the merge');
  const { date } = commitOf(world.git, head).committer;
  const person = { ...mergeQueue, date };
  const message = `Merge pull request #${pull.number} from ${pull.headRepository.split('/')[0]!}/${pull.headRef}`;
  return writeCommit(world.git, { tree, parents: [tip, head], message, author: person, committer: person });
}

const shortCommit = (commit: GitCommit): Shape => ({
  id: commit.sha,
  tree_id: commit.tree,
  message: commit.message,
  timestamp: commit.committer.date,
  author: { name: commit.author.name, email: commit.author.email },
  committer: { name: commit.committer.name, email: commit.committer.email },
});

const noCommit = '0'.repeat(40);

/** `before`: null for a new branch. The branch already points at its new tip. */
export function pushEvent(world: World, branch: string, before: string | null): WorkflowEvent {
  const ref = `refs/heads/${branch}`;
  const after = existing(objectOf(world.git, ref, 'commit'), ref);
  const commit = pushedCommit(world, before, after);
  const payload = {
    ref,
    before: before ?? noCommit,
    after,
    created: before === null,
    deleted: false,
    forced: before !== null && !isAncestor(world.git, before, after),
    base_ref: null,
    compare: `${repositoryPage(world)}/compare/${before ?? ''}...${after}`,
    commits: [commit],
    head_commit: commit,
    ...sender(world, world.owner),
    repository: pushedRepository(world),
    pusher: gitPerson(world.owner),
  };
  return { name: 'push', payload, sha: after, ref, headBranch: '', baseBranch: '', actor: world.owner };
}

const gitPerson = (login: string) => ({ name: login, email: `${login}@users.noreply.github.com` });

const begunSeconds = Date.parse('2020-01-01T00:00:00Z') / 1000;

/** The repository of this event has its times in seconds, and its owner with a name. */
function pushedRepository(world: World): Shape {
  const owner = { ...userShape(world, world.owner), ...gitPerson(world.owner) };
  const times = { created_at: begunSeconds, pushed_at: begunSeconds };
  return { ...repositoryShape(world), ...times, owner, stargazers: 0, master_branch: world.defaultBranch };
}

function pushedCommit(world: World, before: string | null, after: string): Shape {
  const files = before === null ? [] : changedFiles(world.git, before, after);
  const paths = (status: string) => files.filter((file) => file.status === status).map(({ path }) => path);
  return {
    ...shortCommit(commitOf(world.git, after)),
    distinct: true,
    url: `${repositoryPage(world)}/commit/${after}`,
    added: paths('added'),
    removed: paths('removed'),
    modified: paths('modified'),
  };
}

/** `branch`: the default one by default. All inputs of this event are texts. */
export function workflowDispatchEvent(
  world: World,
  inputs: Readonly<Record<string, string>>,
  branch = world.defaultBranch,
): WorkflowEvent {
  const ref = `refs/heads/${branch}`;
  const payload = { inputs, ref, workflow: '.github/workflows/model-budget.yml', ...sender(world, world.owner) };
  const sha = existing(objectOf(world.git, ref, 'commit'), ref);
  return { name: 'workflow_dispatch', payload, sha, ref, headBranch: '', baseBranch: '', actor: world.owner };
}

/** A comment was written, as `issue_comment` tells it. Runs on the default branch. */
export function issueCommentEvent(
  world: World,
  comment: Comment,
  action: 'created' | 'edited' = 'created',
): WorkflowEvent {
  const pull = pullNumbered(world, comment.pullNumber);
  const ref = `refs/heads/${world.defaultBranch}`;
  const page = `${repositoryPage(world)}/pull/${pull.number}`;
  const api = `${world.apiUrl}/repos/${world.repository}/pulls/${pull.number}`;
  const issue = {
    ...{ number: pull.number, title: pull.title, state: pull.state, user: userShape(world, pull.author) },
    pull_request: { url: api, html_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch`, merged_at: null },
  };
  const payload = { action, issue, comment: commentShape(world, comment), ...sender(world, comment.author.login) };
  const sha = existing(objectOf(world.git, ref, 'commit'), ref);
  return { name: 'issue_comment', payload, sha, ref, headBranch: '', baseBranch: '', actor: comment.author.login };
}

/** Somebody pressed a button of a check run; webhooks alone have this event. */
export function buttonEvent(
  world: World,
  check: CheckRun,
  { login, identifier }: { readonly login: string; readonly identifier: string },
): Pick<WorkflowEvent, 'name' | 'payload'> {
  const check_run = checkRunShape(world, check);
  const payload = { action: 'requested_action', check_run, requested_action: { identifier }, ...sender(world, login) };
  return { name: 'check_run', payload };
}
