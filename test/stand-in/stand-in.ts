// A small GitHub on this machine: the REST operations that the Action uses and Git LFS, over a real git repository.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerApi, authenticate, type ApiRequest } from './api.ts';
import { refusal, type Reply } from './call.ts';
import { makeFaults, type Fault, type Faults } from './faults.ts';
import { openGit } from './git.ts';
import { answerLfs } from './lfs.ts';
import type { SeenRequest, StandInOptions } from './options.ts';
import { authorOf, makeWorld, type State, type World } from './state.ts';
import type { Violation } from './validate.ts';

export interface LoggedRequest extends SeenRequest {
  /** null: the connection was cut */
  readonly status: number | null;
  /** A fault gave the answer */
  readonly faulty: boolean;
}

export interface StandIn {
  /** For GITHUB_API_URL */
  readonly apiUrl: string;
  /** For GITHUB_SERVER_URL */
  readonly serverUrl: string;
  readonly world: World;
  readonly state: State;
  readonly faults: Faults;
  /** In the order of the answers */
  readonly requests: readonly LoggedRequest[];
  /** Everything that GitHub's description does not allow; a test ends by expecting none. */
  readonly violations: readonly Violation[];
  readonly close: () => Promise<void>;
}

interface Service {
  readonly world: World;
  readonly options: StandInOptions;
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
  readonly violations: Violation[];
}

const longestComputationMilliseconds = 120_000;

/** Listens on a free port of this machine. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const server = createServer();
  // A test in the same process may compute for longer than the five seconds after which a quiet connection is closed.
  server.keepAliveTimeout = longestComputationMilliseconds;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = makeWorld(options, openGit(options.gitFolder), serverUrl);
  const faults = makeFaults(options.faults ?? [], options.failEachCallOnce);
  const service: Service = { world, options, faults, requests: [], violations: [] };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve(service, request, response).catch((error: unknown) => fail(service, response, error));
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { requests, violations } = service;
  return { apiUrl: world.apiUrl, serverUrl, world, state: world.state, faults, requests, violations, close };
}

interface Received {
  /** null: the request is none of the API */
  readonly apiPath: string | null;
  readonly url: URL;
  readonly seen: SeenRequest;
  readonly body: Buffer;
}

function received({ world }: Service, request: IncomingMessage, body: Buffer): Received {
  const url = new URL(request.url ?? '/', world.serverUrl);
  const prefix = world.apiUrl.slice(world.serverUrl.length);
  const isLfs = url.pathname.includes('/info/lfs/') || url.pathname.startsWith('/lfs-storage/');
  const apiPath = !isLfs && url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : null;
  const { token } = authenticate(world, request.headers.authorization);
  const seen = {
    method: request.method ?? 'GET',
    path: (apiPath ?? url.pathname) + url.search,
    login: token === null ? null : authorOf(token).login,
    body: readable(body),
  };
  return { apiPath, url, seen, body };
}

/** JSON as a value, anything else as text: for hooks and logs. */
function readable(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return body.toString();
  }
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const got = received(service, request, Buffer.concat(chunks));
  await service.options.onRequest?.(got.seen);
  const fault = service.faults.take(got.seen.method, got.seen.path);
  if (fault?.delayMilliseconds !== undefined) await wait(fault.delayMilliseconds);
  const reply = answered(service, request, got, fault);
  const faulty = fault?.status !== undefined || fault?.drop === true || fault?.cut === true;
  service.requests.push({ ...got.seen, status: reply?.status ?? null, faulty });
  if (reply === null) response.destroy();
  else if (fault?.cut === true) sendHalf(response, reply);
  else send(response, reply, limitHeaders(service));
}

/** null: no answer, the connection is cut. */
function answered(service: Service, request: IncomingMessage, got: Received, fault: Fault | null): Reply | null {
  const strikes = fault !== null && (fault.drop === true || fault.status !== undefined);
  const real = strikes && fault.applied !== true ? null : realReply(service, request, got);
  if (!strikes) return real;
  if (fault.drop === true) return null;
  const text = typeof fault.body === 'string' ? Buffer.from(fault.body) : undefined;
  return {
    status: fault.status!,
    ...(fault.headers === undefined ? {} : { headers: fault.headers }),
    ...(text === undefined ? { body: fault.body ?? {} } : { bytes: text, contentType: 'text/html' }),
  };
}

function realReply(service: Service, request: IncomingMessage, got: Received): Reply {
  const { world, violations } = service;
  const { method } = got.seen;
  const { headers } = request;
  const report = (violation: Violation) => void violations.push(violation);
  if (got.apiPath !== null) {
    if (isOverLimit(service)) return overLimit();
    const api: ApiRequest = { method, path: got.apiPath, query: got.url.searchParams, headers, body: got.body };
    return answerApi(world, api, report);
  }
  const lfs = answerLfs(world, { method, path: got.url.pathname, headers, body: got.body });
  if (lfs !== null) return lfs;
  report({ where: 'route', call: `${method} ${got.url.pathname}`, reason: 'neither the API nor Git LFS' });
  return refusal(404, 'Not Found');
}

const isOverLimit = ({ requests, world }: Service) => requests.length >= world.limits.requestsPerHour;

const overLimit = (): Reply => refusal(403, 'API rate limit exceeded for installation ID 1.');

function limitHeaders({ requests, world }: Service): Record<string, string> {
  const limit = world.limits.requestsPerHour;
  const used = Math.min(limit, requests.length);
  const hourSeconds = 3600;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-used': String(used),
    'x-ratelimit-remaining': String(limit - used),
    'x-ratelimit-reset': String(Math.floor(Date.parse(world.now()) / 1000) + hourSeconds),
    'x-ratelimit-resource': 'core',
    'x-github-request-id': `STANDIN:${requests.length}`,
  };
}

const bytesOf = ({ bytes, body }: Reply): Buffer | undefined =>
  bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));

const contentTypeOf = ({ contentType = 'application/json; charset=utf-8' }: Reply) => contentType;

function sendHalf(response: ServerResponse, reply: Reply): void {
  const bytes = bytesOf(reply) ?? Buffer.alloc(0);
  response.writeHead(reply.status, { 'content-type': contentTypeOf(reply), 'content-length': String(bytes.length) });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

function send(response: ServerResponse, reply: Reply, headers: Readonly<Record<string, string>>): void {
  const bytes = bytesOf(reply);
  const contentType = contentTypeOf(reply);
  response.writeHead(reply.status, {
    ...headers,
    ...(bytes === undefined ? {} : { 'content-type': contentType, 'content-length': String(bytes.length) }),
    ...reply.headers,
  });
  response.end(bytes);
}

/** A mistake of the stand-in itself: the test has to hear of it. */
function fail(service: Service, response: ServerResponse, error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  service.violations.push({ where: 'response', call: 'the stand-in itself', reason });
  if (!response.headersSent) send(response, refusal(500, reason), {});
}
