/** Results of earlier reviews: the latest in the memory of the thread, all of them in the storage. */
import { LRUCache } from 'lru-cache';
import type { ResultStore } from '../github/results.ts';
import type { Surroundings } from './settings.ts';
import { readBytes, writeBytes } from './storage.ts';

const maximumBytes = 64 * 1024 * 1024;

const latest = new LRUCache<string, Uint8Array>({
  maxSize: maximumBytes,
  sizeCalculation: (bytes) => bytes.byteLength + 1,
});

export function resultStore({ storage }: Pick<Surroundings, 'storage'>): ResultStore {
  return {
    read: async (key) => {
      const near = latest.get(key);
      if (near !== undefined) return near;
      const bytes = await readBytes(storage, `results:${key}`);
      if (bytes !== null) latest.set(key, bytes);
      return bytes;
    },
    write: async (key, bytes) => {
      latest.set(key, bytes);
      await writeBytes(storage, `results:${key}`, bytes);
    },
  };
}
