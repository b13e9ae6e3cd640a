// One request on its way through the stand-in, and the answer to it.
import type { Token } from './options.ts';
import type { World } from './state.ts';
import { rawType } from './validate.ts';

export interface Call {
  readonly world: World;
  /** null: nobody said who calls */
  readonly token: Token | null;
  /** Values of the placeholders in the path, unescaped */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed and already held against the description */
  readonly body: unknown;
  /** The header `accept` */
  readonly accept: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON */
  readonly body?: unknown;
  /** Sent as it is, in place of a body */
  readonly bytes?: Buffer;
  /** "application/json; charset=utf-8" by default */
  readonly contentType?: string;
}

export type Handler = (call: Call) => Reply;

/** Operation id -> its handler */
export type Handlers = Readonly<Record<string, Handler>>;

const documentation = 'https://docs.github.com/rest';

export function refusal(status: number, message: string, more: Readonly<Record<string, unknown>> = {}): Reply {
  return { status, body: { message, ...more, documentation_url: documentation, status: String(status) } };
}

/** Thrown deep inside a handler, and sent as the answer. */
export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super((reply.body as { message?: string } | undefined)?.message ?? `status ${reply.status}`);
    this.reply = reply;
  }
}

export const notFound = (): Refused => new Refused(refusal(404, 'Not Found'));

export const unprocessable = (message: string): Refused => new Refused(refusal(422, message));

export interface FieldError {
  readonly resource: string;
  readonly code: string;
  readonly field: string;
  readonly message?: string;
}

export const validationFailed = (...errors: readonly FieldError[]): Refused =>
  new Refused(refusal(422, 'Validation Failed', { errors }));

/** The value, or 404. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw notFound();
  return value;
}

/** GitHub's own default and largest number of items on a page. */
const defaultPageSize = 30;
const maximumPageSize = 100;

export interface Page {
  readonly number: number;
  readonly size: number;
}

export function pageOf(query: URLSearchParams, defaultSize = defaultPageSize, maximum = maximumPageSize): Page {
  const size = Number(query.get('per_page') ?? defaultSize) || defaultSize;
  return { number: Math.max(1, Number(query.get('page') ?? 1) || 1), size: Math.min(maximum, Math.max(1, size)) };
}

export const pageItems = <T>(items: readonly T[], page: Page): T[] =>
  items.slice((page.number - 1) * page.size, page.number * page.size);

/** The header `link` to the pages around this one; none when everything fits. */
export function pageLinks(call: Call, path: string, total: number, page: Page): Record<string, string> {
  const last = Math.max(1, Math.ceil(total / page.size));
  const link = (number: number, relation: string) => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(number));
    return `<${call.world.apiUrl}${path}?${query.toString()}>; rel="${relation}"`;
  };
  const before = page.number > 1 ? [link(page.number - 1, 'prev')] : [];
  const after = page.number < last ? [link(page.number + 1, 'next'), link(last, 'last')] : [];
  const first = page.number > 1 ? [link(1, 'first')] : [];
  const links = [...before, ...after, ...first];
  return links.length === 0 ? {} : { link: links.join(', ') };
}

/** A page of a list, with its links. `path`: of this request, for the links. */
export function listReply<T>(call: Call, path: string, items: readonly T[], shape: (item: T) => unknown): Reply {
  const page = pageOf(call.query);
  return {
    status: 200,
    headers: pageLinks(call, path, items.length, page),
    body: pageItems(items, page).map(shape),
  };
}

export const repositoryPath = (world: World): string => `/repos/${world.repository}`;

/** GitHub says "utf-8" of any bytes, so that clients which believe it spoil them. */
export const rawReply = (bytes: Buffer): Reply => ({
  status: 200,
  bytes,
  contentType: `${rawType}; charset=utf-8`,
});

/** Asks `accept` for the bytes themselves: "application/vnd.github.raw", "...v3.raw", "...raw+json". */
export const wantsRaw = (accept: string): boolean => /application\/vnd\.github\.(v3\.)?raw(\+json)?\b/.test(accept);
