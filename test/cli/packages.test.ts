import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { comparisonOf } from '../../src/cli/comparison.ts';
import { fileSnapshot, modelSources } from '../../src/cli/snapshot.ts';
import { run } from '../../src/cli/run.ts';
import { readModel } from '../../src/formats/index.ts';
import type { Report } from '../../src/report/report.ts';

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

test('between two commits a package is one model, with its weights in the repository or in Git LFS', async () => {
  const grown = Buffer.concat([readFileSync(join(fixture, weights)), Buffer.alloc(4096)]);
  // Inside of the first tensor: headers of the file and of the tensor take 128 bytes.
  grown.fill(1, 128, 256);
  const oid = createHash('sha256').update(grown).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${grown.length}\n`;
  const object = join(root, '.git/lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  const file = join(root, 'nets/program.mlpackage', weights);
  const output = join(root, '.git/report.json');
  mkdirSync(dirname(object), { recursive: true });
  process.chdir(root);
  git('tag', 'before');
  const compare = async (content: Buffer | string) => {
    writeFileSync(file, content);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message=b');
    const args = ['diff', 'before', 'HEAD', '--target', 'rpi4-xnnpack', '--format', 'json', '--output', output];
    expect(await run([...args, '--quiet'])).toBe(0);
    const { models } = JSON.parse(readFileSync(output, 'utf8')) as Report;
    return models.map(({ path, change, targets, errors }) => {
      return [path, change, targets[0]?.totals.fileBytes.delta, ...errors];
    });
  };
  const retrained = [['nets/program.mlpackage', 'retrained', 4096]];
  expect(await compare(grown)).toEqual(retrained);
  // The pointer tells how large the file is; what became of the weights nobody knows.
  expect(await compare(pointer)).toEqual([['nets/program.mlpackage', 'not-measured', 4096]]);
  writeFileSync(object, grown);
  expect(await compare(pointer)).toEqual(retrained);
});
