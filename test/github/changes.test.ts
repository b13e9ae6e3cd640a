import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparedChanges, differences, pullRequestChanges, type ChangeRange } from '../../src/github/changes.ts';
import { commitFiles, type TreeEntry } from '../../src/github/tree.ts';
import type { Change } from '../../src/review/changed-models.ts';
import type { Changes } from '../stand-in/git-repository.ts';
import type { StandInOptions } from '../stand-in/options.ts';
import { connectStandIn, requested, type StandInConnection } from './connection.ts';

interface Changed extends StandInConnection {
  readonly range: ChangeRange;
  readonly rangeTo: (head: string) => ChangeRange;
}

const text = 'one line of many\n'.repeat(40);

const before: Changes = { 'a.onnx': `a\n${text}`, 'b.onnx': `b\n${text}`, 'c.onnx': `c\n${text}`, 'd.txt': 'd' };

/** Pull request 2 of what `changes` do to `before`. */
async function changed(changes: Changes, options: Partial<StandInOptions> = {}): Promise<Changed> {
  const pullRequests = [{ number: 2, head: { ref: 'change' }, base: 'main' }];
  const bench = await connectStandIn({ pullRequests, ...options });
  bench.repository.commit('main', { 'models/a.onnx': null, 'docs/read.me': null, ...before });
  const base = bench.repository.commit('main', { 'e.txt': 'e' });
  const head = bench.repository.commit('change', changes, { from: 'main' });
  const { github } = bench;
  const at = (commit: string) => commitFiles(github, github.repository, commit);
  const rangeTo = (commit: string) => ({ base: at(base), head: at(commit) });
  return { ...bench, range: rangeTo(head), rangeTo };
}

/** Without those of `many`. */
const sorted = (list: Awaited<ReturnType<typeof comparedChanges>>) =>
  'problem' in list
    ? list.problem
    : list.changes
        .map(wordsOf)
        .filter((words) => !words.includes('many/'))
        .toSorted();

const many = (count: number): Changes =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`many/${index}.txt`, 'x']));

const wordsOf = ({ status, path, previousPath }: Change) =>
  [status, ...(previousPath === undefined ? [] : [previousPath]), path].join(' ');

const everyStatus: Changes = {
  ...{ 'new.onnx': 'new', 'a.onnx': `A\n${text}`, 'b.onnx': null, 'moved/b.onnx': `B\n${text}`, 'd.txt': null },
};

const statuses = ['added new.onnx', 'modified a.onnx', 'removed d.txt', 'renamed b.onnx moved/b.onnx'];

const listed = { number: 2, baseRef: 'main' };

