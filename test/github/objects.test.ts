import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { maximumBlobBytes, objectStore, type StoreCache } from '../../src/github/objects.ts';
import type { TreeEntry } from '../../src/github/tree.ts';
import { answerOnlyWhatIsExpected, connect, temporaryFolder } from './connection.ts';

answerOnlyWhatIsExpected();

/** Every byte, so that a wrong decoding shows. */
const everyByte = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));

function entryOf(bytes: Uint8Array, algorithm: 'sha1' | 'sha256' = 'sha1'): TreeEntry {
  const object = createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  return { path: 'models/a.onnx', kind: 'file', object, byteLength: bytes.length };
}

type Reply = (scope: nock.Interceptor) => nock.Scope;

const raw =
  (bytes: Uint8Array, contentType = 'application/vnd.github.raw; charset=utf-8'): Reply =>
  (blob) =>
    blob.reply(200, Buffer.from(bytes), { 'content-type': contentType });

const wrapped = (bytes: Buffer): Reply => {
  const lines = bytes.toString('base64').replace(/.{60}/g, '$&\n');
  return (blob) => blob.reply(200, { sha: 'x', encoding: 'base64', content: lines, size: bytes.length });
};

/** Answers once each, in this order. */
function answer(entry: TreeEntry, ...replies: readonly Reply[]): void {
  for (const reply of replies) {
    const path = `/repos/acme/detector/git/blobs/${entry.object}`;
    reply(nock('https://api.github.com').matchHeader('accept', 'application/vnd.github.v3.raw').get(path));
  }
}

function storeIn(folder = temporaryFolder(), cache?: StoreCache) {
  const { github } = connect();
  const store = objectStore(github, folder, cache);
  return { folder, ...store, blob: (entry: TreeEntry) => store.blob(entry, github.repository) };
}

