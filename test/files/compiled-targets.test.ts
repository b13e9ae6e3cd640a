/** Targets as the build writes them are the targets as they are read. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hardwareFolder } from '../../src/assets.ts';
import { compiledTargets } from '../../src/files/compiled-targets.ts';
import { shippedBase } from '../../src/files/hardware.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-budget-compiled-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, bytes: Uint8Array): URL {
  writeFileSync(join(folder, name), bytes);
  return pathToFileURL(join(folder, name));
}

const shipped = readdirSync(hardwareFolder).filter((name) => name.endsWith('.yml'));

test.each(shipped)('%s: maps and infinite numbers come back', (name) => {
  const text = readFileSync(new URL(name, hardwareFolder), 'utf8');
  const targets = parseTarget(text, name, shippedBase);
  expect(compiledTargets(put(name, serialize({ text, targets })), text)).toEqual(targets);
});

test('a file that changed since the build, a damaged one and a missing one give nothing', () => {
  const file = put('changed', serialize({ text: 'id: old', targets: [] }));
  expect(compiledTargets(file, 'id: old')).toEqual([]);
  expect(compiledTargets(file, 'id: new')).toBeUndefined();
  expect(compiledTargets(put('damaged', Uint8Array.of(1, 2, 3)), 'id: old')).toBeUndefined();
  expect(compiledTargets(new URL('none', file), 'id: old')).toBeUndefined();
});
