import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultStore } from '../../src/app/result-store.ts';
import { forgetOldResults, readBytes, writeBytes } from '../../src/app/storage.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

test('results that are old go, later ones and pictures stay', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-storage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const storage = `file:${folder}`;
  const store = resultStore({ storage });
  await store.write('old', bytes('an old one'));
  await store.write('new', bytes('a new one'));
  await writeBytes(storage, 'pictures:old', bytes('a picture'));
  const now = Date.now();
  const longAgo = new Date(now - 31 * 86_400_000);
  for (const path of ['results/old', 'pictures/old']) utimesSync(join(folder, path), longAgo, longAgo);
  await forgetOldResults(storage, now);
  expect(readdirSync(join(folder, 'results'))).toEqual(['new']);
  expect(await readBytes(storage, 'pictures:old')).toEqual(bytes('a picture'));
  expect(await readBytes(storage, 'results:new')).toEqual(bytes('a new one'));
  expect(await readBytes(storage, 'results:old')).toBeNull();
});
