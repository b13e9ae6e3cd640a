import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { readSettings, type SettingsInput, type Trust } from '../../src/github/settings.ts';
import { commitFiles } from '../../src/github/tree.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { objectStore } from '../../src/github/objects.ts';
import { answerOnlyWhatIsExpected, connect, temporaryFolder } from './connection.ts';

answerOnlyWhatIsExpected();

const path = '.github/model-budget.yml';
const commit = 'c0'.repeat(20);
const board = readFileSync(join(import.meta.dirname, '../../hardware/rpi4-xnnpack.yml'), 'utf8');

const gitId = (kind: string, content: string) =>
  createHash('sha1')
    .update(`${kind} ${Buffer.byteLength(content)}\0${content}`)
    .digest('hex');

type Files = Readonly<Record<string, string>>;

/** A repository at one commit, over nock, however often it is asked; returns how often each path was asked for. */
function serve(repository: string, at: string, files: Files): void {
  const api = nock('https://api.github.com').persist();
  const folders = new Map<string, Map<string, object>>([['', new Map()]]);
  const idOf = (folder: string) => (folder === '' ? at : gitId('tree', `${repository} ${at} ${folder}`));
  const add = (child: string, entry: object): void => {
    const end = child.lastIndexOf('/');
    const parent = end === -1 ? '' : child.slice(0, end);
    if (!folders.has(parent)) {
      folders.set(parent, new Map());
      add(parent, { mode: '040000', type: 'tree', sha: idOf(parent) });
    }
    folders.get(parent)!.set(child, { path: child.slice(end + 1), ...entry });
  };
  for (const [file, content] of Object.entries(files)) {
    const sha = gitId('blob', content);
    add(file, { mode: '100644', type: 'blob', sha, size: Buffer.byteLength(content) });
    const blob = { sha, encoding: 'base64', content: Buffer.from(content).toString('base64') };
    api.get(`/repos/${repository}/git/blobs/${sha}`).optionally().reply(200, blob);
  }
  for (const [folder, entries] of folders) {
    const tree = [...entries.values()];
    api
      .get(`/repos/${repository}/git/trees/${idOf(folder)}`)
      .optionally()
      .reply(200, { tree, truncated: false });
  }
}

function read(files: Files, input: Partial<SettingsInput> = {}, trust?: Trust) {
  const { github } = connect();
  serve('acme/detector', commit, files);
  const fetching = { github, store: objectStore(github, temporaryFolder()) };
  const tip = commitFiles(github, github.repository, commit);
  return readSettings(fetching, tip, { configPath: path, targets: [], ...input }, trust);
}

/** The config that others extend. */
function serveShared(files: Files): void {
  const sha = 'd0'.repeat(20);
  nock('https://api.github.com').get('/repos/our-org/.github/commits/main?per_page=1').reply(200, { sha });
  serve('our-org/.github', sha, files);
}

const shared = 'our-org/.github:budgets/shared.yml@main';

describe('without a config', () => {
  test('the defaults count, and no budget', async () => {
    const { config, targets, extended } = await read({ 'README.md': '' });
    expect(targets.map(({ id }) => id)).toEqual(['rpi4-xnnpack', 'github-runner-onnxruntime']);
    expect([config.budgets, extended]).toEqual([[], null]);
  });

  test('the input says the targets', async () => {
    const { targets } = await read({}, { targets: ['ethos-u55-256'] });
    expect(targets.map(({ id }) => id)).toEqual(['ethos-u55-256']);
  });

  test.each([
    [['ethos-u55-25'], /ethos-u55-256/],
    [['./board.yml'], 'targets: ./board.yml is a file; name target files in the config'],
    [['../../etc/passwd.yaml'], 'is a file; name target files in the config'],
    [['toString'], /toString/],
  ])('a target that is none is an error: %j', async (targets, words) => {
    const failed = read({ 'board.yml': board }, { targets });
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(words);
  });
});

