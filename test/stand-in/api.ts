// Answers one request to the REST API, and holds both sides against GitHub's description.
import { refusal, Refused, type Call, type Reply } from './call.ts';
import { appOfToken } from './installed-app.ts';
import { matchOperation, type Match } from './match.ts';
import type { Token } from './options.ts';
import { refusedBy } from './permissions.ts';
import { handlers } from './routes/index.ts';
import type { World } from './state.ts';
import { bodyReasons, requestReasons, responseReason, type Violation } from './validate.ts';

export interface ApiRequest {
  readonly method: string;
  /** Without the API's own prefix and without the query */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Authentication {
  readonly token: Token | null;
  /** A token was given, but nobody has it */
  readonly rejected: boolean;
}

export function authenticate(world: World, header: string | undefined): Authentication {
  if (header === undefined) return { token: null, rejected: false };
  const given = /^(?:token|bearer)\s+(.+)$/i.exec(header)?.[1] ?? basicPassword(header);
  const token = given === undefined ? undefined : (world.state.tokens.get(given) ?? appOfToken(world, given));
  return { token: token ?? null, rejected: token === undefined };
}

export function basicPassword(header: string): string | undefined {
  const encoded = /^basic\s+(.+)$/i.exec(header)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString().split(':').slice(1).join(':');
}

export type Report = (violation: Violation) => void;

/** The body as JSON; undefined without one; null where it is no JSON. */
function parsedBody(body: Buffer): { readonly value: unknown } | null {
  if (body.length === 0) return { value: undefined };
  try {
    return { value: JSON.parse(body.toString()) as unknown };
  } catch {
    return null;
  }
}

export function answerApi(world: World, request: ApiRequest, report: Report): Reply {
  const call = `${request.method} ${request.path}`;
  if (request.headers['user-agent'] === undefined) {
    report({ where: 'request', call, reason: 'header user-agent: is missing' });
    return refusal(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    );
  }
  const { token, rejected } = authenticate(world, header(request, 'authorization'));
  if (rejected) return refusal(401, 'Bad credentials');
  const match = matchOperation(request.method, request.path);
  if (match === null || !isHere(world, match)) {
    if (match === null) report({ where: 'route', call, reason: 'the stand-in knows no such operation' });
    return refusal(404, 'Not Found');
  }
  const reply = answerOperation(world, { request, match, token, call }, report);
  checkResponse(match, reply, call, report);
  return reply;
}

/** Names of owners and repositories do not care about case. */
function isHere(world: World, { path }: Match): boolean {
  return (
    path.owner === undefined || `${path.owner}/${path.repo ?? ''}`.toLowerCase() === world.repository.toLowerCase()
  );
}

interface Matched {
  readonly request: ApiRequest;
  readonly match: Match;
  readonly token: Token | null;
  readonly call: string;
}

function answerOperation(world: World, { request, match, token, call }: Matched, report: Report): Reply {
  const { operation, path } = match;
  const parsed = parsedBody(request.body);
  const parts = { path, query: request.query, body: parsed?.value };
  const reasons = parsed === null ? ['body: is no JSON'] : requestReasons(operation, parts);
  for (const reason of reasons) report({ where: 'request', call, reason });
  const refused = refusedBy(world, token, operation.id);
  if (refused !== null) return refused;
  if (parsed === null) return refusal(400, 'Problems parsing JSON');
  const handler = handlers[operation.id];
  if (handler === undefined) throw new Error(`no handler for ${operation.id}`);
  const invalid = bodyReasons(operation, parsed.value);
  if (invalid.length > 0) return refusal(422, `Invalid request.\n\n${invalid.join('\n')}`);
  const { query } = request;
  return settled({ world, token, path, query, body: parsed.value, accept: header(request, 'accept') ?? '' }, handler);
}

const header = ({ headers }: ApiRequest, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

function settled(call: Call, handler: (call: Call) => Reply): Reply {
  try {
    return handler(call);
  } catch (error) {
    if (error instanceof Refused) return error.reply;
    throw error;
  }
}

function checkResponse({ operation }: Match, reply: Reply, call: string, report: Report): void {
  const reason = responseReason(operation, {
    status: reply.status,
    contentType: reply.status === 204 ? null : (reply.contentType ?? 'application/json').split(';')[0]!,
    body: reply.bytes === undefined ? reply.body : reply.bytes.toString('latin1'),
  });
  if (reason !== null) report({ where: 'response', call, reason: `${reply.status}: ${reason}` });
}
