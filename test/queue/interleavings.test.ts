// Any order of adds, ends, failures, pauses that end and crashes: no job is lost, no two of a group are under way at once, and the
// newest data of each key is what is done last.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openJournal, type Journal } from '../../src/queue/journal.ts';
import { startMemoryQueue } from '../../src/queue/memory.ts';
import { PermanentError, type Queue, type Work } from '../../src/queue/queue.ts';
import { defaultSettings } from '../../src/queue/settings.ts';
import { eventually, type Task } from './recorder.ts';

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

/** One process after the other on the same journal. */
function world(folder: string) {
  const seen = { over: [] as string[], overlaps: [] as string[], mostActive: 0 };
  const added: string[] = [];
  let running: Running[] = [];
  let queue: Queue<Task>;
  let life: Life = { isOver: false };
  let leaveFolder: () => Promise<void>;

  /** What a process that was killed still had to write never comes. */
  function mortal(journal: Journal<Task>): Journal<Task> {
    const mine = life;
    const never = new Promise<never>(() => undefined);
    const unlessOver =
      <Rest extends unknown[]>(write: (...rest: Rest) => Promise<void>) =>
      (...rest: Rest): Promise<void> =>
        mine.isOver ? never : write(...rest).then(() => (mine.isOver ? never : undefined));
    const { save, update, settle } = journal;
    return { ...journal, save: unlessOver(save), update: unlessOver(update), settle: unlessOver(settle) };
  }

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
    const journal = await openJournal<Task>(folder, settings.log);
    leaveFolder = journal.close;
    queue = startMemoryQueue(workOf(life), settings, mortal(journal));
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
      await leaveFolder();
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

test('no interleaving loses a job, mixes a group or ends with old data', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'queue-steps-'));
      try {
        const { seen, added, start, take, drain } = world(folder);
        await start();
        for (const one of steps) {
          await take(one);
          // Between steps, what the queue has to do may happen in part or as a whole.
          await new Promise((resolve) => setTimeout(resolve, added.length % 3));
        }
        await drain();
        expect(seen.overlaps).toEqual([]);
        expect(seen.mostActive).toBeLessThanOrEqual(settings.concurrency);
        const newest = new Map(added.map((name) => [identityOf(name), name]));
        const last = new Map(seen.over.map((name) => [identityOf(name), name]));
        expect(last).toEqual(newest);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
});
