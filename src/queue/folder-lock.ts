import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../errors.ts';

/** Who holds a folder, as written in its lock file. */
const holderSchema = z.object({ token: z.string(), pid: z.number().int(), host: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** How long a lock file says nothing before its holder is held to be gone; a long computation keeps it quiet too. */
const silenceMilliseconds = 60_000;
const beatMilliseconds = 3_000;

/**
 * Takes a folder for this process alone; the function that it gives lets go again. A lock of a process of this machine
 * that is gone is taken over at once. Where that cannot be told (another machine or container, a number that another
 * process has by now), the lock is watched: its holder touches it every few seconds.
 *
 * @throws {UserError} if the holder lives
 */
export async function lockFolder(folder: string, log: (line: string) => void): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const mine: Holder = { token: randomUUID(), pid: process.pid, host: hostname() };
  while (!(await isCreated(path, mine))) {
    const other = await holderOf(path);
    if (other !== undefined && !isGone(other) && (await isAlive(path, log))) {
      throw new UserError(
        `${folder} is in use by process ${other.pid} on ${other.host}: stop that one, or give this one another folder`,
      );
    }
    await rm(path, { force: true });
  }
  // Two that took over the same lock at once: the later one has removed the earlier one's file.
  await sleep(50);
  if ((await holderOf(path))?.token !== mine.token) throw new UserError(`${folder} was taken by another process`);
  return keep(path, mine.token);
}

async function isCreated(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined where the file is gone, or holds nothing that we wrote. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** In a container that was started again, the one before us had our number. */
function isGone({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Waits until the file is touched, or has been silent for long enough. */
async function isAlive(path: string, log: (line: string) => void): Promise<boolean> {
  const first = await touchedAt(path);
  log(`${path} is held by another process: waiting for a sign of life`);
  while (first !== undefined && Date.now() - first < silenceMilliseconds) {
    await sleep(250);
    const last = await touchedAt(path);
    if (last !== first) return last !== undefined;
  }
  return false;
}

async function touchedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

function keep(path: string, token: string): () => Promise<void> {
  const touch = (): void => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  };
  const timer = setInterval(touch, beatMilliseconds);
  timer.unref();
  return async () => {
    clearInterval(timer);
    if ((await holderOf(path))?.token === token) await rm(path, { force: true });
  };
}
