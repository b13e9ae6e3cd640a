import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { commitFiles } from '../../src/github/tree.ts';
import { answerOnlyWhatIsExpected, connect } from './connection.ts';

const commit = 'c0'.repeat(20);
const sha = (index: number) => index.toString(16).padStart(40, 'a');

interface RawEntry {
  readonly path?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly sha?: string;
  readonly size?: number;
}

const file = (path: string, index: number, mode = '100644'): RawEntry => ({
  ...{ path, mode, type: 'blob', sha: sha(index), size: index },
});
const folder = (path: string, index: number): RawEntry => ({ path, mode: '040000', type: 'tree', sha: sha(index) });

answerOnlyWhatIsExpected();

/** Answers once: what is asked for twice is an error. */
function answer(tree: string, entries: readonly RawEntry[], truncated = false, query = ''): void {
  nock('https://api.github.com')
    .get(`/repos/acme/detector/git/trees/${tree}${query}`)
    .reply(200, { sha: tree, truncated, tree: entries });
}

function files() {
  const { github } = connect();
  return commitFiles(github, github.repository, commit);
}

describe('the entry at a path', () => {
  test('is found folder by folder, each asked for once, however many ask at once', async () => {
    answer(commit, [folder('models', 1), file('README.md', 2)]);
    answer(sha(1), [folder('kws', 3), file('a.onnx', 4)]);
    answer(sha(3), [file('b.onnx', 5)]);
    const tree = files();
    const paths = ['models/kws/b.onnx', 'models/a.onnx', 'README.md', 'models/kws/b.onnx', 'models/kws'];
    const found = await Promise.all(paths.map((path) => tree.entry(path)));
    expect(found.map((entry) => entry?.object)).toEqual([sha(5), sha(4), sha(2), sha(5), sha(3)]);
    expect(found[0]).toEqual({ path: 'models/kws/b.onnx', kind: 'file', object: sha(5), byteLength: 5 });
    expect((await tree.folder('models')).map(({ path }) => path)).toEqual(['models/kws', 'models/a.onnx']);
  });

  test('is absent where a folder on the way is not there, or is none', async () => {
    answer(commit, [file('models', 1), { path: 'link', mode: '120000', type: 'blob', sha: sha(2), size: 6 }]);
    const tree = files();
    const paths = ['models/a.onnx', 'link/a.onnx', 'gone/a.onnx', 'gone', '', '/', '//models', 'models/', '../models'];
    for (const path of [...paths, 'constructor', '__proto__/a']) expect(await tree.entry(path)).toBeUndefined();
    expect(await tree.folder('gone/further')).toEqual([]);
  });

  test('of any depth is looked for no further than what is there', async () => {
    answer(commit, [folder('a', 1)]);
    answer(sha(1), []);
    expect(await files().entry(`${'a/'.repeat(200_000)}weights.bin`)).toBeUndefined();
  });

  test('has a kind by its type, whatever mode an old or odd git gave it', async () => {
    answer(commit, [
      ...[file('old', 1, '100664'), file('run', 2, '100755'), file('odd', 3, '100600')],
      ...[folder('folder', 4), { path: 'old-folder', mode: '40000', type: 'tree', sha: sha(5) }],
      { path: 'link', mode: '120000', type: 'blob', sha: sha(6), size: 6 },
      { path: 'module', mode: '160000', type: 'commit', sha: sha(7) },
    ]);
    const kinds = (await files().folder('')).map(({ path, kind, byteLength }) => `${path} ${kind} ${byteLength}`);
    expect(kinds).toEqual([
      ...['old file 1', 'run file 2', 'odd file 3', 'folder folder 0', 'old-folder folder 0'],
      ...['link link 6', 'module submodule 0'],
    ]);
  });
});

describe('a tree that cannot be read is not an empty one', () => {
  test.each([
    ['no path', { ...file('a', 1), path: undefined }],
    ['no object', { ...file('a', 1), sha: undefined }],
    ['an object that leaves the folder of the store', { ...file('a', 1), sha: '../../../../etc/passwd' }],
    ['a kind that nobody knows', { ...file('a', 1), type: 'note' }],
  ])('%s', async (_, { path, sha: object, ...entry }) => {
    answer(commit, [{ ...entry, ...(path && { path }), ...(object && { sha: object }) }]);
    await expect(files().entry('.github/model-budget.yml')).rejects.toThrow(
      `the files of acme/detector at ${commit.slice(0, 12)} cannot be listed: an entry of the list is not what it should be`,
    );
  });

  test('a refusal, and it stays one', async () => {
    nock('https://api.github.com')
      .get(`/repos/acme/detector/git/trees/${commit}`)
      .reply(409, { message: 'Git is empty' });
    const tree = files();
    for (const path of ['a', 'b/c'])
      await expect(tree.entry(path)).rejects.toThrow('cannot be listed: 409 Git is empty');
  });

  test('a folder that GitHub cuts', async () => {
    answer(commit, [folder('models', 1)]);
    answer(sha(1), [file('a.onnx', 2)], true);
    await expect(files().entry('models/a.onnx')).rejects.toThrow('"models" has more files than GitHub lists');
  });
});

describe('all files', () => {
  test('come in one list, links and submodules among them', async () => {
    const module = { path: 'module', mode: '160000', type: 'commit', sha: sha(7) };
    answer(commit, [folder('a', 1), file('a/b', 2), file('c', 3, '100664'), module], false, '?recursive=1');
    expect((await files().all())?.map(({ path }) => path)).toEqual(['a/b', 'c', 'module']);
  });

  test('are null where GitHub cuts the list', async () => {
    answer(commit, [file('a', 1)], true, '?recursive=1');
    expect(await files().all()).toBeNull();
  });
});
