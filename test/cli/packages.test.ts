import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { comparisonOf } from '../../src/cli/comparison.ts';
import { fileSnapshot, modelSources } from '../../src/cli/snapshot.ts';
import { readModel } from '../../src/formats/index.ts';

const fixture = join(import.meta.dirname, '../../fixtures/models/program.mlpackage');
const weights = 'Data/com.apple.CoreML/weights/weight.bin';
const root = mkdtempSync(join(tmpdir(), 'packages-'));
const home = process.cwd();

afterAll(() => {
  process.chdir(home);
  rmSync(root, { recursive: true, force: true });
});

function git(...args: readonly string[]): void {
  const identity = ['-c', 'user.email=a@example.org', '-c', 'user.name=a', '-c', 'commit.gpgsign=false'];
  expect(spawnSync('git', [...identity, ...args], { cwd: root }).status).toBe(0);
}

test('a package named on the command line is one model with all its files, with or without a slash', () => {
  for (const path of [fixture, `${fixture}/`]) {
    const { snapshot, name } = fileSnapshot(path);
    const { files } = readModel(modelSources(snapshot, name), path);
    expect(files.map((file) => file.path)).toEqual(['Manifest.json', 'Data/com.apple.CoreML/model.mlmodel', weights]);
    expect(files.every(({ available, byteLength }) => available && byteLength > 0)).toBe(true);
    snapshot.close();
  }
});

test('another folder is refused in one line', () => {
  expect(() => fileSnapshot(root)).toThrow('a folder; the only folders that are models are .mlpackage');
});

test('weights that change in the working tree change the package', () => {
  git('init', '--quiet', '--initial-branch=main');
  cpSync(fixture, join(root, 'nets/program.mlpackage'), { recursive: true });
  git('add', '--all');
  git('commit', '--quiet', '--message=a');
  writeFileSync(join(root, 'nets/program.mlpackage', weights), new Uint8Array(64));
  process.chdir(root);
  const comparison = comparisonOf('main', undefined);
  const models = comparison.models((path) => path.endsWith('.mlpackage'));
  expect([...models.each].map(({ path, status }) => [path, status])).toEqual([['nets/program.mlpackage', 'modified']]);
  comparison.close();
});
