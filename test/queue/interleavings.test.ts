// Any order of adds, ends, failures, pauses that end and crashes: no job is lost, no two of a group are under way at once, and the
// newest data of each key is what is done last.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/index.ts';
import { openJournal, type Journal } from '../../src/queue/journal.ts';
import { startMemoryQueue } from '../../src/queue/memory.ts';
import { PermanentError, type Queue, type Work } from '../../src/queue/queue.ts';
import { defaultSettings } from '../../src/queue/settings.ts';
import { eventually, type Task } from './recorder.ts';
import { redisBinary, startRedis } from './redis-server.ts';

type Step =
  | { readonly kind: 'add'; readonly group: number; readonly key: number }
  | { readonly kind: 'end'; readonly index: number; readonly how: 'done' | 'error' | 'permanent' }
  | { readonly kind: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), group: fc.nat(2), key: fc.nat(2) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      index: fc.nat(3),
      how: fc.constantFrom('done', 'error', 'permanent'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
);

/** Of one process. */
interface Life {
  isOver: boolean;
}

interface Running {
  readonly name: string;
  readonly group: string;
  readonly finish: (how: 'done' | 'error' | 'permanent') => void;
}

const settings = { ...defaultSettings, concurrency: 2, attempts: 3, retryMilliseconds: 4, log: () => undefined };
/** `group.key:number` */
const identityOf = (name: string): string => name.split(':')[0]!;

/** Opens a queue for one life of a process; `leave` lets the next one in. */
type Opening = (work: Work<Task>, life: Life) => Promise<{ queue: Queue<Task>; leave: () => Promise<void> }>;

const inFolder =
  (folder: string): Opening =>
  async (work, life) => {
    const journal = await openJournal<Task>(folder, settings.log);
    return { queue: startMemoryQueue(work, settings, mortal(journal, life)), leave: journal.close };
  };

/** Two workers; one of them takes the jobs in. */
const inRedis =
  (redisUrl: string): Opening =>
  async (work) => {
    const place = { redisUrl, redisPrefix: randomUUID() };
    const [queue, other] = [await openQueue(place, settings, work), await openQueue(place, settings, work)];
    const close = async () => {
      await Promise.all([queue.close(), other.close()]);
    };
    return { queue: { ...queue, close }, leave: close };
  };

/** What a process that was killed still had to write never comes. */
function mortal(journal: Journal<Task>, life: Life): Journal<Task> {
  const never = new Promise<never>(() => undefined);
  const unlessOver =
    <Rest extends unknown[]>(write: (...rest: Rest) => Promise<void>) =>
    (...rest: Rest): Promise<void> =>
      life.isOver ? never : write(...rest).then(() => (life.isOver ? never : undefined));
  const { save, update, settle } = journal;
  return { ...journal, save: unlessOver(save), update: unlessOver(update), settle: unlessOver(settle) };
}

/** One life after the other. */
function world(open: Opening) {
  const seen = { over: [] as string[], overlaps: [] as string[], mostActive: 0 };
  const added: string[] = [];
  let running: Running[] = [];
  let queue: Queue<Task>;
  let life: Life = { isOver: false };
  let leave: () => Promise<void>;

  function workOf(mine: Life): Work<Task> {
    return {
      handle: ({ name }) =>
        new Promise((resolve, reject) => {
          if (mine.isOver) return;
          const group = name[0]!;
          if (running.some((one) => one.group === group)) seen.overlaps.push(name);
          const finish: Running['finish'] = (how) => {
            running = running.filter((one) => one !== item);
            if (how === 'done') seen.over.push(name);
            if (how === 'done') resolve();
            else reject(how === 'error' ? new Error('not yet') : new PermanentError('never'));
          };
          const item = { name, group, finish };
          running.push(item);
          seen.mostActive = Math.max(seen.mostActive, running.length);
        }),
      onFailed: ({ name }) => {
        if (!mine.isOver) seen.over.push(name);
        return Promise.resolve();
      },
    };
  }

  async function start(): Promise<void> {
    running = [];
    life = { isOver: false };
    ({ queue, leave } = await open(workOf(life), life));
  }

  async function take(one: Step): Promise<void> {
    if (one.kind === 'add') {
      const name = `${one.group}.${one.key}:${added.length}`;
      await queue.add({ key: String(one.key), group: String(one.group), data: { name } });
      added.push(name);
    } else if (one.kind === 'end') running[one.index % running.length]?.finish(one.how);
    else {
      life.isOver = true;
      // A write that had begun may come to its end, but not after the next process has read the folder.
      await leave();
      await start();
    }
  }

  /** Ends everything that begins until nothing is left. */
  async function drain(): Promise<void> {
    await eventually(async () => {
      for (const one of running) one.finish('done');
      expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
    });
    await queue.close();
  }

  return { seen, added, start, take, drain };
}

/** Takes the steps, ends what is left, and looks at what was done. */
async function expectAllDone(steps: readonly Step[], open: Opening, mostActive: number): Promise<void> {
  const { seen, added, start, take, drain } = world(open);
  await start();
  for (const one of steps) {
    await take(one);
    // Between steps, what the queue has to do may happen in part or as a whole.
    await new Promise((resolve) => setTimeout(resolve, added.length % 3));
  }
  await drain();
  expect(seen.overlaps).toEqual([]);
  expect(seen.mostActive).toBeLessThanOrEqual(mostActive);
  const newest = new Map(added.map((name) => [identityOf(name), name]));
  const last = new Map(seen.over.map((name) => [identityOf(name), name]));
  expect(last).toEqual(newest);
}

const anySteps = fc.array(step, { minLength: 1, maxLength: 25 });

describe('no interleaving loses a job, mixes a group or ends with old data', () => {
  test('with a journal', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'queue-steps-'));
        try {
          await expectAllDone(steps, inFolder(folder), settings.concurrency);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 60 },
    );
  });

  // Crashes are for test/queue/killed.test.ts: what a worker has asked of Redis cannot be taken back here.
  test.skipIf(redisBinary === undefined)('in Redis', { timeout: 600_000 }, async () => {
    const redis = await startRedis();
    try {
      const steps = anySteps.map((all) => all.filter(({ kind }) => kind !== 'crash'));
      const property = fc.asyncProperty(steps, (some) =>
        expectAllDone(some, inRedis(redis.url), 2 * settings.concurrency),
      );
      await fc.assert(property, { numRuns: 12 });
    } finally {
      await redis.remove();
    }
  });
});
