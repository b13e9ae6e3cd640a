/** What a model costs in bandwidth of Git LFS, and where links lead. */
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { readModel } from '../../src/formats/index.ts';
import { openModels } from '../../src/github/models.ts';
import { openResults } from '../../src/github/results.ts';
import { commitFiles } from '../../src/github/tree.ts';
import type { Change } from '../../src/review/changed-models.ts';
import type { ReviewedSide } from '../../src/review.ts';
import type { Changes } from '../stand-in/git-repository.ts';
import { connectStandIn, requested, temporaryFolder } from './connection.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/models', name));
const model = fixture('everything-ir11.onnx');
const weights = fixture('everything-ir11.onnx.data');

const sizeBudget = 'budgets: [{ metric: size, max: 5 MB }]\n';

async function bench(folder: string, after: Changes) {
  const given = await connectStandIn({ lfs: { folder } });
  const head = given.repository.commit('change', after, { from: 'main' });
  const files = commitFiles(given.github, given.github.repository, head);
  const sideOf = async (change: Omit<Change, 'status'>, config: string): Promise<ReviewedSide> => {
    const changed: readonly Change[] = [{ status: 'added', ...change }];
    const judgedBy = parseConfig(`version: 1\n${config}`, 'config');
    const { models, close } = await openModels(given, { base: files, head: files }, { changed, judgedBy });
    onTestFinished(close);
    return models[0]!.head!;
  };
  const downloads = () => requested(given).filter((path) => path.includes('/lfs-storage/')).length;
  return { ...given, files, sideOf, downloads };
}

/** Puts the bytes into the storage; the pointer to them. */
function stored(folder: string, bytes: Buffer, size = bytes.length): string {
  const oid = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(folder, oid), bytes);
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
}

describe('a model in Git LFS', () => {
  test.each(['net.pt', 'net.safetensors', 'net.tflite', 'net.onnx', 'net.bin'])(
    'with nothing but budgets of size is not fetched: %s',
    async (name) => {
      const folder = temporaryFolder();
      const given = await bench(folder, {
        [`m/${name}`]: stored(folder, model),
        ...{ '.gitattributes': '*.onnx filter=lfs\n', 'm/LICENSE': 'free', 'm/train.py': 'pass' },
        'm/other.onnx': stored(folder, weights),
      });
      expect(await given.sideOf({ path: `m/${name}` }, sizeBudget)).toEqual({
        error: `m/${name}: not fetched from Git LFS, since no budget asks for more than its size`,
        fileBytes: model.length,
      });
      expect(given.downloads()).toBe(0);
      expect(given.standIn.violations).toEqual([]);
    },
  );

  test('whose pointer says another size than the server has no size', async () => {
    const folder = temporaryFolder();
    const given = await bench(folder, { 'net.pt': stored(folder, model, 5) });
    const side = await given.sideOf({ path: 'net.pt' }, sizeBudget);
    expect(side).toEqual({ error: expect.stringMatching(/^net\.pt: Git LFS object .* another size/) as string });
    expect(given.downloads()).toBe(0);
  });

  test.each([
    `budgets: [{ metric: size, max: 5 MB }, { metric: latency, max: 1 ms }]\n`,
    `budgets: [{ metric: download, max: 5 MB }]\n`,
    // A new name does not take a budget away.
    `budgets: [{ metric: size, max: 5 MB }, { metric: latency, max: 1 ms, model: "old/*" }]\n`,
    '',
  ])('that more is asked of is fetched: %s', async (config) => {
    const folder = temporaryFolder();
    const given = await bench(folder, { 'net.onnx': stored(folder, model) });
    const side = await given.sideOf({ path: 'net.onnx', previousPath: 'old/net.onnx' }, config);
    expect('sources' in side && side.sources.get('')?.byteLength).toBe(model.length);
    expect(given.downloads()).toBe(1);
  });

  test('that nobody can look into is not fetched without a budget either', async () => {
    const folder = temporaryFolder();
    const given = await bench(folder, { 'net.safetensors': stored(folder, model) });
    expect(await given.sideOf({ path: 'net.safetensors' }, '')).toMatchObject({ fileBytes: model.length });
    expect(given.downloads()).toBe(0);
  });

  test('beside which its weights may lie is fetched, and they are not', async () => {
    const folder = temporaryFolder();
    const given = await bench(folder, {
      'm/net.onnx': stored(folder, model),
      'm/everything-ir11.onnx.data': stored(folder, weights),
    });
    const side = await given.sideOf({ path: 'm/net.onnx' }, sizeBudget);
    expect('sources' in side && side.sources.get('')?.byteLength).toBe(model.length);
    expect(given.downloads()).toBe(1);
  });

  test('whose weights are larger than what is fetched counts with them, and the rest is read', async () => {
    const folder = temporaryFolder();
    const byteLength = 5 * 1024 ** 3;
    const oid = 'ab'.repeat(32);
    // Takes no room: nothing was ever written into it.
    writeFileSync(join(folder, oid), '');
    truncateSync(join(folder, oid), byteLength);
    const given = await bench(folder, {
      'net.onnx': model,
      'everything-ir11.onnx.data': `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${byteLength}\n`,
    });
    const side = await given.sideOf({ path: 'net.onnx' }, '');
    expect(given.downloads()).toBe(0);
    if (!('sources' in side)) throw new Error(side.error);
    const read = readModel(side.sources, 'net.onnx');
    expect(read.files.find(({ path }) => path.endsWith('.data'))).toMatchObject({ byteLength, available: false });
    expect(read.warnings.join('\n')).toContain('weights not available');
    expect(read.warnings.join('\n')).toContain('only its Git LFS pointer is');
  });

  test('that is a package is the sum of its files', async () => {
    const folder = temporaryFolder();
    const given = await bench(folder, {
      'net.mlpackage/Manifest.json': '{}',
      'net.mlpackage/Data/model.mlmodel': stored(folder, model),
      'net.mlpackage/Data/weights/weight.bin': stored(folder, weights),
    });
    const side = await given.sideOf({ path: 'net.mlpackage' }, sizeBudget);
    expect(side).toMatchObject({ fileBytes: 2 + model.length + weights.length });
    expect(given.downloads()).toBe(0);
  });
});

