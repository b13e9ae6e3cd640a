import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixtureBytes, fixtureNames } from './models.ts';

test('the script makes the committed fixture models, byte for byte', () => {
  const script = join(import.meta.dirname, '..', '..', 'fixtures', 'make.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
});

test('the fixture models stay small', () => {
  const total = fixtureNames.reduce((sum, name) => sum + fixtureBytes(name).length, 0);
  expect(total).toBeLessThan(3_000_000);
});
