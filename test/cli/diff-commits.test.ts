/** `diff` in a repository as people have them: links, pointers, flags, configs with mistakes, and its own replay line. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Report } from '../../src/report/report.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');
const start = process.cwd();
let folder: string;
let output: string;

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

function put(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const copy = (name: string, path: string): void => {
  put(path, '');
  copyFileSync(join(fixtures, `${name}.onnx`), join(folder, path));
};

function putPointer(name: string, path: string): void {
  const content = readFileSync(join(fixtures, `${name}.onnx`));
  const oid = createHash('sha256').update(content).digest('hex');
  put(path, `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${String(content.length)}\n`);
  copy(name, `.git/lfs/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`);
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-diff-')));
  output = join(folder, '.git', 'output');
  git('init', '--quiet', '--initial-branch', 'main');
  copy('cnn-qdq', 'models/a.onnx');
  copy('cnn-qdq', 'vendor/b.onnx');
  putPointer('cnn-qdq', 'models/stored.onnx');
  symlinkSync('a.onnx', join(folder, 'models/latest.onnx'));
  git('add', '--all');
  git('commit', '--quiet', '-m', 'base');
  git('switch', '--quiet', '-c', 'change');
  copy('cnn-qdq-lost', 'models/a.onnx');
  copy('cnn-qdq-lost', 'vendor/b.onnx');
  putPointer('cnn-qdq-lost', 'models/stored.onnx');
  rmSync(join(folder, 'models/latest.onnx'));
  symlinkSync('stored.onnx', join(folder, 'models/latest.onnx'));
  copy('cnn-qdq', 'line\nbreak, "quotes" and ümlaut.onnx');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'change');
  process.chdir(folder);
});

afterAll(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true, force: true });
});

async function diff(...args: readonly string[]): Promise<Report> {
  expect(await run(['diff', ...args, '--format', 'json', '--output', output, '--quiet'])).toBe(0);
  return JSON.parse(readFileSync(output, 'utf8')) as Report;
}

const onlyTarget = ['--target', 'rpi4-xnnpack'];

const paths = ({ models }: Report) => models.map(({ path, change, errors }) => [path, change, ...errors]);

test('commits and the working tree see the same models, links and pointers followed', async () => {
  const expected = [
    ['line\nbreak, "quotes" and ümlaut.onnx', 'changed'],
    ['models/a.onnx', 'changed'],
    ['models/latest.onnx', 'changed'],
    ['models/stored.onnx', 'changed'],
    ['vendor/b.onnx', 'changed'],
  ];
  expect(paths(await diff('main', 'change', ...onlyTarget))).toEqual(expected);
  expect(paths(await diff('main', ...onlyTarget))).toEqual(expected);
  expect(paths(await diff(...onlyTarget))).toEqual(expected);
});

test('what the config leaves out is left out, also of all models', async () => {
  put(
    '.git/config.yml',
    'targets: [rpi4-xnnpack]\nmodels: [{ path: "**", ignore: ["vendor/**", "**/l*", "line*"] }]\n',
  );
  const result = await diff('main', 'change', '--config', '.git/config.yml');
  expect(paths(result).map(([path]) => path)).toEqual(['models/a.onnx', 'models/stored.onnx']);
});

describe('the replay line', () => {
  test.each([
    [['--download', '--target', 'ethos-u55-256']],
    [['--target', 'rpi4-xnnpack', '--dim', 'batch=2', '--assume-dtype', 'none']],
  ])('%j gives the same report', async (flags) => {
    const first = await diff('main...change', ...flags);
    put('.git/model-budget.yml', first.config);
    const words = first.replay.replace('--config model-budget.yml', '--config .git/model-budget.yml').split(' ');
    const again = await diff(...words.slice(3));
    // Commits are called by their ids then, and nothing else differs.
    expect({ ...again, base: first.base, head: first.head }).toEqual(first);
    expect(again.base.sha).toBe(first.base.mergeBase);
    expect(again.head.sha).toBe(first.head.sha);
  });
});
