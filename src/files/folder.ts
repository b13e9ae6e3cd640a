/** Names of the files in a folder and in the folders in it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';

/** A model that is a folder has a handful of files. */
const maximumFiles = 4096;

/**
 * Relative to the folder, sorted, with `/` on every system. Links are named; folders behind them are not entered.
 * @throws UserError for more files than any model has.
 */
export function filesBelow(folder: string): readonly string[] {
  const found: string[] = [];
  const folders = [''];
  for (let inside = folders.pop(); inside !== undefined; inside = folders.pop()) {
    for (const entry of entriesOf(join(folder, inside))) {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else found.push(path);
      if (found.length + folders.length > maximumFiles) {
        throw new UserError(`${folder}: more than ${maximumFiles} files; such a model is not read`);
      }
    }
  }
  return found.sort();
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** As `filesBelow` out of a list of all paths. */
export function namesBelow(paths: Iterable<string>, folder: string): readonly string[] {
  const start = `${folder}/`;
  return [...paths]
    .filter((path) => path.startsWith(start))
    .map((path) => path.slice(start.length))
    .sort();
}
