/** Writes a file whole or not at all, and never over one that somebody else wrote. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../errors.ts';
import { reasonOf } from '../../files/file-source.ts';

export type Written = 'written' | 'the-same' | 'left';

/** `left`: another file is there, and `force` was not given. @throws UserError where it cannot be written. */
export function writeNewFile(path: string, text: string, force: boolean): Written {
  if (textOf(path) === text) return 'the-same';
  const draft = `${path}.${String(process.pid)}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, text, { flag: 'wx' });
    return put(draft, path, force);
  } catch (error) {
    throw new UserError(`${path}: ${reasonOf(error)}`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A second name for the draft fails where there is one already, however late that came. */
function put(draft: string, path: string, force: boolean): Written {
  if (force) {
    renameSync(draft, path);
    return 'written';
  }
  try {
    linkSync(draft, path);
    return 'written';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return 'left';
    throw error;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
