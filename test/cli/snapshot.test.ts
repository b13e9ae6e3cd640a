/** A real git repository with models, a large blob, links and Git LFS pointers. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitOf, defaultBranch, findRepository, listChanges, mergeBase, type Repository } from '../../src/cli/git.ts';
import { lfsObjectPath, parseLfsPointer } from '../../src/files/lfs-pointer.ts';
import { commitSnapshot, fileSnapshot, folderSnapshot, isPointer, modelSources } from '../../src/cli/snapshot.ts';
import type { ByteSource } from '../../src/ir/byte-source.ts';

let folder: string;
let outside: string;
let repository: Repository;

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function pointerTo(content: string): string {
  const oid = createHash('sha256').update(content).digest('hex');
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${String(content.length)}\n`;
}

function textOf(found: ReturnType<ReturnType<typeof commitSnapshot>['open']>): string {
  if (found === undefined || isPointer(found)) return JSON.stringify(found);
  return new TextDecoder().decode(found.read(0, found.byteLength));
}

const large = new Uint8Array(3_000_000).map((_, index) => index % 251);

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-test-')));
  outside = mkdtempSync(join(tmpdir(), 'model-budget-outside-'));
  writeFileSync(join(outside, 'secret'), 'secret');
  git('init', '--quiet', '--initial-branch', 'main');
  put('models/small.onnx', 'small one');
  put('models/large.onnx', large);
  put('models/old name.onnx', 'a model that moves, long enough to be recognised\n'.repeat(5));
  put('models/stored.onnx', pointerTo('the stored object'));
  put('models/missing.onnx', pointerTo('never fetched'));
  put('models/missing.data', pointerTo('never fetched either'));
  symlinkSync(join(outside, 'secret'), join(folder, 'models/link.onnx'));
  symlinkSync('../models/small.onnx', join(folder, 'models/inner.onnx'));
  symlinkSync('stored.onnx', join(folder, 'models/to-pointer.onnx'));
  symlinkSync('inner.onnx', join(folder, 'models/chain.onnx'));
  symlinkSync('loop.onnx', join(folder, 'models/loop.onnx'));
  git('add', '--all');
  git('commit', '--quiet', '-m', 'base');
  git('switch', '--quiet', '-c', 'change');
  put('models/small.onnx', 'small two');
  git('mv', 'models/old name.onnx', 'models/new\tname.onnx');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'change');
  put('models/untracked.onnx', 'new here');
  repository = findRepository(join(folder, 'models'));
  const object = lfsObjectPath(
    repository.lfsStorage,
    parseLfsPointer(new TextEncoder().encode(pointerTo('the stored object')))?.oid ?? '',
  );
  mkdirSync(dirname(object), { recursive: true });
  writeFileSync(object, 'the stored object');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outside, { recursive: true, force: true });
});

describe('git', () => {
  test('finds the repository from a folder inside it', () => {
    expect(repository.root).toBe(folder);
    expect(repository.lfsStorage).toBe(join(folder, '.git', 'lfs'));
  });

  test('lists changes between commits, renames with tabs in their names included', () => {
    expect(listChanges(repository, commitOf(repository, 'main'), commitOf(repository, 'change'))).toEqual([
      { status: 'renamed', path: 'models/new\tname.onnx', previousPath: 'models/old name.onnx' },
      { status: 'modified', path: 'models/small.onnx' },
    ]);
  });

  test('lists untracked files of the working tree', () => {
    expect(listChanges(repository, commitOf(repository, 'change'), null)).toEqual([
      { status: 'added', path: 'models/untracked.onnx' },
    ]);
  });

  test('a file that only the index has lost is changed, not removed and added', () => {
    git('rm', '--quiet', '--cached', 'models/small.onnx');
    expect(listChanges(repository, commitOf(repository, 'main'), null)).toEqual([
      { status: 'renamed', path: 'models/new\tname.onnx', previousPath: 'models/old name.onnx' },
      { status: 'modified', path: 'models/small.onnx' },
      { status: 'added', path: 'models/untracked.onnx' },
    ]);
    git('add', 'models/small.onnx');
  });

  test('two dots are no range here, which is said', () => {
    expect(() => commitOf(repository, 'main..change')).toThrow('write A B, or A...B');
  });

  test('finds the merge base and the default branch', () => {
    expect(mergeBase(repository, 'main', 'change')).toBe(git('rev-parse', 'main'));
    expect(defaultBranch(repository)).toBe('main');
  });

  test('a ref that looks like an option is no ref', () => {
    expect(() => commitOf(repository, '--upload-pack=touch /tmp/x')).toThrow(/neither a file nor a commit/);
  });

  test('outside of a repository there is one line', () => {
    expect(() => findRepository(outside)).toThrow(/not inside a git repository/);
  });
});

describe('a commit as a snapshot', () => {
  test('reads small and large blobs as they were committed', () => {
    const snapshot = commitSnapshot(repository, commitOf(repository, 'main'));
    expect(textOf(snapshot.open('models/small.onnx'))).toBe('small one');
    const blob = snapshot.open('models/large.onnx') as ByteSource;
    expect(blob.byteLength).toBe(large.byteLength);
    expect(blob.read(2_999_990, 10)).toEqual(large.slice(2_999_990));
    snapshot.close();
  });

  test('follows LFS pointers into the local store, and hands over the pointer where the object is not there', () => {
    const snapshot = commitSnapshot(repository, commitOf(repository, 'main'));
    expect(textOf(snapshot.open('models/stored.onnx'))).toBe('the stored object');
    expect(snapshot.open('models/missing.onnx')).toMatchObject({ byteLength: 'never fetched'.length });
    snapshot.close();
  });

  test('follows links to files of the same commit, as a checkout would', () => {
    const snapshot = commitSnapshot(repository, commitOf(repository, 'main'));
    expect(textOf(snapshot.open('models/inner.onnx'))).toBe('small one');
    expect(textOf(snapshot.open('models/chain.onnx'))).toBe('small one');
    expect(textOf(snapshot.open('models/to-pointer.onnx'))).toBe('the stored object');
    expect(snapshot.open('models/loop.onnx')).toBeUndefined();
    snapshot.close();
  });

  test('has nothing outside', () => {
    const snapshot = commitSnapshot(repository, commitOf(repository, 'main'));
    expect(snapshot.open('models/link.onnx')).toBeUndefined();
    expect(snapshot.open('../secret')).toBeUndefined();
    snapshot.close();
  });
});

describe('the working tree as a snapshot', () => {
  test('does not follow links that lead out', () => {
    const snapshot = folderSnapshot(folder, () => repository.lfsStorage);
    expect(textOf(snapshot.open('models/untracked.onnx'))).toBe('new here');
    expect(textOf(snapshot.open('models/stored.onnx'))).toBe('the stored object');
    expect(snapshot.open('models/link.onnx')).toBeUndefined();
    expect(snapshot.open(`../${outside.split('/').at(-1) ?? ''}/secret`)).toBeUndefined();
    snapshot.close();
  });
});

describe('the sources of a model', () => {
  test('an LFS pointer in place of the model says how to get it', () => {
    const snapshot = folderSnapshot(folder, () => repository.lfsStorage);
    expect(() => modelSources(snapshot, 'models/missing.onnx').get('')).toThrow(
      'git lfs pull --include="models/missing.onnx"',
    );
    snapshot.close();
  });

  test('an LFS pointer in place of external data counts as absent', () => {
    const snapshot = folderSnapshot(folder, () => repository.lfsStorage);
    const sources = modelSources(snapshot, 'models/small.onnx');
    expect(sources.get('missing.data')).toBeUndefined();
    expect(textOf(sources.get('large.onnx'))).toHaveLength(new TextDecoder().decode(large).length);
    snapshot.close();
  });

  test('a pointer named on the command line leads to its object, in a clone that has it', () => {
    const stored = fileSnapshot(join(folder, 'models', 'stored.onnx'));
    expect(textOf(stored.snapshot.open('stored.onnx'))).toBe('the stored object');
    expect(stored.snapshot.open('missing.data')).toMatchObject({ byteLength: 'never fetched either'.length });
    stored.snapshot.close();
    writeFileSync(join(outside, 'pointer.onnx'), pointerTo('the stored object'));
    const elsewhere = fileSnapshot(join(outside, 'pointer.onnx'));
    expect(() => modelSources(elsewhere.snapshot, 'pointer.onnx').get('')).toThrow('git lfs pull');
    elsewhere.snapshot.close();
  });

  test('external data behind a link that leads out is refused, a link to nowhere is absent', () => {
    symlinkSync(outside, join(folder, 'models/elsewhere'));
    symlinkSync(join(outside, 'nothing'), join(folder, 'models/dangling.data'));
    const { snapshot, name } = fileSnapshot(join(folder, 'models', 'small.onnx'));
    const sources = modelSources(snapshot, name);
    for (const path of ['link.onnx', 'elsewhere/secret']) {
      expect(() => sources.get(path)).toThrow(
        `small.onnx: external data "${path}" is a link that leaves the model's folder`,
      );
    }
    expect(sources.get('dangling.data')).toBeUndefined();
    expect(sources.get('absent.data')).toBeUndefined();
    snapshot.close();
  });

  test('a link named on the command line is followed, one beside it that leads out is not', () => {
    const link = join(folder, 'models', 'link.onnx');
    const { snapshot, name } = fileSnapshot(link);
    expect(textOf(snapshot.open(name))).toBe('secret');
    snapshot.close();
    const other = fileSnapshot(join(folder, 'models', 'small.onnx'));
    expect(other.snapshot.open('link.onnx')).toBeUndefined();
    other.snapshot.close();
  });
});

test('an absent LFS object is named by its id', () => {
  const snapshot = folderSnapshot(folder, () => repository.lfsStorage);
  const sources = modelSources(snapshot, 'models/small.onnx');
  expect(sources.identity?.('missing.data')).toMatch(/^[0-9a-f]{64}$/);
  expect(sources.identity?.('large.onnx')).toBeUndefined();
  snapshot.close();
});
