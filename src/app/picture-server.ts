/** Pictures under names that nobody can guess: kept by the thread that drew them, served by the process that listens. */
import { createHmac } from 'node:crypto';
import { readBytes, writeBytes } from './storage.ts';
import type { Surroundings } from './settings.ts';

/** Undefined where the App does not know its own address. */
export function pictureServer({
  publicUrl,
  picturesKey,
  storage,
}: Surroundings): ((png: Uint8Array) => Promise<string>) | undefined {
  if (publicUrl === undefined) return undefined;
  return async (png) => {
    // The same picture has the same address, so that a comment that says the same is the same.
    const name = createHmac('sha256', picturesKey).update(png).digest('base64url');
    await writeBytes(storage, keyOf(name), png);
    return `${publicUrl}${picturePath}${name}.png`;
  };
}

export const picturePath = '/pictures/';

/** The picture that a path names; null for any other path, and where there is none. */
export async function pictureAt(path: string, storage: string): Promise<Buffer | null> {
  const name = /^\/pictures\/([\w-]{43})\.png$/.exec(path)?.[1];
  if (name === undefined) return null;
  return readBytes(storage, keyOf(name));
}

/** Keys of some stores do not tell upper from lower case. */
function keyOf(name: string): string {
  return `pictures:${Buffer.from(name).toString('hex')}`;
}
