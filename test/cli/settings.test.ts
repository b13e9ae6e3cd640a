/** The config of a review: where it is read, and how its mistakes are told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadSettings } from '../../src/cli/settings.ts';
import type { Snapshot } from '../../src/cli/snapshot.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'model-budget-settings-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A tree that holds these texts. */
const treeOf = (files: Readonly<Record<string, string>>): Snapshot => ({
  open: (path) => (files[path] === undefined ? undefined : bufferSource(new TextEncoder().encode(files[path]))),
  leadsOut: () => false,
  list: () => [],
  close: () => undefined,
});

const inRepository = (config: string) => loadSettings({}, treeOf({ '.github/model-budget.yml': config }));

test('nothing in a tree that was read means the defaults', async () => {
  const { targets } = await loadSettings({}, treeOf({}));
  expect(targets.map(({ id }) => id)).toEqual(['rpi4-xnnpack', 'github-runner-onnxruntime']);
});

test.each([
  ['targets:\n  - rpi4-xnnpack\n  - rpi4-xnpack', '3: unknown target "rpi4-xnpack" (did you mean "rpi4-xnnpack"?)'],
  ['targets:\n  - rpi4-xnnpack@9', '2: target "rpi4-xnnpack" has no version "9"'],
  ['targets: [./hw/board.yml]', '1: ./hw/board.yml: this target file is not there'],
])('a target is told with the line that names it: %j', async (config, message) => {
  await expect(inRepository(config)).rejects.toThrow(`.github/model-budget.yml:${message}`);
  const path = join(folder, 'config.yml');
  writeFileSync(path, config);
  await expect(loadSettings({ config: path }, treeOf({}))).rejects.toThrow(new RegExp(`config\\.yml:${message[0]!}: `));
});

test('a target of a flag has no line', async () => {
  const wrong = loadSettings({ target: ['rpi4-xnpack'] }, treeOf({}));
  await expect(wrong).rejects.toThrow(/^unknown target "rpi4-xnpack"/);
});
