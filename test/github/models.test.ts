import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import { comparedChanges } from '../../src/github/changes.ts';
import { fetchAllModels, fetchModels } from '../../src/github/models.ts';
import { commitFiles } from '../../src/github/tree.ts';
import type { ReviewedModel, ReviewedSide } from '../../src/review.ts';
import { DataLocation, encodeGraph, ModelProto } from '../formats/models.ts';
import type { Changes } from '../stand-in/git-repository.ts';
import { setRef, writeBlob, writeCommit, writeTree } from '../stand-in/git.ts';
import type { LfsOptions, StandInOptions } from '../stand-in/options.ts';
import { connectStandIn, requested, temporaryFolder } from './connection.ts';

const folder = join(import.meta.dirname, '../../fixtures/models');
const fixture = (name: string) => readFileSync(join(folder, name));

/** Names `everything-ir11.onnx.data` as the file of some of its weights. */
const model = fixture('everything-ir11.onnx');
const weights = fixture('everything-ir11.onnx.data');

const config = (text = '') => parseConfig(`version: 1\n${text}`, 'config');

async function bench(before: Changes, after: Changes, options: Partial<StandInOptions> = {}) {
  const given = await connectStandIn(options);
  given.repository.commit('main', { 'models/a.onnx': null, 'docs/read.me': null, 'keep.me': 'k', ...before });
  const at = (commit: string) => commitFiles(given.github, given.github.repository, commit);
  const base = at(given.repository.commit('main', { 'other.txt': 'o' }));
  const head = at(given.repository.commit('change', { 'README.md': 'r', ...after }, { from: 'main' }));
  const fetched = async (text?: string) => {
    const list = await comparedChanges(given.github, { base, head });
    if ('problem' in list) throw new Error(list.problem);
    const { models, close } = await fetchModels(given, { base, head }, list.changes, { config: config(text) });
    onTestFinished(close);
    return models;
  };
  return { ...given, at, base, head, fetched };
}

const sideOf = (side: ReviewedSide | undefined, ...paths: readonly string[]) => {
  if (side === undefined) return 'absent';
  if ('error' in side) return side.error;
  return ['', ...paths].map((path) => side.sources.get(path)?.byteLength ?? null);
};

const summary = (models: readonly ReviewedModel[], ...paths: readonly string[]) =>
  models.map(({ path, status, base, head }) => [status, path, sideOf(base, ...paths), sideOf(head, ...paths)]);

