import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { lockFolder } from './folder-lock.ts';
import { jobId, type Entry } from './queue.ts';

/** An entry with its place in the order in which jobs came; another number is other data. */
export interface NumberedEntry<Data> extends Entry<Data> {
  readonly sequence: number;
}

/** Jobs of one process as they must outlive it: of each job, the newest data and what has become of it. */
export interface Journal<Data> {
  /** What an earlier process left, in order. */
  readonly left: readonly NumberedEntry<Data>[];
  /** Resolves when the entry is on the disk. */
  readonly save: (entry: NumberedEntry<Data>) => Promise<void>;
  /** Notes what has become of the entry, unless there is newer data. */
  readonly update: (entry: NumberedEntry<Data>) => Promise<void>;
  /** Forgets the entry, unless there is newer data. */
  readonly settle: (entry: NumberedEntry<Data>) => Promise<void>;
  readonly isWritable: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const recordSchema = z.object({
  group: z.string(),
  key: z.string(),
  data: z.unknown(),
  failures: z.number().int().min(0),
  starts: z.number().int().min(0),
  sequence: z.number().int().min(0),
  lastError: z.string().exactOptional(),
});

/** Remembers nothing: jobs end with the process. */
export function noJournal<Data>(): Journal<Data> {
  const nothing = (): Promise<void> => Promise.resolve();
  const isWritable = (): Promise<boolean> => Promise.resolve(true);
  return { left: [], save: nothing, update: nothing, settle: nothing, isWritable, close: nothing };
}

/**
 * One file for each job, replaced as a whole, so that a process may be killed at any moment. Files that cannot be read are
 * set aside and named in the log.
 *
 * @throws {UserError} if another process uses the folder
 */
export async function openJournal<Data>(folder: string, log: (line: string) => void): Promise<Journal<Data>> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder, log);
  const left = await readEntries<Data>(folder, log);
  const newest = new Map(left.map(({ id, sequence }) => [id, sequence]));
  const inTurn = createTurns();
  const isNewest = ({ id, sequence }: NumberedEntry<Data>): boolean => newest.get(id) === sequence;

  return {
    left,
    save: (entry) =>
      inTurn(entry.id, async () => {
        await replace(folder, entry, { isDurable: true });
        newest.set(entry.id, entry.sequence);
      }),
    // Lost with the machine's power, not with the process: counts may then be too low, which does no harm.
    update: (entry) =>
      inTurn(entry.id, async () => {
        if (isNewest(entry)) await replace(folder, entry, { isDurable: false });
      }),
    settle: (entry) =>
      inTurn(entry.id, async () => {
        if (!isNewest(entry)) return;
        await rm(fileOf(folder, entry.id), { force: true });
        newest.delete(entry.id);
      }),
    isWritable: () => isWritable(folder),
    close: async () => {
      await inTurn.allDone();
      await unlock();
    },
  };
}

interface Turns {
  (id: string, step: () => Promise<void>): Promise<void>;
  readonly allDone: () => Promise<void>;
}

/** Steps for one job, each after the one before, so that an older one never overtakes a newer one. */
function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  async function inTurn(id: string, step: () => Promise<void>): Promise<void> {
    const before = last.get(id)?.catch(() => undefined);
    const turn = before === undefined ? step() : before.then(step);
    last.set(id, turn);
    try {
      await turn;
    } finally {
      if (last.get(id) === turn) last.delete(id);
    }
  }
  return Object.assign(inTurn, {
    allDone: async () => {
      await Promise.allSettled(last.values());
    },
  });
}

function fileOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

async function replace<Data>(
  folder: string,
  entry: NumberedEntry<Data>,
  { isDurable }: { readonly isDurable: boolean },
): Promise<void> {
  const { id, ...record } = entry;
  const draft = join(folder, `${id}.draft`);
  await writeFile(draft, JSON.stringify(record), { flush: isDurable });
  await rename(draft, fileOf(folder, id));
  if (isDurable) await syncFolder(folder);
}

/** The new name of a file is on the disk when its folder is. Not every system can do this. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  try {
    await handle?.sync().catch(() => undefined);
  } finally {
    await handle?.close();
  }
}

async function readEntries<Data>(folder: string, log: (line: string) => void): Promise<NumberedEntry<Data>[]> {
  const entries: NumberedEntry<Data>[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (name.endsWith('.draft')) await rm(path, { force: true });
    if (!name.endsWith('.json')) continue;
    const entry = entryOf<Data>(name, await readFile(path, 'utf8'));
    if (entry === undefined) {
      await rename(path, `${path}.unreadable`);
      log(`${path} is no job that can be read: set aside as ${name}.unreadable`);
    } else entries.push(entry);
  }
  return entries.sort((one, other) => one.sequence - other.sequence);
}

function entryOf<Data>(name: string, text: string): NumberedEntry<Data> | undefined {
  try {
    const record = recordSchema.parse(JSON.parse(text));
    const id = jobId(record);
    // What was written is what `add` was given: its type is the caller's to keep from one version to the next.
    return name === `${id}.json` ? { ...record, id, data: record.data as Data } : undefined;
  } catch {
    return undefined;
  }
}

async function isWritable(folder: string): Promise<boolean> {
  const probe = join(folder, `${randomUUID()}.draft`);
  try {
    await writeFile(probe, 'probe');
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
