import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import nock from 'nock';
import { describe, expect, onTestFinished, test } from 'vitest';
import { objectCache } from '../../src/github/actions-cache.ts';
import { resultsServiceOf } from '../../src/github/actions-results.ts';
import { answerOnlyWhatIsExpected, temporaryFolder } from './connection.ts';

answerOnlyWhatIsExpected();

const oid = 'ab'.repeat(32);
const key = `model-budget-lfs-${oid}`;
/** Entries of other programs and of other layouts have other versions. */
const version = createHash('sha256').update('model-budget lfs object 1').digest('hex');
const storage = 'https://blobs.example.com';

function cache(url = 'https://results.example.com/') {
  const log: string[] = [];
  return { log, ...objectCache({ url, token: 'runtime-token' }, (line) => void log.push(line)) };
}

function service(method: string, body: object): nock.Interceptor {
  return nock('https://results.example.com', { reqheaders: { authorization: 'Bearer runtime-token' } })
    .matchHeader('content-type', 'application/json')
    .post(`/twirp/github.actions.results.api.v1.CacheService/${method}`, (sent) => {
      expect(sent).toEqual(body);
      return true;
    });
}

const lookUp = () => service('GetCacheEntryDownloadURL', { key, restore_keys: [], version });
const create = () => service('CreateCacheEntry', { key, version });

function fileOf(bytes: string): string {
  const file = join(temporaryFolder(), 'object');
  writeFileSync(file, bytes);
  return file;
}

test('there is a service only where the runner names one and lets this step use it', () => {
  const both = { ACTIONS_RESULTS_URL: 'https://results.example.com/', ACTIONS_RUNTIME_TOKEN: 'x' };
  expect(resultsServiceOf(both)).toEqual({ url: both.ACTIONS_RESULTS_URL, token: 'x' });
  expect(resultsServiceOf({ ...both, ACTIONS_RESULTS_URL: '' })).toBeUndefined();
  expect(resultsServiceOf({ ...both, ACTIONS_RUNTIME_TOKEN: undefined })).toBeUndefined();
  expect(resultsServiceOf({})).toBeUndefined();
});

describe('restoring', () => {
  test.each(['https://results.example.com/', 'https://results.example.com'])(
    'reads what lies at the signed address of %s, without the token',
    async (url) => {
      lookUp().reply(200, { ok: true, signed_download_url: `${storage}/entry?sig=1`, matched_key: key });
      nock(storage, { badheaders: ['authorization'] })
        .get('/entry?sig=1')
        .reply(200, 'content');
      const restored = await cache(url).restore(oid);
      expect((await buffer(restored!)).toString()).toBe('content');
    },
  );

  test.each([
    ['nothing is there', 200, { ok: false }],
    ['nothing is there, said with a status', 404, { code: 'not_found', msg: 'cache entry not found' }],
    ['the answer has no address', 200, { ok: true }],
    ['the address is none', 200, { ok: true, signed_download_url: 7 }],
    ['the address cannot be one', 200, { ok: true, signed_download_url: '::' }],
    ['the service is down', 503, 'sorry'],
    ['the answer is no JSON', 200, '<html>'],
    ['the answer is null', 200, 'null'],
  ])('never throws: %s', async (_, status, body) => {
    lookUp().reply(status, body);
    expect(await cache().restore(oid)).toBeNull();
  });

  test('never throws: the connection breaks, and the log says why in one line', async () => {
    lookUp().replyWithError('reset');
    const { restore, log } = cache();
    expect(await restore(oid)).toBeNull();
    expect(log).toEqual([expect.stringMatching(/^the cache was not read: .*reset/)]);
  });

  test.each([403, 404, 500])('never throws: the storage answers %i', async (status) => {
    lookUp().reply(200, { ok: true, signed_download_url: `${storage}/entry` });
    nock(storage).get('/entry').reply(status, 'no');
    expect(await cache().restore(oid)).toBeNull();
  });
});

describe('keeping', () => {
  test('makes the entry, puts the file at the signed address, and says its size', async () => {
    create().reply(200, { ok: true, signed_upload_url: `${storage}/entry?sig=2` });
    nock(storage, { badheaders: ['authorization'] })
      .matchHeader('x-ms-blob-type', 'BlockBlob')
      .put('/entry?sig=2', 'content')
      .reply(201);
    service('FinalizeCacheEntryUpload', { key, version, size_bytes: '7' }).reply(200, { ok: true, entry_id: '5' });
    const { keep, log } = cache();
    expect([await keep(oid, fileOf('content')), log]).toEqual([true, []]);
  });

  test.each([
    ['409', 409, { code: 'already_exists', msg: 'cache entry already exists' }],
    ['ok: false', 200, { ok: false }],
  ])('leaves an entry that is there as it is: %s', async (_, status, body) => {
    create().reply(status, body);
    expect(await cache().keep(oid, fileOf('content'))).toBe(true);
  });

  test('that fails is said and no more', async () => {
    create().reply(403, { code: 'permission_denied', msg: 'no write access' });
    const refused = cache();
    expect(await refused.keep(oid, fileOf('content'))).toBe(false);
    expect(refused.log).toEqual(['the cache was not written: CreateCacheEntry was answered with 403']);

    create().reply(200, { ok: true, signed_upload_url: `${storage}/entry` });
    nock(storage).put('/entry').reply(500);
    const failed = cache();
    expect(await failed.keep(oid, fileOf('content'))).toBe(false);
    expect(failed.log).toEqual(['the cache was not written: the upload was answered with 500']);
  });

  test('leaves the file where it is', async () => {
    create().reply(200, { ok: false });
    const file = fileOf('content');
    await cache().keep(oid, file);
    expect(readFileSync(file, 'utf8')).toBe('content');
  });

  test('tells the storage how long the file is, which takes no body of unknown length', async () => {
    const server = createServer((request, response) => {
      lengths.push(request.headers['content-length']);
      request.resume().on('end', () => response.writeHead(201).end());
    });
    const lengths: (string | undefined)[] = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    nock.enableNetConnect('127.0.0.1');
    const { port } = server.address() as AddressInfo;
    create().reply(200, { ok: true, signed_upload_url: `http://127.0.0.1:${port}/entry` });
    service('FinalizeCacheEntryUpload', { key, version, size_bytes: '100000' }).reply(200, { ok: true });
    expect([await cache().keep(oid, fileOf('x'.repeat(100_000))), lengths]).toEqual([true, ['100000']]);
  });
});
