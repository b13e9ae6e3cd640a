/** Threads that do jobs. They read hostile models, so none of the App's secrets is in their environment. */
import { Piscina } from 'piscina';
import { jobThreadFile } from '../assets.ts';
import type { Task, TaskResult } from './task.ts';

export interface Pool {
  /** @throws where the job broke, ran out of memory, or was aborted */
  readonly run: (task: Task, signal: AbortSignal) => Promise<TaskResult>;
  readonly close: () => Promise<void>;
}

/** Jobs that share a thread: most of a job is waiting for GitHub, which wants a second between writes of one installation. */
export const jobsPerThread = 64;

/** A thread that needs more is ended, and its jobs come again. */
const maximumHeapMegabytes = 4096;

/** Twice as much as usual: what jobs that wait for GitHub hold is moved about half as often. */
const youngMegabytes = 96;

/** S3's keys are the storage's, which threads write pictures to. */
const shared = ['LOG_LEVEL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'NODE_EXTRA_CA_CERTS'] as const;

export function openPool(threads: number): Pool {
  let pool: Piscina<Task, TaskResult> | null = null;
  const end = async (): Promise<void> => {
    const old = pool;
    pool = null;
    await old?.destroy();
  };
  return {
    run: async (task, signal) => {
      signal.throwIfAborted();
      pool ??= startThreads(threads);
      // A task that has a signal of its own gets a thread of its own. One that must end takes its thread along, and all that share
      // it: they come again, and that happens once in a long time.
      const ending = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          void end();
          reject(signal.reason instanceof Error ? signal.reason : new Error('the job was ended'));
        });
      });
      return Promise.race([pool.run(task, { name: 'runTask' }), ending]);
    },
    close: end,
  };
}

function startThreads(threads: number): Piscina<Task, TaskResult> {
  return new Piscina<Task, TaskResult>({
    filename: jobThreadFile.href,
    ...{ minThreads: 1, maxThreads: threads, concurrentTasksPerWorker: jobsPerThread, idleTimeout: 60_000 },
    env: Object.fromEntries(
      shared.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    resourceLimits: { maxOldGenerationSizeMb: maximumHeapMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
  });
}
