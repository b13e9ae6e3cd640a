/**
 * Git LFS objects in the cache of GitHub Actions, so that their bandwidth, which is billed, is spent once: a push to the
 * default branch keeps the objects of its models, and the runs of pull requests, which may read that branch's cache but
 * never write to it, fetch them from there. Content is checked against its id by the object store, so a wrong entry is
 * noticed. Each object is an entry of its own; nothing is packed or unpacked.
 */
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import type { ReadableStream } from 'node:stream/web';
import { callResults, uploadBlob, type ResultsService } from './actions-results.ts';
import { reasonOf } from './client.ts';

export interface ObjectCache {
  /** Null: it is not there. Never throws: the object can be had elsewhere. */
  readonly restore: (oid: string) => Promise<ReadableStream | null>;
  /** True: it is there now, kept just now or before. */
  readonly keep: (oid: string, file: string) => Promise<boolean>;
}

/** Entries of another version are never found: it stands for how the bytes lie in them. */
const version = createHash('sha256').update('model-budget lfs object 1').digest('hex');

function keyOf(oid: string): string {
  return `model-budget-lfs-${oid}`;
}

export function objectCache(service: ResultsService, log: (line: string) => void): ObjectCache {
  return {
    restore: async (oid) => {
      try {
        const found = await callResults(service, 'CacheService/GetCacheEntryDownloadURL', {
          key: keyOf(oid),
          restore_keys: [],
          version,
        });
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

async function upload(service: ResultsService, oid: string, file: string): Promise<boolean> {
  const key = keyOf(oid);
  const made = await callResults(service, 'CacheService/CreateCacheEntry', { key, version });
  // An entry is written once; a second one of the same key is refused.
  if (made.ok !== true || typeof made.signed_upload_url !== 'string') return true;
  const blob = await openAsBlob(file);
  await uploadBlob(made.signed_upload_url, blob, 'application/octet-stream');
  const final = await callResults(service, 'CacheService/FinalizeCacheEntryUpload', {
    key,
    version,
    size_bytes: String(blob.size),
  });
  return final.ok === true;
}