describe('the models of a change', () => {
  test('have each side that is there, from its own commit and its own path', async () => {
    const given = await bench(
      { 'a.onnx': 'aaaa', 'b.onnx': 'bb'.repeat(100), 'gone.onnx': 'ccc', 'same.onnx': 'same' },
      { 'a.onnx': 'aaaaaa', 'b.onnx': null, 'moved.onnx': 'bb'.repeat(100), 'gone.onnx': null, 'new.onnx': 'n' },
    );
    expect(summary(await given.fetched())).toEqual([
      ['modified', 'a.onnx', [4], [6]],
      ['removed', 'gone.onnx', [3], 'absent'],
      ['renamed', 'moved.onnx', [200], [200]],
      ['added', 'new.onnx', 'absent', [1]],
    ]);
    expect(given.standIn.violations).toEqual([]);
  });

  test('bring the external data that they name and that is there', async () => {
    const file = 'everything-ir11.onnx.data';
    const given = await bench(
      { 'm/x.onnx': model },
      { 'm/x.onnx': Buffer.concat([model, Buffer.of(0x32, 0)]), [`m/${file}`]: weights },
    );
    expect(summary(await given.fetched(), file)).toEqual([
      ['modified', 'm/x.onnx', [model.length, null], [model.length + 2, weights.length]],
    ]);
  });

  test('of which only the weights changed are modified', async () => {
    const file = 'everything-ir11.onnx.data';
    const other = Buffer.from(weights).reverse();
    const given = await bench(
      {
        'm/x.onnx': model,
        [`m/${file}`]: weights,
        'm/y.onnx': fixture('cnn-residual.onnx'),
        'm/broken.onnx': 'no model',
      },
      { [`m/${file}`]: other },
    );
    expect(summary(await given.fetched(), file)).toEqual([
      ['modified', 'm/x.onnx', [model.length, weights.length], [model.length, weights.length]],
    ]);
  });

  test.each(['../w.bin', '/etc/passwd', 'sub/../../w.bin', 'w\\..\\..\\x', 'C:/w.bin'])(
    'get no file that leaves their folder: %s',
    async (location) => {
      const bytes = encodeGraph({
        initializer: [
          {
            ...{ name: 'w', dataType: 1, dims: [1], dataLocation: DataLocation.EXTERNAL },
            externalData: [{ key: 'location', value: location }],
          },
        ],
      });
      const given = await bench({ 'w.bin': 'secret', 'm/keep': 'k' }, { 'm/x.onnx': Buffer.from(bytes) });
      const [one] = await given.fetched();
      expect(one?.head !== undefined && 'sources' in one.head && one.head.sources.get(location)).toBeUndefined();
      expect(requested(given).filter((path) => path.startsWith('GET git/blobs'))).toHaveLength(1);
    },
  );

  test('that are links or submodules cannot be measured', async () => {
    const given = await bench({ 'a.onnx': 'aaaa' }, {});
    const { git } = given.repository;
    const parent = given.head.commit;
    const person = { name: 'Ada', email: 'ada@example.com', date: '2026-01-02T00:00:00Z' };
    const tree = writeTree(git, parent, [
      { path: 'a.onnx', mode: '120000', sha: writeBlob(git, Buffer.from('../../etc/passwd')) },
      { path: 'b.onnx', mode: '160000', sha: parent },
    ]);
    const head = writeCommit(git, { tree, parents: [parent], message: 'm', author: person, committer: person });
    setRef(git, 'refs/heads/change', head);
    const range = { base: given.base, head: given.at(head) };
    const changes = [
      { status: 'modified', path: 'a.onnx' },
      { status: 'added', path: 'b.onnx' },
    ] as const;
    const { models, close } = await fetchModels(given, range, changes, { config: config() });
    onTestFinished(close);
    const words = 'not a regular file there (a link or a submodule)';
    expect(summary(models)).toEqual([
      ['modified', 'a.onnx', [4], `a.onnx: ${words}`],
      ['added', 'b.onnx', 'absent', `b.onnx: ${words}`],
    ]);
  });

  test('are not told where too many unchanged ones may use a changed file', async () => {
    const models = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`m/${index}.onnx`, 'x']));
    const given = await bench(models, { 'm/w.bin': 'w' });
    await expect(given.fetched()).rejects.toThrow(
      new UserError('65 unchanged models may use a changed file as their weights: too many to look into'),
    );
  });

  test('are found in a change all over the repository', async () => {
    const spread = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`d${index}/w.bin`, 'w']));
    const given = await bench({ 'd3/x.onnx': model }, { ...spread, 'd3/everything-ir11.onnx.data': weights });
    expect(summary(await given.fetched())).toEqual([['modified', 'd3/x.onnx', [model.length], [model.length]]]);
    const cut = await bench({ 'd3/x.onnx': model }, spread, { limits: { treeEntries: 20 } });
    await expect(cut.fetched()).rejects.toThrow('GitHub cuts the list of all files');
  });
});

