/**
 * Contents of files, fetched once each into a folder of this run: blobs through the API, Git LFS objects from where the
 * batch endpoint points to. Everything is checked against its object id, so a cut or wrong answer is noticed.
 */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { LfsPointer } from '../files/lfs-pointer.ts';
import type { ObjectCache } from './actions-cache.ts';
import { reasonOf, statusOf, type GitHub, type RepositoryName } from './client.ts';
import type { TreeEntry } from './tree.ts';

export interface ObjectStore {
  /** Where the blob lies. @throws UserError when it cannot be had. */
  readonly blob: (entry: TreeEntry, repository: RepositoryName) => Promise<string>;
  /** The blob of a small file, which is written nowhere. @throws UserError when it cannot be had. */
  readonly bytes: (entry: TreeEntry, repository: RepositoryName) => Promise<Buffer>;
  /**
   * Where the content of a Git LFS object lies; `open` is asked for its bytes when it is not there yet.
   * @throws UserError when it cannot be had.
   */
  readonly content: (pointer: LfsPointer, open: () => Promise<ReadableStream>) => Promise<string>;
}

/** GitHub's blobs API ends there. */
export const maximumBlobBytes = 100_000_000;

/** Where Git LFS objects may be had without the server's bandwidth. `keep` is left out where nothing is to be kept. */
export interface StoreCache {
  readonly restore: ObjectCache['restore'];
  readonly keep?: ObjectCache['keep'];
}

export function objectStore(github: GitHub, folder: string, cache?: StoreCache): ObjectStore {
  const running = new Map<string, Promise<string>>();
  const once = (name: string, fetchTo: (file: string) => Promise<void>): Promise<string> => {
    const known = running.get(name) ?? fetched(join(folder, name), fetchTo);
    running.set(name, known);
    return known;
  };
  return {
    blob: (entry, repository) => once(`blob-${entry.object}`, (file) => fetchBlob(github, { entry, repository, file })),
    bytes: (entry, repository) => fetchBytes(github, entry, repository),
    content: (pointer, open) =>
      once(`lfs-${pointer.oid}`, (file) => fetchContent(github, { pointer, open, file, cache })),
  };
}

interface ContentRequest {
  readonly pointer: LfsPointer;
  readonly open: () => Promise<ReadableStream>;
  readonly file: string;
  readonly cache: StoreCache | undefined;
}

