import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkGolden } from './golden.ts';

let folder: string;
const file = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'golden-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file with the same bytes passes, and a stale leftover goes', () => {
  writeFileSync(file('plain.md'), 'one\n');
  writeFileSync(file('plain-changed.md'), 'old\n');
  checkGolden('one\n', file('plain.md'), false);
  expect(existsSync(file('plain-changed.md'))).toBe(false);
});

test('a different text fails, says what to run and leaves what came out beside it', () => {
  writeFileSync(file('plain.md'), 'one\n');
  expect(() => checkGolden('two\n', file('plain.md'), false)).toThrow(/plain\.md differs.*npm run golden/);
  expect(readFileSync(file('plain-changed.md'), 'utf8')).toBe('two\n');
  expect(readFileSync(file('plain.md'), 'utf8')).toBe('one\n');
});

test('different bytes fail', () => {
  writeFileSync(file('chart.png'), Uint8Array.of(1, 2, 3));
  expect(() => checkGolden(Uint8Array.of(1, 2, 4), file('chart.png'), false)).toThrow(/chart\.png differs/);
  expect([...readFileSync(file('chart-changed.png'))]).toEqual([1, 2, 4]);
});

test('a missing file fails rather than being written', () => {
  expect(() => checkGolden('one\n', file('new/plain.md'), false)).toThrow(/does not exist yet.*npm run golden/);
  expect(existsSync(file('new/plain.md'))).toBe(false);
});

test('an update writes the file, folder and all', () => {
  checkGolden('one\n', file('new/plain.md'), true);
  expect(readFileSync(file('new/plain.md'), 'utf8')).toBe('one\n');
});