function lfs(...objects: readonly Buffer[]) {
  const store = join(temporaryFolder(), 'lfs');
  mkdirSync(store);
  const pointers = objects.map((bytes) => {
    const oid = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(store, oid), bytes);
    return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`;
  });
  return { store, pointers };
}

const batches = (paths: readonly string[]) => paths.filter((path) => path.includes('/info/lfs/'));
const downloads = (paths: readonly string[]) => paths.filter((path) => path.includes('/lfs-storage/'));

describe('in Git LFS', () => {
  test('model and weights are had from there, each object once', async () => {
    const { store, pointers } = lfs(model, weights);
    const file = 'everything-ir11.onnx.data';
    const given = await bench(
      { 'k.txt': 'k' },
      { 'm/x.onnx': pointers[0]!, [`m/${file}`]: pointers[1]!, 'm/copy.onnx': pointers[0]! },
      { lfs: { folder: store } },
    );
    expect(summary(await given.fetched(), file)).toEqual([
      ['added', 'm/copy.onnx', 'absent', [model.length, weights.length]],
      ['added', 'm/x.onnx', 'absent', [model.length, weights.length]],
    ]);
    expect(downloads(requested(given))).toHaveLength(2);
  });

  test.each<[string, Partial<LfsOptions>, (pointer: string) => string, RegExp]>([
    [
      'used up',
      { refuses: 'quota' },
      (pointer) => pointer,
      /^m\/x\.onnx: Git LFS object \w{12}…: .*bandwidth of the account is used up/,
    ],
    ['not pushed', {}, (pointer) => pointer.replace(/sha256:..../, 'sha256:0000'), /was it pushed\?$/],
    [
      'of another size',
      {},
      (pointer) => pointer.replace(/size .*/, 'size 5'),
      /the server refuses it: 422 Object has another size/,
    ],
  ])('%s: the model cannot be measured, and nothing else is lost', async (_, refusal, change, words) => {
    const { store, pointers } = lfs(model);
    const given = await bench(
      {},
      { 'm/x.onnx': change(pointers[0]!), 'plain.onnx': 'p' },
      { lfs: { folder: store, ...refusal } },
    );
    const [x, plain] = await given.fetched();
    expect(sideOf(x?.head)).toMatch(words);
    expect(sideOf(plain?.head)).toEqual([1]);
    expect(downloads(requested(given))).toEqual([]);
  });

  test('broken content is a model that cannot be measured, not a broken run', async () => {
    const { store, pointers } = lfs(model);
    const oid = /[0-9a-f]{64}/.exec(pointers[0]!)![0];
    writeFileSync(join(store, oid), Buffer.alloc(model.length));
    const given = await bench({}, { 'm/x.onnx': pointers[0]!, 'plain.onnx': 'p' }, { lfs: { folder: store } });
    const [x, plain] = await given.fetched();
    expect(sideOf(x?.head)).toBe(
      `m/x.onnx: Git LFS object ${oid.slice(0, 12)}… cannot be fetched: the content is not what its id says`,
    );
    expect(sideOf(plain?.head)).toEqual([1]);
  });

  test('a model that is only asked what it names spends no bandwidth on its weights', async () => {
    const other = ModelProto.encode({ irVersion: 8, opsetImport: [{ version: 13 }], graph: {} }).finish();
    const { store, pointers } = lfs(model, weights, Buffer.from(other));
    const before = { 'm/x.onnx': pointers[0]!, 'm/everything-ir11.onnx.data': pointers[1]!, 'm/y.onnx': pointers[2]! };
    const given = await bench(before, { 'm/unrelated.bin': 'u' }, { lfs: { folder: store } });
    expect(await given.fetched()).toEqual([]);
    expect(downloads(requested(given))).toHaveLength(2);
  });

  test('an unchanged model that may use a changed file and cannot be read counts as changed', async () => {
    const { store, pointers } = lfs(model);
    const before = { 'm/x.onnx': pointers[0]!, 'm/everything-ir11.onnx.data': weights };
    const given = await bench(
      before,
      { 'm/everything-ir11.onnx.data': 'more' },
      { lfs: { folder: store, refuses: 'quota' } },
    );
    const [one] = await given.fetched();
    expect([one?.status, one?.path]).toEqual(['modified', 'm/x.onnx']);
    expect(sideOf(one?.head)).toMatch(/bandwidth of the account is used up/);
  });
});

describe('all models of a commit', () => {
  test('are fetched by the globs of the config; what cannot be had is told and stops nothing', async () => {
    const { store, pointers } = lfs(model);
    const gone = pointers[0]!.replace(/sha256:..../, 'sha256:0000');
    const given = await bench(
      {},
      { 'm/x.onnx': pointers[0]!, 'm/gone.onnx': gone, 'm/y.bin': 'y' },
      { lfs: { folder: store } },
    );
    expect(await fetchAllModels(given, given.head, config())).toBe(2);
    expect(downloads(requested(given))).toHaveLength(1);
    expect(given.log).toEqual([expect.stringMatching(/^m\/gone\.onnx: Git LFS object 0000.*was it pushed\?$/)]);
    expect(await fetchAllModels(given, given.head, config('models: [{ path: "m/*.bin" }]'))).toBe(1);
    expect(batches(requested(given))).toHaveLength(2);
  });

  test('are not told where GitHub cuts the list', async () => {
    const given = await bench({}, { 'x.onnx': 'x' }, { limits: { treeEntries: 1 } });
    await expect(fetchAllModels(given, given.head, config())).rejects.toThrow('GitHub cuts the list of all files');
  });
});
