import { afterEach, describe, expect, test } from 'vitest';
import type { StandInOptions } from './options.ts';
import { startBench, type Bench } from './testing.ts';

interface File {
  readonly filename: string;
  readonly status: string;
  readonly previous_filename?: string;
  readonly sha: string;
}

interface Pull {
  readonly number: number;
  readonly head: { readonly sha: string; readonly repo: { readonly full_name: string } };
  readonly base: { readonly sha: string };
  readonly changed_files: number;
}

interface Comparison {
  readonly merge_base_commit: { readonly sha: string };
  readonly status: string;
  readonly total_commits: number;
  readonly files: readonly File[];
}

let bench: Bench;

async function start(options: Partial<StandInOptions> = {}): Promise<Bench> {
  bench = await startBench(options);
  return bench;
}

afterEach(async () => {
  expect(bench.standIn.violations).toEqual([]);
  await bench.close();
});

describe('a pull request', () => {
  test("has the head's live tip, and the base's tip of the last push", async () => {
    const { repository, call } = await start();
    const before = (await call<Pull>('GET', '/pulls/1')).body;
    const base = repository.commit('main', { 'later.txt': 'later' });
    expect((await call<Pull>('GET', '/pulls/1')).body.base.sha).toBe(before.base.sha);
    const head = repository.commit('feature/one', { 'models/c.onnx': 'more' });
    const after = (await call<Pull>('GET', '/pulls/1')).body;
    expect([after.head.sha, after.base.sha]).toEqual([head, base]);
    expect([before.changed_files, after.changed_files]).toEqual([1, 2]);
  });

  test('lists added, changed, renamed and removed files against the merge base', async () => {
    const { repository, call } = await start();
    repository.commit('main', { 'only/on-main.txt': 'x' });
    const change = { 'docs/read.me': null, 'docs/moved.me': 'one\ntwo\nthree\n', 'models/a.onnx': 'changed' };
    repository.commit('feature/one', change);
    const { body } = await call<File[]>('GET', '/pulls/1/files');
    expect(body.map(({ filename, status, previous_filename }) => [filename, status, previous_filename])).toEqual([
      ['docs/moved.me', 'renamed', 'docs/read.me'],
      ['models/a.onnx', 'modified', undefined],
      ['models/b.onnx', 'added', undefined],
    ]);
    repository.commit('feature/one', { 'models/a.onnx': null });
    const removed = (await call<File[]>('GET', '/pulls/1/files')).body.find(({ status }) => status === 'removed');
    const old = repository.git(['rev-parse', 'main:models/a.onnx']).toString().trim();
    expect(removed).toMatchObject({ filename: 'models/a.onnx', sha: old });
  });

  test('of a fork has its head there, and is found by commit and by "owner:branch"', async () => {
    const fork = { number: 2, head: { ref: 'patch', fork: 'mallory/detector' }, base: 'main' };
    const { repository, call } = await start({ pullRequests: [fork] });
    const head = repository.commit('refs/forks/mallory/patch', { 'models/m.onnx': 'm' }, { from: 'main' });
    const pull = (await call<Pull>('GET', '/pulls/2')).body;
    expect([pull.head.sha, pull.head.repo.full_name]).toEqual([head, 'mallory/detector']);
    const numbers = async (path: string) => (await call<Pull[]>('GET', path)).body.map(({ number }) => number);
    expect(await numbers(`/commits/${head}/pulls`)).toEqual([2]);
    expect(await numbers('/pulls?head=mallory:patch&base=main')).toEqual([2]);
    expect(await numbers('/pulls?head=mallory:other')).toEqual([]);
    const comparison = (await call<Comparison>('GET', '/compare/main...mallory:patch')).body;
    expect(comparison.files.map(({ filename }) => filename)).toEqual(['models/m.onnx']);
    expect((await call('GET', '/git/ref/pull/2/head')).body).toMatchObject({ object: { sha: head } });
    expect((await call('GET', '/git/ref/forks/mallory/patch')).status).toBe(404);
  });

  test('shows 3,000 of 3,001 files, a page at a time', async () => {
    const { repository, call } = await start();
    const names = Array.from({ length: 3000 }, (_, index) => `many/${String(index).padStart(4, '0')}.onnx`);
    repository.commit('feature/one', Object.fromEntries(names.map((name) => [name, 'the same'])));
    const first = await call<File[]>('GET', '/pulls/1/files?per_page=100');
    expect(first.headers.get('link')).toContain('per_page=100&page=30>; rel="last"');
    const last = await call<File[]>('GET', '/pulls/1/files?per_page=100&page=30');
    expect([first.body.length, last.body.length]).toEqual([100, 100]);
    expect(last.headers.get('link')).not.toContain('rel="next"');
    expect(last.body.at(-1)!.filename).toBe('many/2999.onnx');
    expect((await call<Pull>('GET', '/pulls/1')).body.changed_files).toBe(3001);
    expect((await call<File[]>('GET', '/pulls/1/files')).body).toHaveLength(30);
    const comparison = (await call<Comparison>('GET', '/compare/main...feature%2Fone')).body;
    expect(comparison.files).toHaveLength(300);
  });
});

