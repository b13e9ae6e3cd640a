import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workflowToken, type StandInOptions } from './options.ts';
import { startBench, type Bench } from './testing.ts';

const bytes = Buffer.from('a large model');
const oid = createHash('sha256').update(bytes).digest('hex');
const lfsType = 'application/vnd.git-lfs+json';

interface BatchObject {
  readonly oid: string;
  readonly actions?: { readonly download: { readonly href: string; readonly header: Record<string, string> } };
  readonly error?: { readonly code: number; readonly message: string };
}

interface BatchAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly message?: string; readonly objects?: readonly BatchObject[] };
}

let bench: Bench;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stand-in-lfs-'));
  writeFileSync(join(folder, oid), bytes);
});

afterEach(async () => {
  expect(bench.standIn.violations).toEqual([]);
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(refuses?: 'quota' | 'rate', options: Partial<StandInOptions> = {}): Promise<void> {
  bench = await startBench({ lfs: { folder, ...(refuses === undefined ? {} : { refuses }) }, ...options });
}

async function batch(
  objects: readonly { oid: string; size: number }[],
  headers: Record<string, string> = {},
): Promise<BatchAnswer> {
  const basic = `Basic ${Buffer.from('x-access-token:a-token').toString('base64')}`;
  const answer = await fetch(`${bench.standIn.serverUrl}/acme/detector.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { accept: lfsType, 'content-type': lfsType, authorization: basic, ...headers },
    body: JSON.stringify({ operation: 'download', transfers: ['basic'], objects }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as BatchAnswer['body'] };
}

describe('Git LFS', () => {
  test('tells where an object lies, and gives it to who knows the header', async () => {
    await start();
    const { body, headers } = await batch([{ oid, size: bytes.length }]);
    expect(headers.get('content-type')).toBe(lfsType);
    const { href, header } = body.objects![0]!.actions!.download;
    const get = async (sent: Record<string, string>) => {
      const answer = await fetch(href, { headers: sent });
      return [answer.status, await answer.text()];
    };
    expect(await get(header)).toEqual([200, 'a large model']);
    expect(await get({ ...header, range: 'bytes=2-6' })).toEqual([206, 'large']);
    expect((await get({}))[0]).toBe(403);
    expect((await get({ ...header, authorization: 'Bearer a-token' }))[0]).toBe(400);
  });

  test('refuses single objects', async () => {
    await start();
    const other = '0'.repeat(64);
    const { body } = await batch([
      { oid: other, size: 1 },
      { oid, size: 1 },
      { oid: '../secret', size: 1 },
    ]);
    expect(body.objects!.map(({ error }) => error?.code)).toEqual([404, 422, 422]);
  });

  test('refuses everything without quota, in a hurry, or without credentials', async () => {
    const object = [{ oid, size: bytes.length }];
    await start('quota');
    const quota = await batch(object);
    expect([quota.status, quota.body.message]).toEqual([403, expect.stringContaining('over its data quota')]);
    await bench.close();
    await start('rate');
    const rate = await batch(object);
    expect([rate.status, rate.headers.get('retry-after')]).toEqual([429, '1']);
    await bench.close();
    await start(undefined, { private: true, tokens: { 'a-token': workflowToken({ checks: 'write' }) } });
    expect((await batch(object)).status).toBe(403);
    expect((await batch(object, { authorization: 'Basic eDp5' })).status).toBe(401);
    expect((await batch(object, { accept: 'application/json' })).status).toBe(406);
  });

  test('shares faults and the log with the API', async () => {
    await start();
    bench.standIn.faults.add({ path: /info\/lfs/, status: 503 });
    expect((await batch([])).status).toBe(503);
    expect(bench.standIn.requests).toMatchObject([
      { method: 'POST', path: '/acme/detector.git/info/lfs/objects/batch', login: 'github-actions[bot]', status: 503 },
    ]);
  });
});