describe('the changes of a pull request', () => {
  test('are those of exactly its two commits', async () => {
    const given = await changed(everyStatus);
    expect(sorted(await pullRequestChanges(given.github, listed, given.range))).toEqual(statuses);
    expect(requested(given).slice(1)).toEqual(['GET pulls/2']);
    expect(given.standIn.violations).toEqual([]);
  });

  test('cut at a limit that nobody knows of come from the trees', async () => {
    const given = await changed(everyStatus, { limits: { compareFiles: 2, pullRequestFiles: 2 } });
    const list = sorted(await pullRequestChanges(given.github, listed, given.range));
    expect(list).toContain('added new.onnx');
    expect(list).toHaveLength(5);
  });

  test('of an older head are not those of the head now', async () => {
    const given = await changed(everyStatus);
    given.repository.commit('change', { 'later.onnx': 'later' });
    expect(sorted(await pullRequestChanges(given.github, listed, given.range))).toEqual(statuses);
  });

  test('above the limit of a comparison come from its own list, renames by likeness among them', async () => {
    const given = await changed({ ...everyStatus, ...many(300) });
    expect(sorted(await pullRequestChanges(given.github, listed, given.range))).toEqual(statuses);
    const pages = ['per_page=100', 'per_page=100&page=2', 'per_page=100&page=3', 'per_page=100&page=4'];
    expect(requested(given).slice(1)).toEqual([...pages.map((page) => `GET pulls/2/files?${page}`), 'GET pulls/2']);
    expect(given.standIn.violations).toEqual([]);
  });

  test('above it, of an older head, come from the trees', async () => {
    const given = await changed({ ...everyStatus, ...many(300) });
    given.repository.commit('change', { 'later.onnx': 'later' });
    const list = sorted(await pullRequestChanges(given.github, listed, given.range));
    expect(list).toEqual([
      'added moved/b.onnx',
      'added new.onnx',
      'modified a.onnx',
      'removed b.onnx',
      'removed d.txt',
    ]);
  });

  test('above every limit come from the trees; a file that moved as it was counts as renamed', async () => {
    const given = await changed({ ...many(3000), 'b.onnx': null, 'moved/b.onnx': before['b.onnx']! });
    const list = sorted(await pullRequestChanges(given.github, listed, given.range));
    expect(list).toEqual(['renamed b.onnx moved/b.onnx']);
    expect(requested(given).filter((path) => path.includes('recursive=1'))).toHaveLength(2);
  });

  test('that no list holds whole are a problem, not a short list', async () => {
    const given = await changed(many(3000), { limits: { treeEntries: 2000 } });
    expect(await pullRequestChanges(given.github, listed, given.range)).toEqual({
      problem: 'GitHub cuts the list of changed files and the list of all files: not every model could be found',
    });
  });

  test.each([403, 404, 500, 502])(
    'are found through the trees where GitHub answers everything else with %i',
    async (status) => {
      const given = await changed(everyStatus);
      given.standIn.faults.add({ path: /\/(compare|pulls)\//, status, times: 9, body: { message: 'No' } });
      expect(sorted(await pullRequestChanges(given.github, listed, given.range))).toContain('added new.onnx');
      expect(given.log).toEqual([
        `the two commits cannot be compared by GitHub: ${status} No`,
        `the files of the pull request cannot be listed: ${status} No`,
      ]);
    },
  );

  test('are a problem where nothing can be read', async () => {
    const given = await changed(everyStatus);
    given.standIn.faults.add({ status: 500, times: 99, body: { message: 'No' } });
    expect(sorted(await pullRequestChanges(given.github, listed, given.range))).toMatch(
      /^the changed files could not be listed: /,
    );
  });

  test('are none where nothing changed', async () => {
    const given = await changed({ 'a.onnx': before['a.onnx']! });
    expect(await pullRequestChanges(given.github, listed, given.range)).toEqual({
      changes: [],
      changedLines: new Map(),
    });
  });
});

test('the changes between two commits, cut or not, are the same but for renames by likeness', async () => {
  const changes = { 'new.onnx': 'new', 'a.onnx': 'other', 'b.onnx': null, 'm.onnx': before['b.onnx']! };
  for (const others of [{}, many(300)]) {
    const given = await changed({ ...changes, ...others });
    const list = sorted(await comparedChanges(given.github, given.range));
    expect(list).toEqual(['added new.onnx', 'modified a.onnx', 'renamed b.onnx m.onnx']);
  }
});

const entry: fc.Arbitrary<TreeEntry> = fc.record({
  path: fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f', '__proto__', 'constructor', 'a.onnx'),
  kind: fc.constantFrom('file', 'link', 'submodule'),
  object: fc.constantFrom('1', '2', '3'),
  byteLength: fc.constant(1),
});

const tree = fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 8 });

/** What a change does to a tree; `after` gives the content of what is new. */
function applied(from: readonly TreeEntry[], changes: readonly Change[], after: readonly TreeEntry[]) {
  const content = new Map(after.map((one) => [one.path, one]));
  const paths = new Map(from.map((one) => [one.path, one]));
  for (const { path, previousPath = path, status } of changes) if (status !== 'added') paths.delete(previousPath);
  for (const { path, status } of changes) if (status !== 'removed') paths.set(path, content.get(path)!);
  return [...paths.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

describe('the differences of two trees', () => {
  test('applied to the first give the second, each path once', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const changes = differences(from, to);
        expect(applied(from, changes, to)).toEqual(to.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
        const touched = changes.flatMap(({ path, previousPath }) => [path, previousPath ?? []].flat());
        expect(new Set(touched).size).toBe(touched.length);
        const has = (entries: readonly TreeEntry[], path: string) => entries.some((one) => one.path === path);
        for (const { status, path, previousPath } of changes) {
          expect([status, has(from, path), has(to, path)]).toEqual([
            status,
            status === 'modified' || status === 'removed',
            status !== 'removed',
          ]);
          if (previousPath !== undefined)
            expect([has(from, previousPath), has(to, previousPath)]).toEqual([true, false]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('call as many files renamed as there are pairs of the same content', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const alone = (entries: readonly TreeEntry[], others: readonly TreeEntry[]) =>
          entries.filter(({ path }) => others.every((other) => other.path !== path)).map(({ object }) => object);
        const [gone, come] = [alone(from, to), alone(to, from)];
        const count = (objects: readonly string[], object: string) => objects.filter((one) => one === object).length;
        const pairs = ['1', '2', '3'].reduce((sum, one) => sum + Math.min(count(gone, one), count(come, one)), 0);
        expect(differences(from, to).filter(({ status }) => status === 'renamed')).toHaveLength(pairs);
      }),
      { numRuns: 500 },
    );
  });

  test('of 100,000 files that all moved and are all alike take no time', () => {
    const alike = (folder: string) =>
      Array.from({ length: 100_000 }, (_, index): TreeEntry => ({
        path: `${folder}/${index}`,
        kind: 'file',
        object: '1',
        byteLength: 0,
      }));
    const begun = performance.now();
    expect(differences(alike('a'), alike('b'))).toHaveLength(100_000);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
