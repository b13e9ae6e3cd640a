import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import nock from 'nock';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { lfsObject } from '../../src/github/lfs.ts';
import { answerOnlyWhatIsExpected, connect } from './connection.ts';

answerOnlyWhatIsExpected();

const oid = 'ab'.repeat(32);
const name = `Git LFS object ${oid.slice(0, 12)}…`;
const pointer = { oid, byteLength: 7 };
const storage = 'https://storage.example.com';
const batchPath = '/acme/detector.git/info/lfs/objects/batch';
const basic = `Basic ${Buffer.from('x-access-token:a-token').toString('base64')}`;

const { github } = connect();
const ask = (given = pointer) => lfsObject(github, github.repository, given);
const askNoting = (noteFailure: () => void) => lfsObject({ ...github, noteFailure }, github.repository, pointer);

const batch = (server = 'https://github.com'): nock.Interceptor => nock(server).post(batchPath);

const lfsType = { 'content-type': 'application/vnd.git-lfs+json; charset=utf-8' };

/** The batch reply of one object. */
function offer(object: object): void {
  batch().reply(200, { transfer: 'basic', objects: [{ oid, size: 7, ...object }] }, lfsType);
}

const download = (action: object) => offer({ authenticated: true, actions: { download: action } });

describe('the batch request', () => {
  test('is what git-lfs documents', async () => {
    nock('https://github.com', { reqheaders: { authorization: basic } })
      .matchHeader('accept', 'application/vnd.git-lfs+json')
      .matchHeader('content-type', 'application/vnd.git-lfs+json')
      .post(batchPath, {
        operation: 'download',
        transfers: ['basic'],
        hash_algo: 'sha256',
        objects: [{ oid, size: 7 }],
      })
      .reply(200, { objects: [{ oid, size: 7, actions: { download: { href: `${storage}/x` } } }] }, lfsType);
    expect((await ask()).byteLength).toBe(7);
  });

  test('goes to the server of the repository, an enterprise one too', async () => {
    const own = connect({ serverUrl: 'https://git.example.com', repository: { owner: 'o', repo: 'r' } });
    nock('https://git.example.com')
      .post('/o/r.git/info/lfs/objects/batch')
      .reply(200, { objects: [{ oid, size: 7 }] });
    expect((await lfsObject(own.github, own.github.repository, pointer)).byteLength).toBe(7);
  });

  test.each([
    [[], 'the server did not answer for it'],
    [[{ oid: 'cd'.repeat(32), size: 7 }], 'the server did not answer for it'],
    [[null, 'x'], 'the server did not answer for it'],
    ['x', 'the server did not answer for it'],
    [[{ oid, size: 8 }], 'its pointer says 7 B, the server 8 B'],
    [[{ oid, size: '7' }], 'its pointer says 7 B, the server 7 B'],
    [[{ oid }], 'its pointer says 7 B, the server undefined B'],
    [
      [{ oid, size: 7, error: { code: 404, message: 'Object does not exist on the server' } }],
      'the server does not have it; was it pushed?',
    ],
    [
      [{ oid, size: 7, error: { code: 410, message: 'The object was\nremoved' } }],
      'the server refuses it: 410 The object was removed',
    ],
    [[{ oid, size: 7, error: {} }], 'the server refuses it: undefined '],
    [[{ oid, size: 7, error: null }], 'the server refuses it: undefined '],
  ])('answered with %j is one line of error', async (objects, words) => {
    batch().reply(200, { objects });
    await expect(ask()).rejects.toThrow(new UserError(`${name}: ${words}`));
  });

  test.each<[number, string | object, string, Record<string, string>?]>([
    [404, { message: 'Not Found' }, 'the server has no Git LFS for this repository, or hides it'],
    [401, { message: 'Credentials needed' }, 'the server refuses it: 401 Credentials needed'],
    [403, 'no JSON', 'the server refuses it: 403 '],
    [422, { message: 7 }, 'the server refuses it: 422 '],
    [429, { message: 'Too many requests' }, 'the server refuses it: 429 Too many requests', { 'retry-after': '3600' }],
  ])(
    'refused with %i is one line of error',
    async (status, body, words, headers: Readonly<Record<string, string>> = {}) => {
      batch().reply(status, body, headers);
      await expect(ask()).rejects.toThrow(`${name}: ${words}`);
    },
  );

  test.each([
    'This repository is over its data quota. Account responsible for LFS bandwidth should purchase more data packs.',
    'This repository exceeded its LFS budget. The account responsible for the budget should increase it.',
  ])('says who can help when the quota is used up: %s', async (message) => {
    batch().reply(403, { message });
    await expect(ask()).rejects.toThrow(/used up, its owner can raise it under Billing$/);
  });

  test('for more than fits a runner tells the size, and moves nothing', async () => {
    const size = 4 * 1024 ** 3 + 1;
    batch().reply(200, { objects: [{ oid, size, actions: { download: { href: `${storage}/x` } } }] });
    const { byteLength, open } = await ask({ oid, byteLength: size });
    expect(byteLength).toBe(size);
    await expect(open()).rejects.toThrow(new UserError(`${name}: larger than the 4 GiB that are fetched`));
  });

  test.each(['<html>', 'null', '[]'])('answered with %s is one line of error', async (body) => {
    batch().reply(200, body);
    await expect(ask()).rejects.toThrow(UserError);
  });
});

