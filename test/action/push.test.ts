// A push to the default branch keeps Git LFS objects in the workflow's cache; pull requests read them from there.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { pushEvent } from '../stand-in/events.ts';
import { configPath, expectSound, fixture, modelPath, scenario, tightConfig, withoutPictures } from './scenario.ts';

type OnTestFinished = TestContext['onTestFinished'];

const base = fixture('detector-nearest');
const oid = createHash('sha256').update(base).digest('hex');
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${base.length}\n`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The cache service of a workflow, version 2, with its storage at signed addresses. */
async function cacheService(onTestFinished: OnTestFinished) {
  const entries = new Map<string, Buffer>();
  const final = new Set<string>();
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { pathname, origin } = new URL(request.url ?? '', `http://${request.headers.host ?? ''}`);
      const call = /CacheService\/(\w+)$/.exec(pathname)?.[1];
      calls.push(call ?? `${request.method ?? ''} blob`);
      if (call === undefined) {
        const key = pathname.slice('/blob/'.length);
        if (request.method === 'PUT') entries.set(key, body);
        response.writeHead(request.method === 'PUT' ? 201 : 200).end(entries.get(key));
        return;
      }
      const { key } = JSON.parse(body.toString()) as { key: string };
      const address = `${origin}/blob/${key}`;
      const answers: Readonly<Record<string, object>> = {
        CreateCacheEntry: entries.has(key) ? { ok: false } : { ok: true, signed_upload_url: address },
        FinalizeCacheEntryUpload: { ok: final.add(key).has(key), entry_id: '1' },
        GetCacheEntryDownloadURL: final.has(key) ? { ok: true, signed_download_url: address } : { ok: false },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[call]));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { calls, entries, environment: { ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: 'runtime' } };
}

async function withStoredModel(onTestFinished: OnTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-lfs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, oid), base);
  return scenario(onTestFinished, {
    lfs: { folder },
    base: { [modelPath]: pointer, [configPath]: tightConfig },
    change: { [modelPath]: fixture('detector-cubic') },
  });
}

describe.concurrent('a push to the default branch', { timeout: 600_000 }, () => {
  test('keeps the objects of its models, and a pull request spends no LFS bandwidth on them', async (context) => {
    const given = await withStoredModel(context.onTestFinished);
    const cache = await cacheService(context.onTestFinished);
    const temporary = mkdtempSync(join(tmpdir(), 'model-budget-runner-'));
    context.onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
    const environment = { ...cache.environment, RUNNER_TEMP: temporary };
    const push = await given.run({ event: pushEvent(given.standIn.world, 'main', null), environment });
    expect([push.exitCode, push.stderr]).toEqual([0, '']);
    expect([...cache.entries.values()]).toEqual([base]);
    expect(given.checks()).toEqual([]);
    expect(existsSync(join(temporary, 'model-budget', 'objects'))).toBe(false);

    const seen = given.standIn.requests.length;
    const review = await given.run({ inputs: withoutPictures, environment });
    expectSound(given);
    expect(review.exitCode).toBe(1);
    const later = given.standIn.requests.slice(seen).map(({ method, path }) => `${method} ${path}`);
    expect(later.filter((request) => request.includes('lfs-storage'))).toEqual([]);
    // A change reads the cache and never writes to it.
    expect(cache.calls.filter((call) => call === 'CreateCacheEntry')).toHaveLength(1);
  });

  test('has nothing to do where there is no cache, or on another branch', async (context) => {
    const given = await withStoredModel(context.onTestFinished);
    const here = await given.run({ event: pushEvent(given.standIn.world, 'main', null) });
    expect([here.exitCode, here.stdout]).toEqual([0, expect.stringContaining('there is no cache service here')]);
    const event = pushEvent(given.standIn.world, 'change', null);
    const other = await given.run({ event });
    expect([other.exitCode, other.stdout]).toEqual([0, expect.stringContaining('is not the default branch')]);
    expect(given.standIn.requests).toEqual([]);
  });
});
