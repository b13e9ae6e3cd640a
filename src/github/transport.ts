/** How requests travel to GitHub: answers that are whole or none, over connections that stay open. */
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { gunzipSync } from 'node:zlib';

/** GitHub itself gives up on an answer after 10 s; what stands between may never do. */
const longestSilenceMilliseconds = 60_000;

/** Rejects where no answer begins in time; what follows its headers is the caller's to wait for. */
export async function fetchAnswer(url: string, init: RequestInit): Promise<Response> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('no answer came')), longestSilenceMilliseconds);
  try {
    return await fetch(url, { ...init, signal: silence.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** As much of a `Response` as Octokit reads. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string> | Headers;
  /** What the JSON of a good answer says; of one that was asked for raw, its bytes. */
  readonly body: unknown;
  readonly text: () => Promise<string>;
  readonly arrayBuffer: () => Promise<unknown>;
}

/** Octokit's `request` option: it takes bodies as they are here. */
export const wholeAnswers = { fetch: fetchWhole, parseSuccessResponseBody: false } as const;

/**
 * Octokit takes an answer that breaks off for an empty one: an empty list of files would be "nothing changed". So JSON is
 * read whole here, and what is none counts as no answer, which is asked for again.
 */
export async function fetchWhole(url: string, init: RequestInit): Promise<Answer> {
  const headers = Object.fromEntries(new Headers(init.headers));
  if (headers.accept?.includes('raw') === true) return fetchAnswer(url, init);
  const answer = await exchange(url, { ...init, headers });
  if (!answer.ok || answer.status === 204) return answer;
  const text = await answer.text();
  try {
    return { ...answer, body: JSON.parse(text) as unknown };
  } catch {
    throw new Error('the answer is not the JSON that was asked for');
  }
}

/** For a request that makes something: more than one try may have made more than one. */
export function countingFetch(): { readonly fetch: typeof fetchWhole; readonly tries: () => number } {
  let tries = 0;
  return {
    fetch: (url, init) => {
      tries += 1;
      return fetchWhole(url, init);
    },
    tries: () => tries,
  };
}

interface Exchange extends RequestInit {
  readonly headers: Readonly<Record<string, string>>;
}

/** Half of what a review costs the App would be `fetch`, which makes streams of everything. */
async function exchange(url: string, init: Exchange): Promise<Answer> {
  const message = await sent(url, init);
  const bytes = await bytesOf(message);
  const { statusCode: status = 0 } = message;
  // Somebody renamed the repository: rare, and `fetch` knows what may go along to where.
  if (status >= 300 && status < 400 && message.headers.location !== undefined) return followed(url, init);
  const text = bytes.toString('utf8');
  return {
    ...{ ok: status >= 200 && status < 300, status, url, headers: headersOf(message), body: null },
    text: () => Promise.resolve(text),
    arrayBuffer: () => Promise.resolve(bytes),
  };
}

async function followed(url: string, init: Exchange): Promise<Answer> {
  const response = await fetchAnswer(url, init);
  const text = await response.text();
  const { ok, status, headers } = response;
  return {
    ...{ ok, status, url: response.url, headers, body: null },
    text: () => Promise.resolve(text),
    arrayBuffer: () => Promise.resolve(new TextEncoder().encode(text).buffer),
  };
}

/** Until the headers of the answer are there. */
function sent(url: string, { method = 'GET', headers, body }: Exchange): Promise<IncomingMessage> {
  const request = url.startsWith('http:') ? requestPlain : requestSecure;
  const options = { method, headers: { ...headers, 'accept-encoding': 'gzip' }, timeout: longestSilenceMilliseconds };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer came')));
    outgoing.end(body ?? undefined);
  });
}

/** @throws where the answer breaks off */
async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => void chunks.push(chunk));
    message.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    message.on('error', reject);
  });
  return message.headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes;
}

function headersOf({ headers }: IncomingMessage): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
