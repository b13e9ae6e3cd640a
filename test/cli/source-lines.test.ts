/** Lines of code behind layers, looked for in a clone, and what is told where there is none. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { InspectDocument } from '../../src/report/inspect.ts';
import type { Report } from '../../src/report/report.ts';
import { scriptTrace, withDocStrings } from '../traced-model.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');
const start = process.cwd();
const target = ['--target', 'ethos-u55-256'];
let folder: string;
let output: string;

function git(...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: folder });
}

const traced = (name: string) =>
  withDocStrings(readFileSync(join(fixtures, `${name}.onnx`)), {
    '/neck/up1/Resize': scriptTrace('/checkout/detector/neck.py(3)'),
  });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-budget-source-'));
  output = join(folder, 'output');
  git('init', '--quiet', '--initial-branch', 'main');
  for (const name of ['detector', 'elsewhere']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'detector/neck.py'), 'one\ntwo\nthree\n');
  writeFileSync(join(folder, 'm.onnx'), traced('detector-nearest'));
  git('add', '--all');
  git('commit', '--quiet', '-m', 'base');
  git('switch', '--quiet', '-c', 'change');
  writeFileSync(join(folder, 'm.onnx'), traced('detector-cubic'));
  git('commit', '--quiet', '--all', '-m', 'change');
  process.chdir(folder);
});

afterAll(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true, force: true });
});

async function sources(...args: readonly string[]): Promise<readonly string[]> {
  expect(await run(['diff', ...args, ...target, '--format', 'json', '--output', output, '--quiet'])).toBe(0);
  const text = readFileSync(output, 'utf8');
  expect(text).not.toContain('/checkout/');
  const report = JSON.parse(text) as Report;
  return report.models[0]!.targets[0]!.layers.flatMap(({ source }) => source ?? []);
}

async function inspected(path: string): Promise<readonly string[]> {
  await run(['inspect', path, '--format', 'json', '--output', output, '--quiet']);
  const text = readFileSync(output, 'utf8');
  expect(text).not.toContain('/checkout/');
  return (JSON.parse(text) as InspectDocument).layers.flatMap(({ source }) => source ?? []);
}

describe('in a clone', () => {
  test('diff finds the line in the tree of the head, and in the working tree', async () => {
    expect(await sources('main', 'change')).toEqual(['detector/neck.py:3']);
    expect(await sources('main')).toEqual(['detector/neck.py:3']);
  });

  test('inspect finds it in the working tree', async () => {
    expect(await inspected('m.onnx')).toEqual(['detector/neck.py:3']);
  });

  test('a file that is gone, or has fewer lines, is no source', async () => {
    writeFileSync(join(folder, 'detector/neck.py'), '');
    expect(await sources('main')).toEqual([]);
    rmSync(join(folder, 'detector/neck.py'));
    expect(await sources('main')).toEqual([]);
    git('checkout', '--quiet', '.');
  });
});

describe('outside of a clone', () => {
  test('inspect tells the name of the file and the line, diff nothing', async () => {
    const other = mkdtempSync(join(tmpdir(), 'model-budget-alone-'));
    const [a, b] = ['a.onnx', 'b.onnx'].map((name) => join(other, name)) as [string, string];
    writeFileSync(a, traced('detector-nearest'));
    writeFileSync(b, traced('detector-cubic'));
    expect(await inspected(b)).toEqual(['neck.py:3']);
    expect(await sources(a, b)).toEqual([]);
    rmSync(other, { recursive: true });
  });
});