describe('a blob', () => {
  test('is had byte by byte though its type names a charset', async () => {
    const entry = entryOf(everyByte);
    answer(entry, raw(everyByte));
    const { blob, folder } = storeIn();
    const file = await blob(entry);
    expect(readFileSync(file)).toEqual(everyByte);
    expect(readdirSync(folder)).toEqual([`blob-${entry.object}`]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test('of nothing is a file of nothing', async () => {
    const entry = entryOf(Buffer.of());
    answer(entry, raw(Buffer.of()));
    expect(readFileSync(await storeIn().blob(entry))).toHaveLength(0);
  });

  test('of a repository with SHA-256 is checked with it', async () => {
    const entry = entryOf(everyByte, 'sha256');
    answer(entry, raw(everyByte));
    expect(readFileSync(await storeIn().blob(entry))).toEqual(everyByte);
  });

  test('comes out of the JSON of a server that does not know the raw form', async () => {
    for (const bytes of [everyByte, Buffer.of(), Buffer.from('{"content": "aGk="}')]) {
      const entry = entryOf(bytes);
      answer(entry, wrapped(bytes));
      expect(readFileSync(await storeIn().blob(entry))).toEqual(bytes);
    }
  });

  test('that is JSON of its own kind is not taken for a wrapping', async () => {
    const bytes = Buffer.from(JSON.stringify({ content: 'aGVsbG8=', encoding: 'base64' }));
    const entry = entryOf(bytes);
    answer(entry, raw(bytes, 'application/json; charset=utf-8'));
    expect(readFileSync(await storeIn().blob(entry))).toEqual(bytes);
  });

  test('is fetched once, however many ask at once and afterwards', async () => {
    const entry = entryOf(everyByte);
    answer(entry, raw(everyByte));
    const { blob } = storeIn();
    const files = await Promise.all([blob(entry), blob({ ...entry, path: 'copy.onnx' }), blob(entry)]);
    expect(new Set([...files, await blob(entry)]).size).toBe(1);
  });

  test.each([
    ['cut', raw(everyByte.subarray(0, 100))],
    ['of another file', raw(Buffer.from('something else'))],
    ['longer than the file by far', raw(Buffer.alloc(1024 * 1024))],
    ['half a wrapping', raw(Buffer.from('{"content": "aG'), 'application/json')],
    ['a wrapping of something else', wrapped(Buffer.from('something else'))],
    ['a wrapping of nothing', raw(Buffer.from('null'), 'application/json')],
    ['a broken connection', (blob: nock.Interceptor) => blob.replyWithError('reset')],
  ])('is asked for again when the answer is %s', async (_, wrong) => {
    const entry = entryOf(everyByte);
    const isNetwork = _ === 'a broken connection';
    answer(entry, wrong, ...(isNetwork ? [] : [raw(everyByte)]));
    const { blob } = storeIn();
    // Octokit calls a broken connection a 500 and has a plugin for that, which a test goes without.
    if (isNetwork) await expect(blob(entry)).rejects.toThrow(/^models\/a\.onnx: cannot be fetched: 500 reset/);
    else expect(readFileSync(await blob(entry))).toEqual(everyByte);
  });

  test('that never is what its id says is one line of error, and no file', async () => {
    const entry = entryOf(everyByte);
    const wrong = raw(Buffer.from('something else'));
    answer(entry, wrong, wrong, wrong, wrong);
    const { blob, folder } = storeIn();
    const message = 'models/a.onnx: cannot be fetched: the content is not what its object id says';
    await expect(blob(entry)).rejects.toThrow(new UserError(message));
    expect(existsSync(join(folder, `blob-${entry.object}`))).toBe(false);
  });

  test.each([403, 404, 422])('refused with %i is not asked for again', async (status) => {
    const entry = entryOf(everyByte);
    answer(entry, (blob) => blob.reply(status, { message: 'No\n::error::way' }));
    await expect(storeIn().blob(entry)).rejects.toThrow(`models/a.onnx: cannot be fetched: ${status} No ::error::way`);
  });

  test('larger than the API gives out is not asked for', async () => {
    const entry = { ...entryOf(everyByte), byteLength: maximumBlobBytes + 1 };
    await expect(storeIn().blob(entry)).rejects.toThrow('larger than the 100 MB that GitHub');
  });
});

describe('a small file', () => {
  const bytesOf = (entry: TreeEntry) => {
    const folder = temporaryFolder();
    const { github } = connect();
    return { folder, bytes: objectStore(github, folder).bytes(entry, github.repository) };
  };
  const answerJson = (entry: TreeEntry, ...replies: readonly Reply[]): void => {
    for (const reply of replies) {
      const path = `/repos/acme/detector/git/blobs/${entry.object}`;
      reply(nock('https://api.github.com').matchHeader('accept', 'application/vnd.github.v3+json').get(path));
    }
  };

  test.each(['sha1', 'sha256'] as const)('is had byte by byte, and written nowhere (%s)', async (algorithm) => {
    for (const content of [everyByte, Buffer.of()]) {
      const entry = entryOf(content, algorithm);
      answerJson(entry, wrapped(content));
      const { bytes, folder } = bytesOf(entry);
      expect(await bytes).toEqual(content);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test.each([
    ['cut', wrapped(everyByte.subarray(0, 100))],
    ['of another file', wrapped(Buffer.from('something else'))],
    ['nothing', (blob: nock.Interceptor) => blob.reply(200, 'null', { 'content-type': 'application/json' })],
    ['without content', (blob: nock.Interceptor) => blob.reply(200, { encoding: 'base64' })],
  ])('is asked for again when the answer is %s', async (_, wrong) => {
    const entry = entryOf(everyByte);
    answerJson(entry, wrong, wrapped(everyByte));
    expect(await bytesOf(entry).bytes).toEqual(everyByte);
  });

  test('that never is what its id says, or is refused, is one line of error', async () => {
    const entry = entryOf(everyByte);
    const wrong = wrapped(Buffer.from('something else'));
    answerJson(entry, wrong, wrong, wrong, wrong);
    const message = 'models/a.onnx: cannot be fetched: the content is not what its object id says';
    await expect(bytesOf(entry).bytes).rejects.toThrow(new UserError(message));
    answerJson(entry, (blob) => blob.reply(403, { message: 'No' }));
    await expect(bytesOf(entry).bytes).rejects.toThrow(new UserError('models/a.onnx: cannot be fetched: 403 No'));
  });
});

const pointer = { oid: createHash('sha256').update(everyByte).digest('hex'), byteLength: everyByte.length };

const streamOf = (...chunks: readonly (Uint8Array | Error)[]): ReadableStream =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) {
        if (chunk instanceof Error) controller.error(chunk);
        else controller.enqueue(chunk);
      }
      if (!(chunks.at(-1) instanceof Error)) controller.close();
    },
  });

/** Without an end. */
const endless = (): ReadableStream =>
  new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });

