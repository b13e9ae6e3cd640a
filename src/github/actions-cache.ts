/**
 * Git LFS objects in the cache of GitHub Actions, so that their bandwidth, which is billed, is spent once: a push to the
 * default branch keeps the objects of its models, and the runs of pull requests, which may read that branch's cache but
 * never write to it, fetch them from there. Content is checked against its id by the object store, so a wrong entry is
 * noticed. Each object is an entry of its own; nothing is packed or unpacked.
 *
 * The protocol is that of the cache service, version 2, as `@actions/cache` speaks it (`CacheService` of
 * `github.actions.results.api.v1`, JSON over Twirp, blobs at signed addresses). The package itself is left out: with the
 * storage client that it brings it would be a quarter of the bundle and of the installation for three requests.
 */
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import type { ReadableStream } from 'node:stream/web';
import { reasonOf } from './client.ts';

export interface ObjectCache {
  /** Null: it is not there. Never throws: the object can be had elsewhere. */
  readonly restore: (oid: string) => Promise<ReadableStream | null>;
  /** True: it is there now, kept just now or before. */
  readonly keep: (oid: string, file: string) => Promise<boolean>;
}

export interface CacheService {
  /** `ACTIONS_RESULTS_URL` */
  readonly url: string;
  /** `ACTIONS_RUNTIME_TOKEN`, which only steps that run an action get. */
  readonly token: string;
}

/** The service of this job; undefined where there is none (GitHub Enterprise Server, other runners). */
export function cacheServiceOf(environment: Readonly<Record<string, string | undefined>>): CacheService | undefined {
  const url = environment.ACTIONS_RESULTS_URL;
  const token = environment.ACTIONS_RUNTIME_TOKEN;
  return url === undefined || url === '' || token === undefined || token === '' ? undefined : { url, token };
}

/** Entries of another version are never found: it stands for how the bytes lie in them. */
const version = createHash('sha256').update('model-budget lfs object 1').digest('hex');

function keyOf(oid: string): string {
  return `model-budget-lfs-${oid}`;
}

export function objectCache(service: CacheService, log: (line: string) => void): ObjectCache {
  return {
    restore: async (oid) => {
      try {
        const found = await call(service, 'GetCacheEntryDownloadURL', { key: keyOf(oid), restore_keys: [], version });
        if (found.ok !== true || typeof found.signed_download_url !== 'string') return null;
        const response = await fetch(found.signed_download_url);
        return response.ok ? response.body : null;
      } catch (error) {
        log(`the cache was not read: ${reasonOf(error)}`);
        return null;
      }
    },
    keep: async (oid, file) => {
      try {
        return await upload(service, oid, file);
      } catch (error) {
        log(`the cache was not written: ${reasonOf(error)}`);
        return false;
      }
    },
  };
}

async function upload(service: CacheService, oid: string, file: string): Promise<boolean> {
  const key = keyOf(oid);
  const made = await call(service, 'CreateCacheEntry', { key, version });
  // An entry is written once; a second one of the same key is refused.
  if (made.ok !== true || typeof made.signed_upload_url !== 'string') return true;
  const blob = await openAsBlob(file);
  const response = await fetch(made.signed_upload_url, {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' },
    body: blob,
  });
  if (!response.ok) throw new Error(`the upload was answered with ${response.status}`);
  const final = await call(service, 'FinalizeCacheEntryUpload', { key, version, size_bytes: String(blob.size) });
  return final.ok === true;
}

/** A service that hangs is one that is not there. */
const longestCallMilliseconds = 30_000;

interface Answer {
  readonly ok?: boolean;
  readonly signed_upload_url?: unknown;
  readonly signed_download_url?: unknown;
}

async function call({ url, token }: CacheService, method: string, body: object): Promise<Answer> {
  const base = url.endsWith('/') ? url : `${url}/`;
  const response = await fetch(new URL(`twirp/github.actions.results.api.v1.CacheService/${method}`, base), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(longestCallMilliseconds),
  });
  // Twirp says "already exists" with 409.
  if (response.status === 409) return { ok: false };
  if (!response.ok) throw new Error(`${method} was answered with ${response.status}`);
  return (await response.json()) as Answer;
}
