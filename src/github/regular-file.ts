/** The file that a path of a commit stands for: itself, or where a symbolic link leads inside of that commit. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { ObjectStore } from './objects.ts';
import type { CommitFiles, TreeEntry } from './tree.ts';

/** As on the command line; longer chains are loops. */
const longestChain = 8;

/** No path is longer; what is would be no link that a system can follow. */
const longestTargetBytes = 4096;

/**
 * Undefined: nothing is there, or a link leads nowhere, out of the repository or round in circles.
 * @throws UserError when a tree or a link cannot be read.
 */
export async function entryBehind(
  store: ObjectStore,
  files: CommitFiles,
  path: string,
): Promise<TreeEntry | undefined> {
  let entry = await files.entry(path);
  for (let steps = 0; entry?.kind === 'link'; steps += 1) {
    if (steps === longestChain || entry.byteLength > longestTargetBytes) return undefined;
    const target = readFileSync(await store.blob(entry, files.repository), 'utf8');
    if (target.startsWith('/')) return undefined;
    entry = await files.entry(posix.join(posix.dirname(entry.path), target));
  }
  return entry;
}