describe('a link', () => {
  const linked = async (links: Changes) => bench(temporaryFolder(), { 'store/net.onnx': model, ...links });

  test('to a model in the repository is that model, as far as a chain of eight goes', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`l${at}.onnx`, { link: at === 0 ? 'store/net.onnx' : `l${at - 1}.onnx` }]),
    );
    const given = await linked({ ...chain, 'm/deep.onnx': { link: '../store/net.onnx' } });
    for (const path of ['l0.onnx', 'l7.onnx', 'm/deep.onnx']) {
      const side = await given.sideOf({ path }, '');
      expect([path, 'sources' in side && side.sources.get('')?.byteLength]).toEqual([path, model.length]);
    }
    expect(await given.sideOf({ path: 'l8.onnx' }, '')).toEqual({
      error: 'l8.onnx: not a regular file there (a link or a submodule)',
    });
  });

  test.each(['../net.onnx', '../../etc/passwd', '/store/net.onnx', 'm', 'gone.onnx', 'link.onnx', 'store'])(
    'that leads elsewhere is nothing: %s',
    async (link) => {
      const given = await linked({ 'link.onnx': { link } });
      expect(await given.sideOf({ path: 'link.onnx' }, '')).toEqual({
        error: 'link.onnx: not a regular file there (a link or a submodule)',
      });
    },
  );

  test('has no kept result: its own content does not tell what is behind it', async () => {
    const given = await linked({ 'link.onnx': { link: 'store/net.onnx' } });
    const kept = new Map<string, Uint8Array>();
    const store = {
      read: (key: string) => Promise.resolve(kept.get(key) ?? null),
      write: (key: string, bytes: Uint8Array) => Promise.resolve(void kept.set(key, bytes)),
    };
    const files = { base: given.files, head: given.files };
    const results = openResults(given.github, store, { files, circumstances: [] });
    const model = { errors: [], warnings: [] };
    const result = { model, traces: new Map() } as unknown as Parameters<typeof results.keep>[2];
    await results.keep({ status: 'added', path: 'link.onnx' }, [], result);
    expect([kept.size, await results.find({ status: 'added', path: 'link.onnx' })]).toEqual([0, null]);
    await results.keep({ status: 'added', path: 'store/net.onnx' }, [], result);
    expect(await results.find({ status: 'added', path: 'store/net.onnx' })).toMatchObject({ model });
  });
});
