/** `view`: the page of a model or of a change, as a file, or served to this machine alone. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { servePage } from '../../src/cli/page-server.ts';
import { run } from '../../src/cli/run.ts';
import { readPage } from '../../src/report/html/read.ts';

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-view-')));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/models/${name}.onnx`, import.meta.url));

async function pageOf(...args: readonly string[]) {
  const output = join(folder, 'page.html');
  expect(await run([...args, '--target', 'rpi4-xnnpack', '--output', output, '--quiet'])).toBe(0);
  return readPage(readFileSync(output, 'utf8'));
}

describe('as a file', () => {
  test('one model is new', async () => {
    const { report, models } = await pageOf('view', fixture('cnn-residual'));
    expect(report.report.models).toMatchObject([{ path: fixture('cnn-residual'), status: 'added', change: 'changed' }]);
    expect(report.report.replay).toContain(' view ');
    expect(models.models[0]).toMatchObject({ base: null });
  });

  test('two models are a change, as in diff', async () => {
    const models = [fixture('cnn-residual'), fixture('cnn-residual-wide')];
    const page = await pageOf('view', ...models);
    expect(page.report.report.models[0]!.change).toBe('changed');
    expect(page).toEqual(await pageOf('diff', ...models, '--format', 'html'));
  });

  test('simulate writes the same page of one model', async () => {
    const page = await pageOf('simulate', fixture('cnn-residual'), '--format', 'html');
    expect(page).toEqual(await pageOf('view', fixture('cnn-residual')));
    const two = [fixture('cnn-residual'), fixture('cnn-residual-wide')];
    expect(await run(['simulate', ...two, '--format', 'html', '--output', join(folder, 'none')])).toBe(2);
  });

  test('dimensions are given as in diff', async () => {
    const { models } = await pageOf('view', fixture('transformer-block'), '--dim', 'batch=2', '--dim', 'sequence=16');
    expect(models.models[0]!.head!.bindings.dims.get('batch')).toBe(2);
  });

  test('a file that cannot be read is told', async () => {
    expect(await run(['view', fileURLToPath(import.meta.url), '--output', join(folder, 'none')])).toBe(2);
    expect(await run(['view', join(folder, 'nothing.onnx'), '--output', join(folder, 'none')])).toBe(2);
  });
});

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(address: string, options: { readonly method?: string; readonly host?: string } = {}): Promise<Answered> {
  const { method = 'GET', host } = options;
  return new Promise((resolve, reject) => {
    const asked = request(address, { method, headers: host === undefined ? {} : { host } }, (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((body) => {
        resolve({ status, headers, body });
      }, reject);
    });
    asked.on('error', reject).end();
  });
}

describe('served', () => {
  async function served(): Promise<string> {
    const { address, close } = await servePage('<p>page</p>');
    onTestFinished(close);
    return address;
  }

  test('on this machine, under a path that nobody can guess', async () => {
    const addresses = [await served(), await served()];
    for (const address of addresses) expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/);
    expect(new Set(addresses.map((address) => new URL(address).pathname)).size).toBe(2);
  });

  test('as it is, and as nothing else', async () => {
    const { status, headers, body } = await ask(await served());
    expect([status, body]).toEqual([200, '<p>page</p>']);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  test('nowhere else, to no other name, and to no other method', async () => {
    const address = await served();
    const { origin, port, pathname } = new URL(address);
    expect((await ask(`${origin}/`)).status).toBe(404);
    expect((await ask(`${address}x`)).status).toBe(404);
    expect((await ask(address, { host: `evil.example:${port}` })).status).toBe(404);
    expect((await ask(address, { host: `localhost:${port}` })).status).toBe(200);
    expect((await ask(address, { method: 'POST' })).status).toBe(405);
    const head = await ask(address, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '11', '']);
    expect(pathname.length).toBeGreaterThan(20);
  });
});