describe('a comparison', () => {
  test('starts at the merge base, and has files on its first page only', async () => {
    const { repository, call } = await start();
    const base = repository.git(['rev-parse', 'main']).toString().trim();
    repository.commit('main', { 'later.txt': 'later' });
    repository.commit('feature/one', { 'models/c.onnx': 'more' });
    const { body, headers } = await call<Comparison>('GET', '/compare/main...feature/one?per_page=1');
    expect(body.merge_base_commit.sha).toBe(base);
    expect([body.status, body.total_commits]).toEqual(['diverged', 2]);
    expect(body.files).toHaveLength(2);
    expect(headers.get('link')).toContain('rel="next"');
    expect((await call<Comparison>('GET', '/compare/main...feature/one?per_page=1&page=2')).body.files).toEqual([]);
    expect((await call('GET', '/compare/main...nowhere')).status).toBe(404);
  });
});

describe('contents and objects', () => {
  test('come as JSON and raw, within their limits', async () => {
    const limits = { contentsJsonBytes: 10, blobBytes: 20 };
    const { repository, call } = await start({ limits });
    repository.commit('main', {
      'small.bin': Buffer.from([0, 255]),
      'middle.bin': 'x'.repeat(15),
      big: 'y'.repeat(21),
    });
    const get = (path: string, accept = 'application/json') => call('GET', path, { headers: { accept } });
    expect((await get('/contents/small.bin?ref=main')).body).toMatchObject({ content: 'AP8=\n', encoding: 'base64' });
    expect((await get('/contents/middle.bin')).body).toMatchObject({ content: '', encoding: 'none', size: 15 });
    const raw = await get('/contents/middle.bin', 'application/vnd.github.raw+json');
    expect([raw.body, raw.headers.get('content-type')]).toEqual([
      'x'.repeat(15),
      'application/vnd.github.raw; charset=utf-8',
    ]);
    expect((await get('/contents/big', 'application/vnd.github.raw')).status).toBe(403);
    const sha = repository.git(['rev-parse', 'main:middle.bin']).toString().trim();
    expect((await get(`/git/blobs/${sha}`)).body).toMatchObject({ encoding: 'base64', size: 15 });
    expect((await get(`/git/blobs/${sha}`, 'application/vnd.github.raw')).body).toBe('x'.repeat(15));
    const big = repository.git(['rev-parse', 'main:big']).toString().trim();
    expect((await get(`/git/blobs/${big}`)).body).toMatchObject({ errors: [{ code: 'too_large' }] });
    expect((await get('/contents/nothing')).status).toBe(404);
  });

  test('list folders, follow links and name submodules', async () => {
    const { repository, call } = await start();
    repository.commit('main', { '.gitmodules': '[submodule "x"]\n\tpath = sub\n\turl = https://example.com/x.git\n' });
    const link = repository.git(['hash-object', '-w', '--stdin'], { input: 'models/a.onnx' }).toString().trim();
    const tree = [
      { path: 'link', mode: '120000', type: 'blob', sha: link },
      { path: 'sub', mode: '160000', type: 'commit', sha: '1'.repeat(40) },
    ];
    const base_tree = repository.git(['rev-parse', 'main']).toString().trim();
    const made = await call<{ sha: string }>('POST', '/git/trees', { body: { base_tree, tree } });
    const commit = { message: 'odd entries', tree: made.body.sha, parents: [] };
    const { sha } = (await call<{ sha: string }>('POST', '/git/commits', { body: commit })).body;
    const get = async (path: string) => (await call<unknown>('GET', `/contents${path}?ref=${sha}`)).body;
    expect(await get('/link')).toMatchObject({ type: 'file', path: 'models/a.onnx' });
    expect(await get('/sub')).toMatchObject({ type: 'submodule', submodule_git_url: 'https://example.com/x.git' });
    const names = ((await get('')) as { name: string; type: string }[]).map(({ name, type }) => `${type} ${name}`);
    expect(names).toEqual(['file .gitmodules', 'dir docs', 'symlink link', 'dir models', 'submodule sub']);
    expect(await get('/models')).toMatchObject([{ path: 'models/a.onnx', size: 7 }]);
  });

  test('trees are recursive on demand and cut at a limit', async () => {
    const { call } = await start({ limits: { treeEntries: 3 } });
    const paths = async (query: string) => {
      const { body } = await call<{ tree: { path: string }[]; truncated: boolean }>('GET', `/git/trees/main${query}`);
      return [body.truncated, ...body.tree.map(({ path }) => path)];
    };
    expect(await paths('')).toEqual([false, 'docs', 'models']);
    expect(await paths('?recursive=1')).toEqual([true, 'docs', 'docs/read.me', 'models']);
  });

  test('what a merge into the default branch needs is told to who reads it', async () => {
    const required = [{ context: 'model-budget', appId: 15368 }];
    const { call } = await start({ rules: { protection: required, ruleset: [{ context: 'any' }], mergeQueue: true } });
    const rulesOf = async (branch: string) => (await call<{ type: string }[]>('GET', `/rules/branches/${branch}`)).body;
    expect((await rulesOf('main')).map(({ type }) => type)).toEqual(['required_status_checks', 'merge_queue']);
    expect(await rulesOf('feature%2Fone')).toEqual([]);
    const protection = async (branch: string) => (await call('GET', `/branches/${branch}`)).body;
    expect(await protection('main')).toMatchObject({
      protected: true,
      protection: { required_status_checks: { checks: [{ context: 'model-budget', app_id: 15368 }] } },
    });
    expect(await protection('feature%2Fone')).toMatchObject({ protected: false });
  });

  test('commits, branches and refs are found by every name', async () => {
    const { repository, call } = await start();
    const sha = repository.git(['rev-parse', 'feature/one']).toString().trim();
    const found = [
      '/commits/feature/one',
      '/commits/feature%2Fone',
      '/commits/heads/feature/one',
      `/commits/${sha.slice(0, 8)}`,
      '/commits/refs%2Fpull%2F1%2Fhead',
    ];
    for (const path of found) expect((await call('GET', path)).body).toMatchObject({ sha });
    const asText = await call('GET', '/commits/feature/one', { headers: { accept: 'application/vnd.github.sha' } });
    expect(asText.body).toBe(sha);
    expect((await call('GET', '/branches/feature%2Fone')).body).toMatchObject({ commit: { sha } });
    expect((await call('GET', '/git/ref/heads/feature%2Fone')).body).toMatchObject({ object: { sha } });
    const refs = await call<{ ref: string }[]>('GET', '/git/matching-refs/heads/feature');
    expect(refs.body.map(({ ref }) => ref)).toEqual(['refs/heads/feature/one']);
    expect((await call('GET', '/commits/nowhere')).status).toBe(422);
  });
});
