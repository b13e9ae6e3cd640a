import { DelayedError, UnrecoverableError, Worker, type Job as Ticket } from 'bullmq';
import type { Redis } from 'ioredis';
import { isSettledWithin } from './deadline.ts';
import { jobId, type Work } from './queue.ts';
import { leaseGroup } from './redis-lease.ts';
import { createRecords, type Named, type Records, type VersionedEntry } from './redis-records.ts';
import { runJob, type Outcome } from './run-job.ts';
import type { QueueSettings } from './settings.ts';

/** What doing a job needs beside the job. */
interface Surroundings<Data> {
  readonly redis: Redis;
  readonly prefix: string;
  readonly records: Records<Data>;
  readonly work: Work<Data>;
  readonly settings: QueueSettings;
  readonly stop: AbortSignal;
}

export interface RedisWorker {
  readonly close: () => Promise<void>;
}

/** BullMQ's own counts are out of the way: how often a job may start is counted with its data. */
const noLimit = 1_000_000;

/** Takes tickets from Redis and does the jobs that they name. `redis` must wait for a lost connection for ever. */
export function startRedisWorker<Data>(
  { redis, prefix, name }: { readonly redis: Redis; readonly prefix: string; readonly name: string },
  work: Work<Data>,
  settings: QueueSettings,
): RedisWorker {
  const stop = new AbortController();
  const records = createRecords<Data>(redis, prefix);
  const surroundings: Surroundings<Data> = { redis, prefix, records, work, settings, stop: stop.signal };
  const worker = new Worker<Named>(name, (ticket, token) => doTicket(ticket, token!, surroundings), {
    connection: redis,
    prefix,
    concurrency: settings.concurrency,
    lockDuration: settings.leaseMilliseconds,
    stalledInterval: settings.leaseMilliseconds / 2,
    maxStalledCount: noLimit,
    // After a lost connection the worker asks again this soon.
    runRetryDelay: 1_000,
  });
  worker.on('error', (error) => settings.log(`worker: ${error.message}`));
  return {
    close: async () => {
      const closed = worker.close();
      if (await isSettledWithin(closed, settings.graceMilliseconds)) return;
      stop.abort(new Error('the queue is closing'));
      // Without Redis, nothing of this ends by itself; what is left is taken up when its lease is over.
      if (await isSettledWithin(closed, settings.abandonMilliseconds + 1_000)) return;
      await isSettledWithin(worker.disconnect(), 1_000);
    },
  };
}

/** @throws {DelayedError} when the ticket was put back; {UnrecoverableError} when the job was given up */
async function doTicket<Data>(ticket: Ticket<Named>, token: string, around: Surroundings<Data>): Promise<void> {
  const { redis, prefix, records, settings } = around;
  const lease = await leaseGroup(redis, prefix, ticket.data.group, settings.leaseMilliseconds);
  // Put back rather than waited for, so that a busy group takes no place from others.
  if (lease === undefined) return putBack(ticket, token, groupPause(settings));
  try {
    const entry = await records.take(jobId(ticket.data));
    if (entry === undefined) return;
    const outcome = await runJob(entry, around.work, settings, AbortSignal.any([around.stop, lease.lost]));
    const pause = await conclude(entry, outcome, around);
    if (pause !== undefined) await putBack(ticket, token, pause);
  } finally {
    await lease.release();
  }
}

function groupPause({ random }: QueueSettings): number {
  return 200 + Math.round(random() * 200);
}

/** Milliseconds until the job is to be tried again; undefined when it is done. */
async function conclude<Data>(
  entry: VersionedEntry<Data>,
  outcome: Outcome,
  { records, settings }: Surroundings<Data>,
): Promise<number | undefined> {
  switch (outcome.kind) {
    case 'done':
      await records.settle(entry);
      return undefined;
    case 'failed':
      await records.settle(entry);
      settings.log(`job ${entry.key} failed: ${outcome.error.message}`);
      // Shows in BullMQ's list of failed jobs.
      throw new UnrecoverableError(outcome.error.message);
    case 'interrupted':
      await records.giveBack(entry);
      return 0;
    case 'again': {
      const { error, failures, pauseMilliseconds } = outcome;
      settings.log(`job ${entry.key}, attempt ${failures}: ${error.message}`);
      // Newer data has come meanwhile: it is tried at once, and in place of this.
      return (await records.fail(entry, failures, error)) ? pauseMilliseconds : 0;
    }
  }
}

/** Costs the ticket no attempt. */
async function putBack(ticket: Ticket<Named>, token: string, pauseMilliseconds: number): Promise<never> {
  await ticket.moveToDelayed(Date.now() + pauseMilliseconds, token);
  throw new DelayedError();
}
