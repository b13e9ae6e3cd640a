/** Core ML packages in pull requests: a change of any of their files is one change of one model. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageFiles } from '../formats/coreml/sources.ts';
import { configPath, expectSound, scenario, withoutPictures } from './scenario.ts';

const folder = 'nets/classifier.mlpackage';
const weightFile = 'Data/com.apple.CoreML/weights/weight.bin';

const config = `version: 1
models:
  - path: nets/*.mlpackage
targets: [ethos-u55-256]
budgets:
  - { metric: size, max: 20 kB }
`;

const files: Readonly<Record<string, Uint8Array>> = Object.fromEntries(packageFiles('program.mlpackage'));

const inRepository = (changed: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries({ ...files, ...changed }).map(([path, bytes]) => [`${folder}/${path}`, Buffer.from(bytes)]),
  );

/** The same tensors, and 20 kB that no tensor uses. */
const grown = Buffer.concat([files[weightFile]!, Buffer.alloc(20_000)]);

interface Read {
  readonly models: readonly { readonly path: string; readonly status: string; readonly errors: readonly string[] }[];
}

const readReport = (path: string | undefined) => JSON.parse(readFileSync(path ?? '', 'utf8')) as Read;

const oidOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const pointerTo = (bytes: Uint8Array) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oidOf(bytes)}\nsize ${bytes.length}\n`;

describe.concurrent('an .mlpackage', { timeout: 600_000 }, () => {
  test('whose weight file grows breaks a budget for its size', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      base: { ...inRepository(), [configPath]: config },
      change: { [`${folder}/${weightFile}`]: grown },
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs['changed-models'], run.outputs['worst-metric']]).toEqual([
      1,
      JSON.stringify([folder]),
      'size',
    ]);
    const [model, ...others] = readReport(run.outputs.report).models;
    expect(others).toEqual([]);
    expect([model?.path, model?.status, model?.errors]).toEqual([folder, 'modified', []]);
    expect(given.comments()[0]?.body).toContain('`nets/classifier.mlpackage`');
  });

  test('that is added is one model', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { base: { [configPath]: config }, change: inRepository() });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict]).toEqual([0, 'pass']);
    expect(readReport(run.outputs.report).models.map(({ path, status }) => [path, status])).toEqual([
      [folder, 'added'],
    ]);
  });

  test('that is all in Git LFS is fetched; where an object is not there, it is not measured', async ({
    onTestFinished,
  }) => {
    const pointers = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, pointerTo(bytes)]));
    for (const [there, verdict] of [
      [true, 'fail'],
      [false, 'not-measured'],
    ] as const) {
      const storage = mkdtempSync(join(tmpdir(), 'model-budget-package-'));
      onTestFinished(() => rmSync(storage, { recursive: true, force: true }));
      for (const bytes of [...Object.values(files), ...(there ? [grown] : [])]) {
        writeFileSync(join(storage, oidOf(bytes)), bytes);
      }
      const given = await scenario(onTestFinished, {
        private: true,
        lfs: { folder: storage },
        base: { ...inRepository(pointers), [configPath]: config },
        change: { [`${folder}/${weightFile}`]: pointerTo(grown) },
      });
      const run = await given.run({ inputs: withoutPictures });
      expectSound(given);
      expect([run.exitCode, run.outputs.verdict]).toEqual([1, verdict]);
      const [model] = readReport(run.outputs.report).models;
      expect(model?.path).toBe(folder);
      if (!there) expect(model?.errors.join()).toContain('the server does not have it');
    }
  });
});
