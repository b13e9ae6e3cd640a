// The repository, or a fork of it, as the API and webhooks show it.
import type { World } from '../state.ts';
import { nodeId, stableId, userShape, type Shape } from './account.ts';

/** Key -> what follows ".../repos/<owner>/<name>/" */
const subresources: Readonly<Record<string, string>> = {
  archive_url: '{archive_format}{/ref}',
  assignees_url: 'assignees{/user}',
  blobs_url: 'git/blobs{/sha}',
  branches_url: 'branches{/branch}',
  collaborators_url: 'collaborators{/collaborator}',
  comments_url: 'comments{/number}',
  commits_url: 'commits{/sha}',
  compare_url: 'compare/{base}...{head}',
  contents_url: 'contents/{+path}',
  contributors_url: 'contributors',
  deployments_url: 'deployments',
  downloads_url: 'downloads',
  events_url: 'events',
  forks_url: 'forks',
  git_commits_url: 'git/commits{/sha}',
  git_refs_url: 'git/refs{/sha}',
  git_tags_url: 'git/tags{/sha}',
  hooks_url: 'hooks',
  issue_comment_url: 'issues/comments{/number}',
  issue_events_url: 'issues/events{/number}',
  issues_url: 'issues{/number}',
  keys_url: 'keys{/key_id}',
  labels_url: 'labels{/name}',
  languages_url: 'languages',
  merges_url: 'merges',
  milestones_url: 'milestones{/number}',
  notifications_url: 'notifications{?since,all,participating}',
  pulls_url: 'pulls{/number}',
  releases_url: 'releases{/id}',
  stargazers_url: 'stargazers',
  statuses_url: 'statuses/{sha}',
  subscribers_url: 'subscribers',
  subscription_url: 'subscription',
  tags_url: 'tags',
  teams_url: 'teams',
  trees_url: 'git/trees{/sha}',
};

const begun = '2020-01-01T00:00:00Z';

const features = {
  has_issues: true,
  has_projects: true,
  has_downloads: true,
  has_wiki: true,
  has_pages: false,
  has_discussions: false,
  archived: false,
  disabled: false,
  is_template: false,
  allow_forking: true,
  web_commit_signoff_required: false,
};

const counts = {
  size: 100,
  stargazers_count: 0,
  watchers_count: 0,
  forks_count: 0,
  open_issues_count: 0,
  forks: 0,
  open_issues: 0,
  watchers: 0,
};

export const repositoryApi = (world: World, repository = world.repository): string =>
  `${world.apiUrl}/repos/${repository}`;

export const repositoryPage = (world: World, repository = world.repository): string =>
  `${world.serverUrl}/${repository}`;

/** `repository`: "owner/name", this one by default. */
export function repositoryShape(world: World, repository = world.repository): Shape {
  const [owner, name] = repository.split('/');
  const id = stableId(repository);
  const host = new URL(world.serverUrl).host;
  const page = repositoryPage(world, repository);
  const api = repositoryApi(world, repository);
  return {
    id,
    node_id: nodeId('R', id),
    name,
    full_name: repository,
    private: world.isPrivate,
    owner: userShape(world, owner!),
    html_url: page,
    description: null,
    fork: repository !== world.repository,
    url: api,
    ...Object.fromEntries(Object.entries(subresources).map(([key, rest]) => [key, `${api}/${rest}`])),
    created_at: begun,
    updated_at: begun,
    pushed_at: begun,
    git_url: `git://${host}/${repository}.git`,
    ssh_url: `git@${host}:${repository}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    language: null,
    mirror_url: null,
    license: null,
    topics: [],
    visibility: world.isPrivate ? 'private' : 'public',
    default_branch: world.defaultBranch,
    ...features,
    ...counts,
  };
}

export function fullRepositoryShape(world: World): Shape {
  return { ...repositoryShape(world), network_count: 0, subscribers_count: 0 };
}
