/**
 * Pictures and report pages under names that nobody can guess: kept by the thread that made them, served by the process
 * that listens.
 */
import { LRUCache } from 'lru-cache';
import { createHash, createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { KeepPage } from '../github/report-page.ts';
import type { PagePiece } from '../report/html/write.ts';
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
    await writeBytes(storage, keyOf(name, 'pictures'), png);
    return `${publicUrl}${picturePath}${name}.png`;
  };
}

export const picturePath = '/pictures/';

/** The picture that a path names; null for any other path, and where there is none. */
export async function pictureAt(path: string, storage: string): Promise<Buffer | null> {
  const name = /^\/pictures\/([\w-]{43})\.png$/.exec(path)?.[1];
  if (name === undefined) return null;
  return readBytes(storage, keyOf(name, 'pictures'));
}

/** Undefined where the App does not know its own address. */
export function pageServer({ publicUrl, picturesKey, storage }: Surroundings): KeepPage | undefined {
  if (publicUrl === undefined) return undefined;
  return async (pieces) => {
    const packed = await Promise.all(pieces.map(packedPiece));
    const hash = createHmac('sha256', picturesKey).update('page');
    for (const { digest } of packed) hash.update(` ${digest}`);
    const name = hash.digest('base64url');
    // One gzip file behind the other is one, too.
    await writeBytes(storage, keyOf(name, 'pages'), Buffer.concat(packed.map(({ bytes }) => bytes)));
    return { address: `${publicUrl}${pagePath}${name}` };
  };
}

interface PackedPiece {
  readonly digest: string;
  readonly bytes: Buffer;
}

const packedBefore = new LRUCache<string, PackedPiece>({
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: ({ bytes }, text) => text.length + bytes.length,
});

async function packedPiece({ text, isCommon }: PagePiece): Promise<PackedPiece> {
  const known = packedBefore.get(text);
  if (known !== undefined) return known;
  const piece = { digest: createHash('sha256').update(text).digest('hex'), bytes: await promisify(gzip)(text) };
  if (isCommon) packedBefore.set(text, piece);
  return piece;
}

export const pagePath = '/pages/';

/** The page that a path names; null for any other path, and where there is none. */
export async function pageAt(path: string, storage: string): Promise<Buffer | null> {
  const name = /^\/pages\/([\w-]{43})$/.exec(path)?.[1];
  if (name === undefined) return null;
  const packed = await readBytes(storage, keyOf(name, 'pages'));
  return packed === null ? null : promisify(gunzip)(packed);
}

/** Keys of some stores do not tell upper from lower case. */
function keyOf(name: string, kind: 'pictures' | 'pages'): string {
  return `${kind}:${Buffer.from(name).toString('hex')}`;
}
