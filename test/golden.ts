// Golden files: expected outputs in test/golden/, in their real format, so that they can be opened and reviewed.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse, relative } from 'node:path';
import { expect } from 'vitest';

const root = join(import.meta.dirname, '..');
const goldenFolder = join(root, 'test', 'golden');

/**
 * Expects `actual` to be, byte for byte, what `test/golden/<path>` holds.
 *
 * With `GOLDEN=update` (that is `npm run golden`) the file is rewritten instead. On a mismatch, or where there is no
 * such file yet, what came out is left beside it as `<name>-changed.<ext>`, ignored by git.
 */
export function expectGolden(actual: string | Uint8Array, path: string): void {
  checkGolden(actual, join(goldenFolder, path), process.env.GOLDEN === 'update');
}

/** {@link expectGolden} for any file, so that this helper can itself be tested. */
export function checkGolden(actual: string | Uint8Array, file: string, update: boolean): void {
  const changed = changedFile(file);
  rmSync(changed, { force: true });
  if (update) {
    write(file, actual);
    return;
  }
  const expected = existsSync(file) ? readFileSync(file) : undefined;
  if (expected?.equals(Buffer.from(actual)) === true) return;

  write(changed, actual);
  fail(actual, expected, `${describeFile(file, expected)}; what came out is in ${relative(root, changed)}`);
}

/** `report/plain.md` -> `report/plain-changed.md` */
function changedFile(file: string): string {
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}-changed${ext}`);
}

function describeFile(file: string, expected: Uint8Array | undefined): string {
  const name = relative(root, file);
  return expected === undefined ? `${name} does not exist yet` : `${name} differs`;
}

/** Fails the running test: texts with their difference, bytes with their sizes. */
function fail(actual: string | Uint8Array, expected: Buffer | undefined, what: string): never {
  const message = `${what}. If that is what you meant: npm run golden, then review the difference in git.`;
  if (typeof actual === 'string' && expected !== undefined) expect(actual, message).toBe(expected.toString('utf8'));
  throw new Error(message);
}

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
