/** Jobs from where they come in to where they are done: queue, threads, and what leads to what. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { reasonOf } from '../github/client.ts';
import { openQueue } from '../queue/index.ts';
import { defaultSettings } from '../queue/settings.ts';
import type { AttemptContext, Queue, Work } from '../queue/queue.ts';
import type { Account } from './account.ts';
import type { Job, JobData } from './jobs.ts';
import { openMetrics, type Metrics } from './metrics.ts';
import { jobsPerThread, openPool, type Pool } from './pool.ts';
import type { AppSettings } from './settings.ts';
import type { Task } from './task.ts';
import { openWorkFolder } from './work-folder.ts';

export interface Service {
  readonly queue: Queue<JobData>;
  readonly metrics: Metrics;
  /** Stops taking jobs, and gives those at work some time. */
  readonly close: () => Promise<void>;
}

export interface ServiceParts {
  readonly settings: AppSettings;
  readonly account: Account;
  readonly log: Logger;
  /** False: other processes do the jobs, which takes Redis. */
  readonly isWorker: boolean;
}

export async function startService(parts: ServiceParts): Promise<Service> {
  const { settings, log, isWorker } = parts;
  const { redisUrl, dataFolder, threads } = settings;
  const pool = isWorker ? openPool(threads) : null;
  const add = async (jobs: readonly Job[]): Promise<void> => {
    for (const job of jobs) await queue.add(job);
  };
  const metrics = openMetrics(() => queue.counts());
  const queue: Queue<JobData> = await openQueue<JobData>(
    redisUrl === undefined ? { journalFolder: join(dataFolder, 'journal') } : { redisUrl },
    { log: (line) => log.info(line), concurrency: threads * jobsPerThread },
    pool === null ? undefined : workOf(parts, { pool, metrics, add }),
  );
  return {
    queue,
    metrics,
    close: async () => {
      await queue.close();
      await pool?.close();
    },
  };
}

interface Means {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly add: (jobs: readonly Job[]) => Promise<void>;
}

function workOf({ settings, account, log }: ServiceParts, { pool, metrics, add }: Means): Work<JobData> {
  const folder = openWorkFolder(settings.dataFolder);
  const { surroundings } = settings;
  const taskOf = async (data: JobData, more: Pick<Task, 'isRepeated' | 'givenUp'>): Promise<Task> => ({
    ...{ data, folder, ...more },
    surroundings: { ...surroundings, appSlug: await account.slug() },
    token: await account.tokenOf(data.installation),
  });
  return {
    handle: async (data, { signal, attempt }: AttemptContext) => {
      const began = performance.now();
      const seconds = (): number => (performance.now() - began) / 1000;
      try {
        const task = await taskOf(data, { isRepeated: attempt < defaultSettings.attempts });
        const { jobs } = await pool.run(task, signal);
        await add(jobs);
        metrics.job(data.errand.kind, 'done', seconds());
      } catch (error) {
        account.forgetToken(data.installation);
        metrics.job(data.errand.kind, 'failed', seconds());
        log.warn({ job: data.errand.kind, attempt, reason: reasonOf(error) }, 'a job broke');
        throw error;
      }
    },
    onFailed: async (data, error) => {
      const task = await taskOf(data, {
        isRepeated: false,
        givenUp: `the review broke several times: ${reasonOf(error)}`,
      });
      await pool.run(task, AbortSignal.timeout(defaultSettings.timeLimitMilliseconds));
      metrics.job(data.errand.kind, 'given-up', 0);
    },
  };
}
