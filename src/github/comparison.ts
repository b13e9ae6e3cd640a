/** Two commits compared by GitHub: where they part, and which files differ from there. */
import type { Change } from '../review/changed-models.ts';
import type { GitHub } from './client.ts';
import { changedLinesOf, type ChangedLines } from './patch.ts';

export interface Changes {
  readonly changes: readonly Change[];
  /** Of Python files, where GitHub gives their patches; it leaves out those of large files. */
  readonly changedLines: ChangedLines;
}

export interface Comparison {
  /** The commit where the head left the base. */
  readonly mergeBase: string;
  /** Between that commit and the head; null where GitHub cuts the list, or gives none. */
  readonly changes: Changes | null;
}

/** The files that GitHub lists at most. */
const maximumComparedFiles = 300;

/** Renames are found by likeness, here and in a pull request's list. */
export async function compareCommits({ client, repository }: GitHub, base: string, head: string): Promise<Comparison> {
  const { data } = await client.rest.repos.compareCommitsWithBasehead({
    ...repository,
    basehead: `${base}...${head}`,
  });
  const { files, merge_base_commit: mergeBase } = data;
  const isWhole = files !== undefined && files.length < maximumComparedFiles;
  return { mergeBase: mergeBase.sha, changes: isWhole ? changesIn(files) : null };
}

export interface RawFile {
  readonly filename: string;
  readonly status: string;
  readonly previous_filename?: string;
  readonly patch?: string;
}

export function changesIn(files: readonly RawFile[]): Changes {
  return { changes: files.flatMap(changeOf), changedLines: changedLinesOf(files) };
}

function changeOf({ filename, status, previous_filename: previousPath }: RawFile): readonly Change[] {
  switch (status) {
    case 'added':
    case 'copied':
      return [{ status: 'added', path: filename }];
    case 'removed':
      return [{ status: 'removed', path: filename }];
    case 'renamed':
      return previousPath === undefined
        ? [{ status: 'added', path: filename }]
        : [{ status: 'renamed', path: filename, previousPath }];
    case 'unchanged':
      return [];
    default:
      return [{ status: 'modified', path: filename }];
  }
}
