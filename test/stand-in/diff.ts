// Changed files between two commits, renames found by git as GitHub finds them.
import { remembered, type Git } from './git.ts';

export interface FileChange {
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  readonly path: string;
  readonly previousPath: string | null;
  /** The blob in the newer commit; in the older one for a file that went. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** The hunks, without their heading; null for binary files, and where nothing in the file changed. */
  readonly patch: string | null;
}

const statusWords = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', T: 'changed' } as const;

function isStatus(letter: string): letter is keyof typeof statusWords {
  return letter in statusWords;
}

/** `older` and `newer`: full ids. */
export const changedFiles = (git: Git, older: string, newer: string): readonly FileChange[] =>
  remembered(git, ['changed-files', older, newer], () => readChanges(git, older, newer));

function readChanges(git: Git, older: string, newer: string): FileChange[] {
  const range = ['-r', '-z', '--find-renames', '-l1000', '--no-abbrev', older, newer];
  const lines = lineCounts(fields(git(['diff-tree', '--numstat', ...range])));
  const changes = rawChanges(fields(git(['diff-tree', '--raw', ...range])));
  const patches = patchesOf(git(['diff-tree', '--patch', ...range]).toString());
  return changes.map((change, index) => ({
    ...change,
    ...(lines.get(change.path) ?? { additions: 0, deletions: 0 }),
    // A file that became a link is two patches and one change.
    patch: patches.length === changes.length ? patches[index]! : null,
  }));
}

/** In the order of the changes; a line of a file never begins like a heading, since each has a mark in front. */
function patchesOf(output: string): readonly (string | null)[] {
  return output
    .split(/^diff --git /m)
    .slice(1)
    .map((section) => {
      const start = section.search(/^@@ /m);
      return start < 0 ? null : section.slice(start).replace(/\n$/, '');
    });
}

const fields = (output: Buffer) => output.toString().split('\0').slice(0, -1);

type RawChange = Omit<FileChange, 'additions' | 'deletions' | 'patch'>;

/** Fields of `--raw -z`: ":modes shas letter", path, and for a rename the new path. */
function rawChanges(parts: readonly string[]): RawChange[] {
  const changes: RawChange[] = [];
  for (let at = 0; at < parts.length;) {
    const [, , oldSha, newSha, letters] = parts[at]!.split(' ');
    const letter = letters!.charAt(0);
    if (!isStatus(letter)) throw new Error(`git reports a change of an unknown kind: ${letters ?? ''}`);
    const status = statusWords[letter];
    const renamed = status === 'renamed';
    changes.push({
      status,
      path: parts[at + (renamed ? 2 : 1)]!,
      previousPath: renamed ? parts[at + 1]! : null,
      sha: (status === 'removed' ? oldSha : newSha)!,
    });
    at += renamed ? 3 : 2;
  }
  return changes;
}

/** Fields of `--numstat -z`: "added\tdeleted\tpath", or "added\tdeleted\t", old path, new path. "-" for binary files. */
function lineCounts(parts: readonly string[]): Map<string, { additions: number; deletions: number }> {
  const counts = new Map<string, { additions: number; deletions: number }>();
  for (let at = 0; at < parts.length;) {
    const [additions, deletions, ...rest] = parts[at]!.split('\t');
    const path = rest.join('\t');
    const renamed = path === '';
    const count = { additions: Number(additions) || 0, deletions: Number(deletions) || 0 };
    counts.set(renamed ? parts[at + 2]! : path, count);
    at += renamed ? 3 : 1;
  }
  return counts;
}
