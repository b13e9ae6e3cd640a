/** GitHub's Git data API for one branch, kept in memory behind nock; it checks what GitHub checks. */
import { createHash } from 'node:crypto';
import { Octokit } from '@octokit/rest';
import nock from 'nock';
import type { GitHub } from '../../../src/github/client.ts';

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
}

interface StoredCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body: { readonly force?: boolean; readonly [key: string]: unknown };
}

/** Status and body; undefined: as usual. */
type Answer = readonly [number, object] | undefined;

export interface GitData {
  readonly github: GitHub;
  readonly requests: Recorded[];
  readonly writes: () => readonly string[];
  /** Asked before each request. */
  intercept: (request: Recorded, earlier: number) => Answer;
  /** Commits on the branch as another run would; returns the commit. */
  readonly push: (paths: readonly string[], message?: string, entries?: readonly TreeEntry[]) => string;
  readonly tip: () => (StoredCommit & { readonly sha: string; readonly paths: readonly string[] }) | undefined;
  /** Bodies of the requests of one kind: `POST /blobs`. */
  readonly bodies: (route: string) => readonly Recorded['body'][];
  truncated: boolean;
}

const root = '/repos/octo/models/git';
const branch = 'model-budget-charts';

export function digest(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

export function picture(path: string): TreeEntry {
  return { path, mode: '100644', type: 'blob', sha: digest(path) };
}

export function gitData(apiUrl = 'https://api.github.com'): GitData {
  const blobs = new Map<string, Buffer>();
  const trees = new Map<string, readonly TreeEntry[]>();
  const commits = new Map<string, StoredCommit>();
  let ref: string | undefined;

  const store = <Value>(kept: Map<string, Value>, value: Value): string => {
    const sha = digest(JSON.stringify(value));
    kept.set(sha, value);
    return sha;
  };
  const isAncestor = (sha: string, of: string): boolean =>
    sha === of || (commits.get(of)?.parents.some((parent) => isAncestor(sha, parent)) ?? false);

  const data: GitData = {
    github: {
      client: new Octokit({ auth: 'token', baseUrl: apiUrl, log: silent }),
      repository: { owner: 'octo', repo: 'models' },
      ...{ serverUrl: 'https://github.com', token: 'token', log: () => undefined },
    },
    requests: [],
    writes: () => data.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`),
    intercept: () => undefined,
    push: (paths, message = 'Charts of pull request 7\n\nCommits: 1\n', entries = paths.map(picture)) => {
      for (const { sha } of entries) blobs.set(sha, Buffer.of());
      ref = store(commits, { tree: store(trees, entries), parents: ref === undefined ? [] : [ref], message });
      return ref;
    },
    tip: () => {
      const commit = ref === undefined ? undefined : commits.get(ref);
      return commit && { ...commit, sha: ref!, paths: trees.get(commit.tree)!.map(({ path }) => path) };
    },
    bodies: (route) =>
      data.requests.filter(({ method, path }) => `${method} ${path}` === route).map(({ body }) => body),
    truncated: false,
  };

  const routes: Readonly<Record<string, (body: Readonly<Record<string, unknown>>, sha: string) => Answer>> = {
    'GET /ref': () => (ref === undefined ? notFound : [200, { object: { sha: ref } }]),
    'GET /commits': (_, sha) => {
      const { tree, parents, message } = commits.get(sha)!;
      return [200, { sha, message, tree: { sha: tree }, parents: parents.map((parent) => ({ sha: parent })) }];
    },
    'GET /trees': (_, sha) => {
      const files = trees.get(sha)!;
      const folders = new Set(files.flatMap(({ path }) => path.split('/').slice(0, -1)));
      const list = [...folders].map((path) => ({ path, mode: '040000', type: 'tree', sha: digest(path) }));
      return [200, { sha, tree: [...list, ...files], truncated: data.truncated }];
    },
    'POST /blobs': ({ content, encoding }) => {
      const bytes = Buffer.from(String(content), encoding === 'base64' ? 'base64' : 'utf8');
      const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      blobs.set(sha, bytes);
      return [201, { sha }];
    },
    'POST /trees': ({ tree }) => {
      const entries = (tree as readonly Partial<TreeEntry & { content: string }>[]).map(
        ({ content, ...entry }) => ({ sha: digest(content ?? ''), ...entry }) as TreeEntry & { content?: string },
      );
      const unknown = entries.find(({ path, sha }) => path !== 'README.md' && !blobs.has(sha));
      if (unknown !== undefined) return invalid(`tree.sha ${unknown.sha} is not a valid blob`);
      return [201, { sha: store(trees, entries) }];
    },
    'POST /commits': ({ message, tree, parents }) => {
      const commit = { message: String(message), tree: String(tree), parents: parents as readonly string[] };
      return [201, { sha: store(commits, commit) }];
    },
    'POST /refs': ({ ref: name, sha }) => {
      if (name !== `refs/heads/${branch}`) return invalid('Reference name is not expected');
      if (ref !== undefined) return invalid('Reference already exists');
      ref = String(sha);
      return [201, { object: { sha } }];
    },
    'PATCH /refs': ({ sha, force }) => {
      if (ref === undefined) return invalid('Reference does not exist');
      if (force !== true && !isAncestor(ref, String(sha))) return invalid('Update is not a fast forward');
      ref = String(sha);
      return [200, { object: { sha } }];
    },
  };

  const reply = (method: string, uri: string, body: unknown): readonly [number, object] => {
    const [, path = '', sha = ''] = /^(\/\w+)(?:\/([^?]*))?/.exec(uri.slice(uri.indexOf(root) + root.length)) ?? [];
    const request = { method, path, body: (body === '' ? {} : body) as Recorded['body'] };
    const earlier = data.requests.filter((one) => one.method === method && one.path === path).length;
    data.requests.push(request);
    return data.intercept(request, earlier) ?? routes[`${method} ${path}`]?.(request.body, sha) ?? notFound;
  };
  const scope = nock(new URL(apiUrl).origin).persist();
  const under = (uri: string): boolean => uri.includes(root);
  scope.get(under).reply((uri, body) => [...reply('GET', uri, body)]);
  scope.post(under).reply((uri, body) => [...reply('POST', uri, body)]);
  scope.patch(under).reply((uri, body) => [...reply('PATCH', uri, body)]);
  return data;
}

export const notFound = [404, { message: 'Not Found' }] as const;
export const forbidden = [403, { message: 'Resource not accessible by integration' }] as const;

export function invalid(message: string): Answer {
  return [422, { message }];
}

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // Octokit logs every refused request.
}
