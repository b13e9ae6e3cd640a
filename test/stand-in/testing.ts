// A stand-in over a small repository, and plain calls of it, for the stand-in's own tests.
import { makeGitRepository, type GitRepository } from './git-repository.ts';
import { workflowToken, type Permissions, type StandInOptions } from './options.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

export const repositoryPath = '/repos/acme/detector';

export const allPermissions: Permissions = { contents: 'write', pull_requests: 'write', checks: 'write' };

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON */
  readonly body: T;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** null: without credentials */
  readonly token?: string | null;
}

export interface Bench {
  readonly repository: GitRepository;
  readonly standIn: StandIn;
  /** `path` below the repository ("/pulls/1"), or of the whole API with a leading ":" (":/user") */
  readonly call: <T = Record<string, unknown>>(
    method: string,
    path: string,
    options?: CallOptions,
  ) => Promise<Answer<T>>;
  readonly close: () => Promise<void>;
}

/** main has two files; pull request 1 adds a model on the branch "feature/one". */
export async function startBench(options: Partial<StandInOptions> = {}): Promise<Bench> {
  const repository = makeGitRepository();
  repository.commit('main', { 'models/a.onnx': 'a model', 'docs/read.me': 'one\ntwo\nthree\n' });
  repository.commit('feature/one', { 'models/b.onnx': 'another model' }, { from: 'main' });
  const standIn = await startStandIn({
    gitFolder: repository.folder,
    repository: 'acme/detector',
    pullRequests: [{ number: 1, head: { ref: 'feature/one' }, base: 'main' }],
    tokens: { 'a-token': workflowToken(allPermissions) },
    ...options,
  });
  const close = async () => {
    await standIn.close();
    repository.remove();
  };
  return { repository, standIn, close, call: (method, path, call) => callStandIn(standIn, method, path, call) };
}

async function callStandIn<T>(
  { apiUrl }: StandIn,
  method: string,
  path: string,
  { body, headers, token = 'a-token' }: CallOptions = {},
): Promise<Answer<T>> {
  const answer = await fetch(apiUrl + (path.startsWith(':') ? path.slice(1) : repositoryPath + path), {
    method,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, body: (isJson ? JSON.parse(text) : text) as T };
}