async function fetchContent({ noteFailure }: GitHub, { pointer, open, file, cache }: ContentRequest): Promise<void> {
  if (await isRestored({ pointer, file, cache })) return;
  try {
    await several(async () => {
      if (!(await holds(await open(), file, pointer))) {
        throw new BrokenContentError('the content is not what its id says');
      }
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    // It broke in the middle, each time.
    noteFailure?.();
    throw new UserError(`Git LFS object ${pointer.oid.slice(0, 12)}… cannot be fetched: ${reasonOf(error)}`);
  }
  await cache?.keep?.(pointer.oid, file);
}

/** False as well where the cache gave half of it, or something else: the object can be had elsewhere. */
async function isRestored({ pointer, file, cache }: Omit<ContentRequest, 'open'>): Promise<boolean> {
  const restored = await cache?.restore(pointer.oid);
  if (restored === undefined || restored === null) return false;
  return holds(restored, file, pointer).catch(() => false);
}

/** Writes the stream; true where it is the object. */
async function holds(stream: ReadableStream, file: string, { oid, byteLength }: LfsPointer): Promise<boolean> {
  await write(stream, file, byteLength);
  return (await digestOf(file, createHash('sha256'))) === oid;
}

/** A whole file has its final name; half a file never has. */
async function fetched(file: string, fetchTo: (file: string) => Promise<void>): Promise<string> {
  if (existsSync(file)) return file;
  const partial = `${file}.part`;
  // Only now: a review of what was reviewed before fetches nothing.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await fetchTo(partial);
  renameSync(partial, file);
  return file;
}

interface BlobRequest {
  readonly entry: TreeEntry;
  readonly repository: RepositoryName;
  readonly file: string;
}

async function fetchBlob({ client }: GitHub, { entry, repository, file }: BlobRequest): Promise<void> {
  if (entry.byteLength > maximumBlobBytes) {
    throw new UserError(`${entry.path}: larger than the 100 MB that GitHub's API gives out; store it with Git LFS`);
  }
  try {
    await several(async () => {
      // Octokit takes an answer with a charset for text and would spoil the bytes; so the stream is read here.
      const { data, headers } = await client.rest.git.getBlob({
        ...repository,
        file_sha: entry.object,
        mediaType: { format: 'raw' },
        request: { parseSuccessResponseBody: false },
      });
      await write(data as unknown as ReadableStream, file, 2 * entry.byteLength + wrappingBytes);
      if (await isBlob(file, entry)) return;
      // A server that does not know the raw form wraps the bytes.
      if (headers['content-type']?.startsWith('application/json') === true) unwrap(file);
      if (!(await isBlob(file, entry))) throw new BrokenContentError('the content is not what its object id says');
    });
  } catch (error) {
    throw new UserError(`${entry.path}: cannot be fetched: ${reasonOf(error)}`);
  }
}

/** In JSON, which is read whole. */
async function fetchBytes({ client }: GitHub, entry: TreeEntry, repository: RepositoryName): Promise<Buffer> {
  try {
    return await several(async () => {
      const { data } = await client.rest.git.getBlob({ ...repository, file_sha: entry.object });
      const bytes = contentOf(data);
      const hash = hashOf(entry).update(bytes ?? '');
      if (bytes === undefined || hash.digest('hex') !== entry.object)
        throw new BrokenContentError('the content is not what its object id says');
      return bytes;
    });
  } catch (error) {
    throw new UserError(`${entry.path}: cannot be fetched: ${reasonOf(error)}`);
  }
}

/** The connection broke in the middle, or what came is not what was asked for: worth another try. */
class BrokenContentError extends Error {}

const tries = 4;

/** Octokit retries a request until its headers are there; this also covers the body after them. */
async function several<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let count = 1; ; count += 1) {
    try {
      return await work();
    } catch (error) {
      const broken =
        error instanceof BrokenContentError || (statusOf(error) === undefined && !(error instanceof UserError));
      if (!broken || count === tries) throw error;
      await wait(count * count * 250);
    }
  }
}

/** A blob in base64 and JSON is longer than itself: by a third, line ends, and the keys around it. */
const wrappingBytes = 16 * 1024;

/** An answer without an end must not fill the disk. */
async function write(stream: ReadableStream, file: string, maximumBytes: number): Promise<void> {
  let byteLength = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      byteLength += chunk.byteLength;
      if (byteLength > maximumBytes) throw new BrokenContentError('the content is longer than it should be');
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(stream), counted, createWriteStream(file, { mode: 0o600 }));
}

/** Git's object id: the digest of `blob <length>\0` and the content. */
async function isBlob(file: string, entry: TreeEntry): Promise<boolean> {
  return (await digestOf(file, hashOf(entry))) === entry.object;
}

function hashOf({ object, byteLength }: TreeEntry): ReturnType<typeof createHash> {
  return createHash(object.length === 64 ? 'sha256' : 'sha1').update(`blob ${byteLength}\0`);
}

async function digestOf(file: string, hash: ReturnType<typeof createHash>): Promise<string> {
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function unwrap(file: string): void {
  const bytes = contentOf(jsonIn(file));
  if (bytes !== undefined) writeFileSync(file, bytes);
}

function contentOf(body: unknown): Buffer | undefined {
  const content = typeof body === 'object' && body !== null && 'content' in body ? body.content : undefined;
  return typeof content === 'string' ? Buffer.from(content, 'base64') : undefined;
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new BrokenContentError('the answer was cut');
  }
}
