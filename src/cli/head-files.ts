/** The files in which the lines of code behind layers are looked for. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { HeadFile } from '../report/source-line.ts';
import { findRepository, listTree, listWorkingFiles, type Repository } from './git.ts';

export function filesOfCommit(repository: Repository, commit: string): readonly HeadFile[] {
  return listTree(repository, commit).filter(({ isLink }) => !isLink);
}

/** Python files of the working tree that are there. */
export function filesOfWorkingTree(repository: Repository): readonly HeadFile[] {
  return listWorkingFiles(repository)
    .filter((path) => path.endsWith('.py'))
    .flatMap((path) => {
      const found = lstatSync(join(repository.root, path), { throwIfNoEntry: false });
      return found?.isFile() === true ? [{ path, byteLength: found.size }] : [];
    });
}

/** Of the clone around a folder; null outside of one, and where there is no git. */
export function filesAround(folder: string): readonly HeadFile[] | null {
  try {
    return filesOfWorkingTree(findRepository(folder));
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
