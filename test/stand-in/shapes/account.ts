// People, bots and Apps as the API shows them.
import { createHash } from 'node:crypto';
import type { AppIdentity, Permissions } from '../options.ts';
import type { Author, World } from '../state.ts';

export type Shape = Record<string, unknown>;

/** Ids that code in the wild relies on. */
const knownIds: Readonly<Record<string, number>> = { 'github-actions[bot]': 41_898_282 };

/** A number that is the same for the same text in every run. */
export function stableId(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 4);
}

export const nodeId = (kind: string, id: number | string): string =>
  `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`;

export function userShape(world: World, login: string): Shape {
  const id = knownIds[login] ?? stableId(login);
  const bot = login.endsWith('[bot]');
  const api = `${world.apiUrl}/users/${encodeURIComponent(login)}`;
  const page = bot ? `apps/${login.slice(0, -'[bot]'.length)}` : login;
  return {
    login,
    id,
    node_id: nodeId(bot ? 'BOT' : 'U', id),
    avatar_url: `${world.serverUrl}/avatars/u/${id}`,
    gravatar_id: '',
    url: api,
    html_url: `${world.serverUrl}/${page}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: bot ? 'Bot' : 'User',
    user_view_type: 'public',
    site_admin: false,
  };
}

const begun = '2020-01-01T00:00:00Z';

/** The answer of GET /user. */
export function publicUserShape(world: World, login: string): Shape {
  const nothing = { company: null, blog: '', location: null, email: null, hireable: null, bio: null };
  const counts = { public_repos: 1, public_gists: 0, followers: 0, following: 0 };
  return { ...userShape(world, login), name: login, ...nothing, ...counts, created_at: begun, updated_at: begun };
}

export function appShape(world: World, app: AppIdentity, permissions: Permissions = {}): Shape {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: userShape(world, app.slug === 'github-actions' ? 'github' : world.owner),
    name: app.name,
    description: '',
    external_url: `${world.serverUrl}/apps/${app.slug}`,
    html_url: `${world.serverUrl}/apps/${app.slug}`,
    created_at: begun,
    updated_at: begun,
    permissions: { metadata: 'read', ...permissions },
    events: [],
  };
}

/** How close an author is to the repository, in the API's words. */
export function associationOf(world: World, author: Pick<Author, 'login'>): string {
  if (author.login === world.owner) return 'OWNER';
  const role = world.state.roles.get(author.login);
  return role !== undefined && role !== 'none' && role !== 'read' ? 'COLLABORATOR' : 'NONE';
}