describe('a server that has no time', () => {
  test.each([
    ['in seconds', () => '1', 900],
    ['as a date', () => new Date(Date.now() + 2000).toUTCString(), 900],
    ['in the past', () => 'Thu, 01 Jan 2026 00:00:00 GMT', 0],
  ])('is asked again when it says, %s', async (_, retryAfter, leastMilliseconds) => {
    batch().reply(429, 'later', { 'retry-after': retryAfter() });
    offer({});
    const begun = performance.now();
    expect((await ask()).byteLength).toBe(7);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(leastMilliseconds);
    expect(performance.now() - begun).toBeLessThan(leastMilliseconds + 2000);
  });

  test('or that fails, or breaks the connection, is asked again', async () => {
    batch().reply(503, 'sorry', { 'retry-after': '0' });
    batch().replyWithError('reset');
    offer({});
    expect((await ask()).byteLength).toBe(7);
  });

  test('and stays so is one line of error', async () => {
    for (let count = 0; count < 4; count += 1) batch().reply(502, 'sorry', { 'retry-after': '0' });
    await expect(ask()).rejects.toThrow(new UserError(`${name}: the server refuses it: 502 Bad Gateway`));
  });

  test('and stays so is noted as something that may be over soon; a refusal is not', async () => {
    let noted = 0;
    const noteFailure = (): void => void (noted += 1);
    for (let count = 0; count < 4; count += 1) batch().reply(502, 'sorry', { 'retry-after': '0' });
    await expect(askNoting(noteFailure)).rejects.toThrow(UserError);
    expect(noted).toBe(1);
    batch().reply(403, { message: 'no' });
    await expect(askNoting(noteFailure)).rejects.toThrow(UserError);
    expect(noted).toBe(1);
  });

  test('and breaks each connection is one line of error that says what broke', async () => {
    for (let count = 0; count < 4; count += 1) batch().replyWithError('reset');
    await expect(ask()).rejects.toThrow(new RegExp(`^${name}: .*reset`));
  });
});

describe('the download', () => {
  test('sends what the batch reply gave, and never the token', async () => {
    download({ href: `${storage}/x?sig=1`, header: { 'x-key': 'value' }, expires_in: 3600 });
    nock(storage, { badheaders: ['authorization'] })
      .matchHeader('x-key', 'value')
      .get('/x?sig=1')
      .reply(200, 'content');
    expect((await buffer(await (await ask()).open())).toString()).toBe('content');
  });

  test('is asked again after a failure', async () => {
    download({ href: `${storage}/x` });
    nock(storage).get('/x').reply(503, 'sorry', { 'retry-after': '0' });
    nock(storage).get('/x').reply(200, 'content');
    expect((await buffer(await (await ask()).open())).toString()).toBe('content');
  });

  test.each([
    ['no action', {}],
    ['no address', { actions: { download: {} } }],
    ['an address that is none', { actions: { download: { href: 'over there' } } }],
    ['an address of another type', { actions: { download: { href: 7 } } }],
    ['nothing', { actions: null }],
  ])('with %s is one line of error', async (_, object) => {
    offer(object);
    await expect((await ask()).open()).rejects.toThrow(new UserError(`${name}: the server gives no address for it`));
  });

  test.each([
    'http://storage.example.com/x',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
    'data:,x',
    'http://github.com/x',
  ])('is not made from %s', async (href) => {
    download({ href });
    await expect((await ask()).open()).rejects.toThrow(new UserError(`${name}: its address is not an https one`));
  });

  test.each([
    [404, 'the server does not have it; was it pushed?'],
    [403, 'the server refuses it: 403 '],
  ])('refused with %i is one line of error', async (status, words) => {
    download({ href: `${storage}/x` });
    nock(storage).get('/x').reply(status, '<Error/>');
    await expect((await ask()).open()).rejects.toThrow(`${name}: ${words}`);
  });
});

/** A real server, so that redirects are those of the real client. */
async function serve(answer: (request: IncomingMessage) => readonly [number, Record<string, string>, string]) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const [status, headers, body] = answer(request);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  nock.enableNetConnect('127.0.0.1');
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('redirects', () => {
  test('take the token of the batch request to no other host', async () => {
    const other = await serve(() => [200, {}, JSON.stringify({ objects: [{ oid, size: 7 }] })]);
    const own = await serve(() => [307, { location: `${other.url}/batch` }, '']);
    const { github: there } = connect({ serverUrl: own.url });
    expect((await lfsObject(there, there.repository, pointer)).byteLength).toBe(7);
    expect(own.seen[0]?.headers.authorization).toBe(basic);
    expect(other.seen.map(({ method, headers }) => [method, headers.authorization])).toEqual([['POST', undefined]]);
  });

  test('take what the batch reply gave as authorization to no other host', async () => {
    const other = await serve(() => [200, {}, 'content']);
    const own = await serve(({ url }) =>
      url === '/x'
        ? [302, { location: `${other.url}/x` }, '']
        : [
            200,
            {},
            JSON.stringify({
              objects: [
                {
                  oid,
                  size: 7,
                  actions: { download: { href: `${own.url}/x`, header: { Authorization: 'RemoteAuth secret' } } },
                },
              ],
            }),
          ],
    );
    const { github: there } = connect({ serverUrl: own.url });
    const object = await lfsObject(there, there.repository, pointer);
    expect((await buffer(await object.open())).toString()).toBe('content');
    expect(own.seen[1]?.headers.authorization).toBe('RemoteAuth secret');
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });
});