/** One stream after the other; how many were asked for. */
function opening(...streams: readonly (() => ReadableStream)[]) {
  let asked = 0;
  const open = () => {
    const stream = streams[Math.min(asked, streams.length - 1)]!();
    asked += 1;
    return Promise.resolve(stream);
  };
  return { open, asked: () => asked };
}

const whole = () => streamOf(everyByte.subarray(0, 7), everyByte.subarray(7));

describe('the content of a Git LFS object', () => {
  test('is written once and checked', async () => {
    const { content, folder } = storeIn();
    const { open, asked } = opening(whole);
    const files = await Promise.all([content(pointer, open), content(pointer, open)]);
    expect([readFileSync(files[0]), files[1], asked()]).toEqual([everyByte, files[0], 1]);
    expect(readdirSync(folder)).toEqual([`lfs-${pointer.oid}`]);
  });

  test.each([
    ['wrong', () => streamOf(Buffer.from('something else'))],
    ['cut', () => streamOf(everyByte.subarray(0, 7))],
    ['broken off', () => streamOf(everyByte.subarray(0, 7), new Error('reset'))],
    ['without an end', endless],
  ])('is asked for again when what came is %s', async (_, first) => {
    const { open, asked } = opening(first, whole);
    expect(readFileSync(await storeIn().content(pointer, open))).toEqual(everyByte);
    expect(asked()).toBe(2);
  });

  test.each([
    ['is not what its id says', () => streamOf(Buffer.from('something else'))],
    ['is longer than it should be', endless],
    ['reset', () => streamOf(new TypeError('reset'))],
  ])('that cannot be had is one line of error: %s', async (words, stream) => {
    const { open, asked } = opening(stream);
    const failed = storeIn().content(pointer, open);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(
      new RegExp(`^Git LFS object ${pointer.oid.slice(0, 12)}… cannot be.*${words}$`),
    );
    expect(asked()).toBe(4);
  });

  test('that the server refuses is not asked for again', async () => {
    let asked = 0;
    const open = () => Promise.reject(new UserError(`refused ${(asked += 1)}`));
    await expect(storeIn().content(pointer, open)).rejects.toThrow(new UserError('refused 1'));
  });
});

function cached(stream: () => ReadableStream | null) {
  const kept: string[] = [];
  const keep = (oid: string, file: string) => {
    kept.push(`${oid} ${readFileSync(file).equals(everyByte)}`);
    return Promise.resolve(true);
  };
  return { cache: { restore: () => Promise.resolve(stream()), keep }, kept };
}

describe('with a cache', () => {
  test('an object that is there is not asked for, nor kept again', async () => {
    const { cache, kept } = cached(whole);
    const { open, asked } = opening(whole);
    expect(readFileSync(await storeIn(temporaryFolder(), cache).content(pointer, open))).toEqual(everyByte);
    expect([asked(), kept]).toEqual([0, []]);
  });

  test.each([
    ['nothing', () => null],
    ['something else', () => streamOf(Buffer.from('something else'))],
    ['half of it', () => streamOf(everyByte.subarray(0, 7))],
    ['a stream that breaks', () => streamOf(everyByte.subarray(0, 7), new Error('reset'))],
    ['a stream without an end', endless],
  ])('that gives %s, the server is asked, and the object kept', async (_, stream) => {
    const { cache, kept } = cached(stream);
    const { open, asked } = opening(whole);
    expect(readFileSync(await storeIn(temporaryFolder(), cache).content(pointer, open))).toEqual(everyByte);
    expect([asked(), kept]).toEqual([1, [`${pointer.oid} true`]]);
  });

  test('that may only be read, nothing is kept', async () => {
    const { open } = opening(whole);
    const store = storeIn(temporaryFolder(), { restore: () => Promise.resolve(null) });
    expect(existsSync(await store.content(pointer, open))).toBe(true);
  });
});

test('half a file that an earlier run left has no final name, and is written over', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, `lfs-${pointer.oid}.part`), Buffer.alloc(9000, 1));
  const file = await storeIn(folder).content(pointer, opening(whole).open);
  expect(readFileSync(file)).toEqual(everyByte);
  expect(readdirSync(folder)).toHaveLength(1);
});
