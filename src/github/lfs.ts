/**
 * Git LFS without git: the batch endpoint of the repository tells an object's real size, and where to fetch it, without
 * moving a byte of it (spec: git-lfs/docs/api/batch.md). A `.lfsconfig` of the repository is not looked at: it could send
 * the token elsewhere.
 */
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { LfsPointer } from '../files/lfs-pointer.ts';
import { reasonOf, type GitHub, type RepositoryName } from './client.ts';
import { fetchAnswer } from './transport.ts';

export interface LfsObject {
  readonly byteLength: number;
  readonly open: () => Promise<ReadableStream>;
}

/** Larger ones would fill the disk of a runner; their sizes are told all the same. */
export const maximumObjectBytes = 4 * 1024 ** 3;

const tries = 4;
const longestWaitSeconds = 60;

/**
 * @throws UserError in one line when the server refuses, or says another size than the pointer, whose text is its
 *   author's.
 */
export async function lfsObject(github: GitHub, repository: RepositoryName, pointer: LfsPointer): Promise<LfsObject> {
  const name = `Git LFS object ${pointer.oid.slice(0, 12)}…`;
  const found = await batch(github, repository, pointer).catch((error: unknown) => {
    throw new UserError(`${name}: ${reasonOf(error)}`);
  });
  const refused = entriesOf(found.error);
  if (found.error !== undefined) throw new UserError(`${name}: ${refusal(refused.code, refused.message)}`);
  if (found.size !== pointer.byteLength) {
    throw new UserError(`${name}: its pointer says ${pointer.byteLength} B, the server ${String(found.size)} B`);
  }
  return {
    byteLength: found.size,
    open: async () => {
      if (pointer.byteLength > maximumObjectBytes)
        throw new UserError(`${name}: larger than the 4 GiB that are fetched`);
      return download(github, found, name);
    },
  };
}

/** What a server answered: nothing is known of it before it was looked at. */
type Answered = Readonly<Record<string, unknown>>;

function entriesOf(value: unknown): Answered {
  return typeof value === 'object' && value !== null ? (value as Answered) : {};
}

async function batch(
  github: GitHub,
  { owner, repo }: RepositoryName,
  { oid, byteLength }: LfsPointer,
): Promise<Answered> {
  const { serverUrl, token } = github;
  const response = await fetchPatiently(github, `${serverUrl}/${owner}/${repo}.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: {
      accept: 'application/vnd.git-lfs+json',
      'content-type': 'application/vnd.git-lfs+json',
      authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    },
    body: JSON.stringify({
      operation: 'download',
      transfers: ['basic'],
      hash_algo: 'sha256',
      objects: [{ oid, size: byteLength }],
    }),
  });
  if (response.status === 404) throw new Error('the server has no Git LFS for this repository, or hides it');
  if (!response.ok) throw new Error(refusal(response.status, await messageOf(response)));
  const { objects } = entriesOf(await response.json());
  const found = Array.isArray(objects) ? objects.map(entriesOf).find((object) => object.oid === oid) : undefined;
  if (found === undefined) throw new Error('the server did not answer for it');
  return found;
}

/** Only what the batch reply gave is sent along; never the token by ourselves, since the host may be any. */
async function download(github: GitHub, found: Answered, name: string): Promise<ReadableStream> {
  const { href, header } = entriesOf(entriesOf(found.actions).download);
  if (typeof href !== 'string' || !URL.canParse(href)) {
    throw new UserError(`${name}: the server gives no address for it`);
  }
  const { protocol, origin } = new URL(href);
  if (protocol !== 'https:' && origin !== new URL(github.serverUrl).origin) {
    throw new UserError(`${name}: its address is not an https one`);
  }
  const headers = Object.entries(entriesOf(header)).map(([key, value]): [string, string] => [key, String(value)]);
  const response = await fetchPatiently(github, href, { headers }).catch((error: unknown) => {
    throw new UserError(`${name}: cannot be fetched: ${reasonOf(error)}`);
  });
  if (!response.ok || response.body === null) {
    throw new UserError(`${name}: ${refusal(response.status, response.statusText)}`);
  }
  return response.body;
}

function refusal(status: unknown, words: unknown): string {
  if (status === 404) return 'the server does not have it; was it pushed?';
  const message = typeof words === 'string' ? words : '';
  const quota = /quota|bandwidth|budget/i.test(message);
  const hint = quota ? '; the LFS bandwidth of the account is used up, its owner can raise it under Billing' : '';
  return `the server refuses it: ${String(status)} ${message.replace(/\s+/g, ' ').slice(0, 200)}${hint}`;
}

async function messageOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const { message } = entriesOf(body);
  return typeof message === 'string' ? message : response.statusText;
}

/** Again after 429, a server error or a broken connection; for the time that the server names, within reason. */
async function fetchPatiently({ noteFailure }: GitHub, url: string, init: RequestInit): Promise<Response> {
  for (let count = 1; ; count += 1) {
    const last = count === tries;
    try {
      const response = await fetchAnswer(url, init);
      if (response.status !== 429 && response.status < 500) return response;
      const seconds = secondsToWait(response.headers.get('retry-after'), count * count);
      if (last || seconds > longestWaitSeconds) {
        noteFailure?.();
        return response;
      }
      await response.body?.cancel();
      await wait(seconds * 1000);
    } catch (error) {
      if (last) {
        noteFailure?.();
        throw error;
      }
      await wait(count * count * 250);
    }
  }
}

/** `retry-after` is a number of seconds or a date. */
function secondsToWait(named: string | null, otherwise: number): number {
  if (named === null) return otherwise;
  const seconds = /^\d+$/.test(named) ? Number(named) : (Date.parse(named) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? otherwise : Math.max(0, seconds);
}