describe('what is no absent config is an error', () => {
  test.each([
    ['a folder', { [`${path}/x`]: '' }, `${path}: is a folder, not a file, in ${commit.slice(0, 12)}`],
    ['not YAML', { [path]: 'budgets: [' }, `${path}:1: `],
    ['a key that nobody knows', { [path]: 'version: 1\nbudget: []\n' }, `${path}:2: `],
    ['too long', { [path]: `# ${'x'.repeat(256 * 1024)}` }, `${path}: the file is larger than 256 KiB`],
    ['a Git LFS pointer', { [path]: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' }, `${path}:1: `],
  ])('%s', async (_, files, words) => {
    const failed = read(files);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(words);
  });

  test('a tree that cannot be read', async () => {
    nock('https://api.github.com').get(`/repos/acme/detector/git/trees/${commit}`).reply(404, { message: 'Not Found' });
    const { github } = connect();
    const fetching = { github, store: objectStore(github, temporaryFolder()) };
    const tip = commitFiles(github, github.repository, commit);
    await expect(readSettings(fetching, tip, { configPath: path, targets: [] })).rejects.toThrow(UserError);
  });
});

describe('a config', () => {
  const text = 'version: 1\ntargets: [ethos-u55-256]\ncomment: { when: never, layers: 3 }\ncharts: off\n';

  test('wins over the input of targets, and loses to those of comment and charts', async () => {
    const written = await read({ [path]: text }, { targets: ['rpi4-xnnpack'] });
    expect(written.targets.map(({ id }) => id)).toEqual(['ethos-u55-256']);
    expect([written.config.comment, written.config.charts]).toEqual([{ when: 'never', layers: 3 }, 'off']);
    const { config } = await read({ [path]: text }, { comment: 'always', charts: 'text' });
    expect([config.comment, config.charts]).toEqual([{ when: 'always', layers: 3 }, 'text']);
  });

  test('lies where the input says', async () => {
    const { targets } = await read({ 'budgets.yml': text }, { configPath: 'budgets.yml' });
    expect(targets.map(({ id }) => id)).toEqual(['ethos-u55-256']);
  });

  test('names target files of its own commit', async () => {
    const { config, targets } = await read({ [path]: 'targets: [./hw/board.yml]\n', 'hw/board.yml': board });
    expect(targets.map(({ id }) => id)).toEqual(['rpi4-xnnpack']);
    expect(config.targets).toMatchObject([{ id: './hw/board.yml', text: board }]);
  });

  test.each([
    ['./hw/gone.yml', 'hw/gone.yml: no such file in'],
    ['../board.yml', '../board.yml: no such file in'],
    ['./hw/wrong.yml', 'hw/wrong.yml'],
  ])('whose target file cannot be read is an error: %s', async (name, words) => {
    const failed = read({ [path]: `targets: [${name}]\n`, 'hw/wrong.yml': 'targets: 7\n', 'board.yml': board });
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(words);
  });
});

describe('a config that extends another one', () => {
  const local = `version: 1\nextends: ${shared}\nbudgets:\n  - { metric: size, max: 5 MB }\n`;
  const far = 'budgets:\n  - { metric: size, max: 1 MB }\ntargets: [./hw/board.yml]\n';

  test('adds its budgets, without lines of the other file; target files lie beside the one that names them', async () => {
    serveShared({ 'budgets/shared.yml': far, 'hw/board.yml': board });
    const { config, targets, extended } = await read({ [path]: local, 'hw/board.yml': 'this is another one' });
    expect(config.budgets.map(({ max, line }) => [max, line])).toEqual([
      [1e6, undefined],
      [5e6, 4],
    ]);
    expect(targets.map(({ id }) => id)).toEqual(['rpi4-xnnpack']);
    expect([extended, config.extends]).toEqual([shared, undefined]);
  });

  test.each([
    ['is not there', {}, 'budgets/shared.yml: no such file in d0d0d0d0d0d0'],
    ['extends a third', { 'budgets/shared.yml': local }, 'an extended config must not extend another one'],
    ['has a mistake', { 'budgets/shared.yml': 'budgets: 7' }, `${shared}:1: `],
    ['names a target file that is not there', { 'budgets/shared.yml': far }, 'hw/board.yml: no such file in d0d0'],
  ])('that %s is an error', async (_, files, words) => {
    serveShared(files);
    const failed = read({ [path]: local, 'hw/board.yml': board });
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(words);
  });

  test.each([403, 404, 422, 500])('that the token cannot read is an error: %i', async (status) => {
    nock('https://api.github.com')
      .get('/repos/our-org/.github/commits/main?per_page=1')
      .reply(status, { message: 'No' });
    const failed = read({ [path]: local });
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(
      `the config extends our-org/.github at main, which this token cannot read: ${status} No`,
    );
  });

  test('is read before the merge only where the base extends the same one', async () => {
    serveShared({ 'budgets/shared.yml': far, 'hw/board.yml': board });
    const { config } = await read({ [path]: local }, {}, { extended: shared });
    expect(config.budgets).toHaveLength(2);
  });

  test.each([null, 'our-org/.github:budgets/other.yml@main', 'our-org/.github:budgets/shared.yml@v1'])(
    'is not read before the merge where the base extends %j: its mistakes would tell what it says',
    async (extended) => {
      // Nothing of the other repository is asked for: nothing answers.
      await expect(read({ [path]: local }, {}, { extended })).rejects.toThrow(
        new UserError('it extends another config than that of the base branch, which is read after the merge only'),
      );
    },
  );
});
