import { Queue as TicketQueue, type JobsOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { within } from './deadline.ts';
import { jobId, type Job, type Queue, type Work } from './queue.ts';
import { createRecords, type Named, type Records } from './redis-records.ts';
import { asError } from './run-job.ts';
import { startRedisWorker } from './redis-worker.ts';
import type { QueueSettings } from './settings.ts';

/** Where the jobs are: `url` as in `redis://user:password@host:6379/0`, and what the names of all keys begin with. */
export interface RedisPlace {
  readonly url: string;
  readonly prefix: string;
}

type Tickets = TicketQueue<Named>;

const queueName = 'jobs';
/** GitHub waits ten seconds for the answer to a webhook. */
const addMilliseconds = 4_000;
const pingMilliseconds = 2_000;
const day = 24 * 3600;
const minute = 60_000;
const recoveryMilliseconds = 10 * minute;

/** Takes in jobs; with `work`, does them too. Any number of processes on any number of machines may do either. */
export function openRedisQueue<Data>(
  place: RedisPlace,
  settings: QueueSettings,
  work: Work<Data> | undefined,
): Queue<Data> {
  const { prefix } = place;
  const connect = (options: RedisOptions): Redis => connectTo(place.url, options, settings.log);
  const producer = connect({ maxRetriesPerRequest: 1, connectTimeout: 3_000 });
  const consumer = work && connect({ maxRetriesPerRequest: null });
  const tickets: Tickets = new TicketQueue<Named>(queueName, { connection: producer, prefix });
  tickets.on('error', () => undefined);
  const records = createRecords<Data>(producer, prefix);
  const worker = work && consumer && startRedisWorker({ redis: consumer, prefix, name: queueName }, work, settings);
  let isClosing = false;
  const search = (): void => {
    recover(producer, place, tickets, records).catch((error: unknown) => {
      settings.log(`jobs without a ticket were not looked for: ${asError(error).message}`);
    });
  };
  const timer = worker && setInterval(search, recoveryMilliseconds);
  if (worker) search();

  return {
    add: async (job) => {
      if (isClosing) throw new Error('the queue is closing and takes no jobs');
      await within(add(job, tickets, records), addMilliseconds, 'Redis did not take the job in time');
    },
    counts: async () => {
      const asked = tickets.getJobCounts('wait', 'active', 'delayed', 'failed');
      const { wait = 0, active = 0, delayed = 0, failed = 0 } = await within(asked, addMilliseconds, 'Redis is silent');
      return { waiting: wait, active, delayed, failed };
    },
    isHealthy: () =>
      within(producer.ping(), pingMilliseconds, 'Redis is silent').then(
        () => !isClosing,
        () => false,
      ),
    close: async () => {
      isClosing = true;
      clearInterval(timer);
      await worker?.close();
      producer.disconnect();
      consumer?.disconnect();
      await tickets.close().catch(() => undefined);
    },
  };
}

/** First the job, then the ticket: a ticket that comes too early would find nothing to do. */
async function add<Data>(job: Job<Data>, tickets: Tickets, records: Records<Data>): Promise<void> {
  await records.put(job);
  await tickets.add('job', ...ticketOf(job, { isNewer: true }));
}

/** Beside a ticket that waits for its next attempt, another is of use only if there is newer data. */
function ticketOf(job: Named, { isNewer }: { readonly isNewer: boolean }): [Named, JobsOptions] {
  const { group, key } = job;
  const options: JobsOptions = {
    // A ticket that waits will find the newest data. Behind one that is under way, another is kept, since the data may have
    // been read already. One that is delayed is replaced.
    deduplication: { id: jobId(job), keepLastIfActive: true, replace: isNewer },
    removeOnComplete: true,
    removeOnFail: { count: 1_000, age: 30 * day },
    // Only what has nothing to do with the job itself fails a ticket otherwise (Redis that is loading or read-only).
    attempts: 1_000_000,
    backoff: { type: 'fixed', delay: 1_000 },
  };
  return [{ group, key }, options];
}

/**
 * Adds tickets for jobs that have none: somebody was killed between the two steps of `add`, or removed tickets by hand. One
 * process at a time is enough, and not more often than each minute: workers may be starting all the time.
 */
async function recover<Data>(
  redis: Redis,
  { prefix }: RedisPlace,
  tickets: Tickets,
  records: Records<Data>,
): Promise<void> {
  if ((await redis.set(`${prefix}:recovery`, '', 'PX', minute, 'NX')) === null) return;
  for await (const jobs of records.all()) {
    const missing = await Promise.all(jobs.map(async (job) => ((await hasTicket(job, tickets)) ? [] : [job])));
    for (const job of missing.flat()) await tickets.add('job', ...ticketOf(job, { isNewer: false }));
  }
}

async function hasTicket(job: Named, tickets: Tickets): Promise<boolean> {
  const ticket = await tickets.getDeduplicationJobId(jobId(job));
  return ticket !== null && (await tickets.getJobState(ticket)) !== 'unknown';
}

/** Connects again for ever, and says once when it is lost and once when it is back. The URL may hold a password. */
function connectTo(url: string, options: RedisOptions, log: (line: string) => void): Redis {
  const redis = new Redis(url, { ...options, retryStrategy: (tries) => Math.min(tries * 100, 2_000) });
  let isLost = false;
  redis.on('error', (error: Error) => {
    if (!isLost) log(`Redis cannot be reached: ${error.message}`);
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) log('Redis is back');
    isLost = false;
  });
  return redis;
}
