// Pull requests as the API and webhooks show them.
import { changedFiles } from '../diff.ts';
import { countCommits, mergeBase } from '../git.ts';
import { baseTip, headSha, recordedBase, testMerge } from '../resolve.ts';
import type { PullRequest, World } from '../state.ts';
import { associationOf, nodeId, stableId, userShape, type Shape } from './account.ts';
import { repositoryApi, repositoryPage, repositoryShape } from './repository.ts';

const noSha = '0'.repeat(40);

function links(world: World, number: number): Shape {
  const api = repositoryApi(world);
  const href = (path: string) => ({ href: `${api}/${path}` });
  return {
    self: href(`pulls/${number}`),
    html: { href: `${repositoryPage(world)}/pull/${number}` },
    issue: href(`issues/${number}`),
    comments: href(`issues/${number}/comments`),
    review_comments: href(`pulls/${number}/comments`),
    review_comment: href('pulls/comments{/number}'),
    commits: href(`pulls/${number}/commits`),
    statuses: href(`statuses/${noSha}`),
  };
}

function urls(world: World, number: number): Shape {
  const [api, page] = [repositoryApi(world), `${repositoryPage(world)}/pull/${number}`];
  return {
    url: `${api}/pulls/${number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${api}/issues/${number}`,
    commits_url: `${api}/pulls/${number}/commits`,
    review_comments_url: `${api}/pulls/${number}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${api}/issues/${number}/comments`,
    statuses_url: `${api}/statuses/${noSha}`,
  };
}

function sideShape(world: World, repository: string, ref: string, sha: string): Shape {
  const owner = repository.split('/')[0]!;
  return {
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: userShape(world, owner),
    repo: repositoryShape(world, repository),
  };
}

/** As lists show it. */
export function pullRequestSimpleShape(world: World, pull: PullRequest): Shape {
  const id = stableId(`pull ${pull.number}`);
  const closedAt = pull.state === 'closed' ? world.now() : null;
  return {
    ...urls(world, pull.number),
    id,
    node_id: nodeId('PR', id),
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(world, pull.author),
    body: pull.body,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: pull.createdAt,
    updated_at: world.now(),
    closed_at: closedAt,
    merged_at: null,
    merge_commit_sha: testMerge(world, pull),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: sideShape(world, pull.headRepository, pull.headRef, headSha(world, pull) ?? noSha),
    base: sideShape(world, world.repository, pull.baseRef, recordedBase(world, pull) ?? noSha),
    _links: links(world, pull.number),
    author_association: associationOf(world, { login: pull.author }),
    auto_merge: null,
    draft: pull.draft,
  };
}

/** Where a pull request's three-dot difference begins, and its head; null when a branch is gone. */
export function pullRange(world: World, pull: PullRequest): { mergeBase: string; head: string } | null {
  const [base, head] = [baseTip(world, pull), headSha(world, pull)];
  if (base === null || head === null) return null;
  const common = mergeBase(world.git, base, head);
  return common === null ? null : { mergeBase: common, head };
}

/** As GET /pulls/{number} and webhooks show it. */
export function pullRequestShape(world: World, pull: PullRequest): Shape {
  const range = pullRange(world, pull);
  const files = range === null ? [] : changedFiles(world.git, range.mergeBase, range.head);
  const sum = (key: 'additions' | 'deletions') => files.reduce((total, file) => total + file[key], 0);
  const simple = pullRequestSimpleShape(world, pull);
  const mergeable = simple.merge_commit_sha !== null;
  return {
    ...simple,
    merged: false,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable ? 'clean' : 'dirty',
    merged_by: null,
    comments: world.state.comments.filter(({ pullNumber }) => pullNumber === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: range === null ? 0 : countCommits(world.git, `${range.mergeBase}..${range.head}`),
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  };
}

/** As a check run lists it. */
export function pullRequestMinimalShape(world: World, pull: PullRequest): Shape {
  const side = (repository: string, ref: string, sha: string) => {
    const { id, url, name } = repositoryShape(world, repository);
    return { ref, sha, repo: { id, url, name } };
  };
  return {
    id: stableId(`pull ${pull.number}`),
    number: pull.number,
    url: `${repositoryApi(world)}/pulls/${pull.number}`,
    head: side(pull.headRepository, pull.headRef, headSha(world, pull) ?? noSha),
    base: side(world.repository, pull.baseRef, recordedBase(world, pull) ?? noSha),
  };
}
