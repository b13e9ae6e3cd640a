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

export interface LfsObject {
  readonly byteLength: number;
  readonly open: () => Promise<ReadableStream>;
}

/** Larger ones would fill the disk of a runner. */
const maximumObjectBytes = 4 * 1024 ** 3;

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
  if (found.error !== undefined) {
    throw new UserError(`${name}: ${refusal(found.error.code, found.error.message)}`);
  }
  if (found.size !== pointer.byteLength) {
    throw new UserError(`${name}: its pointer says ${pointer.byteLength} B, the server ${String(found.size)} B`);
  }
  if (found.size > maximumObjectBytes) throw new UserError(`${name}: larger than 4 GiB`);
  return { byteLength: found.size, open: () => download(github, found, name) };
}

interface BatchObject {
  readonly oid: string;
  readonly size: number;
  readonly actions?: {
    readonly download?: { readonly href: string; readonly header?: Readonly<Record<string, string>> };
  };
  readonly error?: { readonly code: number; readonly message: string };
}

async function batch(
  { serverUrl, token }: GitHub,
  { owner, repo }: RepositoryName,
  { oid, byteLength }: LfsPointer,
): Promise<BatchObject> {
  const response = await fetchPatiently(`${serverUrl}/${owner}/${repo}.git/info/lfs/objects/batch`, {
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
  if (!response.ok) throw new Error(refusal(response.status, await messageOf(response)));
  const body = (await response.json()) as { readonly objects?: readonly BatchObject[] };
  const found = body.objects?.find((object) => object.oid === oid);
  if (found === undefined) throw new Error('the server did not answer for it');
  return found;
}

/** Only what the batch reply gave is sent along; never the token by ourselves, since the host may be any. */
async function download({ serverUrl }: GitHub, found: BatchObject, name: string): Promise<ReadableStream> {
  const action = found.actions?.download;
  if (action === undefined) throw new UserError(`${name}: the server gives no address for it`);
  const { protocol, origin } = new URL(action.href);
  if (protocol !== 'https:' && origin !== new URL(serverUrl).origin) {
    throw new UserError(`${name}: its address is not an https one`);
  }
  const response = await fetchPatiently(action.href, { headers: action.header ?? {} });
  if (!response.ok || response.body === null) {
    throw new UserError(`${name}: ${refusal(response.status, response.statusText)}`);
  }
  return response.body;
}

function refusal(status: number, message: string): string {
  if (status === 404) return 'the server does not have it; was it pushed?';
  const quota = /quota|bandwidth|budget/i.test(message);
  const hint = quota ? '; the LFS bandwidth of the account is used up, its owner can raise it under Billing' : '';
  return `the server refuses it: ${status} ${message.replace(/\s+/g, ' ').slice(0, 200)}${hint}`;
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  return /"message"\s*:\s*"([^"]{1,300})"/.exec(text)?.[1] ?? response.statusText;
}

/** Again after 429, a server error or a broken connection; for the time that the server names, within reason. */
async function fetchPatiently(url: string, init: RequestInit): Promise<Response> {
  for (let count = 1; ; count += 1) {
    const last = count === tries;
    try {
      const response = await fetch(url, init);
      if (response.status !== 429 && response.status < 500) return response;
      const seconds = Number(response.headers.get('retry-after') ?? count * count);
      if (last || !(seconds <= longestWaitSeconds)) return response;
      await wait(seconds * 1000);
    } catch (error) {
      if (last) throw error;
      await wait(count * count * 250);
    }
  }
}
