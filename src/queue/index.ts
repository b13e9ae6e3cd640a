import { UserError } from '../errors.ts';
import { noJournal, openJournal } from './journal.ts';
import { startMemoryQueue } from './memory.ts';
import type { Queue, Work } from './queue.ts';
import { defaultSettings, type QueueSettings } from './settings.ts';

/** Where jobs are kept: in Redis, else in a folder of this machine, else in memory alone. */
export interface QueuePlace {
  /** As in `redis://user:password@host:6379/0`; `rediss:` for TLS. */
  readonly redisUrl?: string;
  /** What the names of all keys in Redis begin with. */
  readonly redisPrefix?: string;
  readonly journalFolder?: string;
}

/**
 * Opens the queue, and begins to do jobs if there is work given. Only with Redis can others do the work.
 *
 * @throws {UserError} if nobody would do the jobs, or another process uses the folder
 */
export async function openQueue<Data>(
  place: QueuePlace,
  settings: Partial<QueueSettings> & Pick<QueueSettings, 'log'>,
  work?: Work<Data>,
): Promise<Queue<Data>> {
  const all = { ...defaultSettings, ...settings };
  const { redisUrl, redisPrefix = 'model-budget', journalFolder } = place;
  if (redisUrl !== undefined && redisUrl !== '') {
    // Not loaded by who does without.
    const { openRedisQueue } = await import('./redis.ts');
    return openRedisQueue({ url: redisUrl, prefix: redisPrefix }, all, work);
  }
  if (work === undefined) throw new UserError('without a REDIS_URL, the process that takes jobs has to do them too');
  const journal = journalFolder === undefined ? noJournal<Data>() : await openJournal<Data>(journalFolder, all.log);
  return startMemoryQueue(work, all, journal);
}
