/** Where the files of jobs lie while they are done: a folder for each process. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Makes this process's folder, and removes those of processes that were killed. */
export function openWorkFolder(dataFolder: string): string {
  mkdirSync(dataFolder, { recursive: true });
  for (const name of readdirSync(dataFolder)) {
    const pid = Number(/^work-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (pid === process.pid || (!Number.isNaN(pid) && !isAlive(pid))) {
      rmSync(join(dataFolder, name), { recursive: true, force: true });
    }
  }
  const folder = join(dataFolder, `work-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
