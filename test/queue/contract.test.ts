// What every driver of the queue does, tried with each of them.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openQueue, type QueuePlace } from '../../src/queue/index.ts';
import { PermanentError, type Queue, type Work } from '../../src/queue/queue.ts';
import type { QueueSettings } from '../../src/queue/settings.ts';
import { door, eventually, quick, recorder, type Task } from './recorder.ts';
import { redisBinary, startRedis, type RedisServer } from './redis-server.ts';

let redis: RedisServer | undefined;
const folders: string[] = [];
const queues: Queue<Task>[] = [];

function journalPlace(): QueuePlace {
  const folder = mkdtempSync(join(tmpdir(), 'queue-journal-'));
  folders.push(folder);
  return { journalFolder: folder };
}

const drivers = [
  { name: 'in memory', place: (): QueuePlace => ({}), outlives: false, needsRedis: false },
  { name: 'with a journal', place: journalPlace, outlives: true, needsRedis: false },
  {
    name: 'in Redis',
    place: (): QueuePlace => ({ redisUrl: redis!.url, redisPrefix: randomUUID() }),
    outlives: true,
    needsRedis: true,
  },
];

async function open(place: QueuePlace, work: Work<Task>, settings: Partial<QueueSettings> = {}): Promise<Queue<Task>> {
  const queue = await openQueue<Task>(place, { ...quick, ...settings }, work);
  queues.push(queue);
  return queue;
}

const job = (key: string, group = key, name = key) => ({ key, group, data: { name } });

beforeAll(async () => {
  if (redisBinary !== undefined) redis = await startRedis();
});

afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close()));
});

afterAll(async () => {
  await redis?.remove();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

for (const driver of drivers) {
  describe.skipIf(driver.needsRedis && redisBinary === undefined)(`a queue ${driver.name}`, () => {
    test('does every job once, with its data', async () => {
      const { work, ended } = recorder();
      const queue = await open(driver.place(), work);
      const names = Array.from({ length: 30 }, (_, index) => `job:${index}/ä"\n`);
      await Promise.all(names.map((name) => queue.add(job(name))));
      await eventually(() => expect(ended.length).toBe(30));
      await sleep(50);
      expect(ended.sort()).toEqual(names.sort());
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    });

    test('keeps one waiting job for a key, with the newest data', async () => {
      const { opened, open: letGo } = door();
      const { work, begun } = recorder(({ name }) => (name === 'first' ? opened : Promise.resolve()));
      const queue = await open(driver.place(), work, { concurrency: 1 });
      await queue.add(job('first'));
      await eventually(() => expect(begun).toEqual(['first#1']));
      for (const name of ['a1', 'a2', 'a3']) await queue.add(job('a', 'a', name));
      await queue.add(job('b'));
      expect(await queue.counts()).toEqual({ waiting: 2, active: 1, delayed: 0, failed: 0 });
      letGo();
      await eventually(() => expect(begun).toEqual(['first#1', 'a3#1', 'b#1']));
    });

    test('lets an active job go on and does the newest of its key afterwards', async () => {
      const { opened, open: letGo } = door();
      const { work, begun, ended } = recorder(({ name }) => (name === 'a1' ? opened : Promise.resolve()));
      const queue = await open(driver.place(), work);
      await queue.add(job('a', 'a', 'a1'));
      await eventually(() => expect(begun).toEqual(['a1#1']));
      await queue.add(job('a', 'a', 'a2'));
      await queue.add(job('a', 'a', 'a3'));
      await sleep(100);
      expect(begun).toEqual(['a1#1']);
      letGo();
      await eventually(() => expect(ended).toEqual(['a1', 'a3']));
      await queue.add(job('a', 'a', 'a4'));
      await eventually(() => expect(ended).toEqual(['a1', 'a3', 'a4']));
    });

    test('does jobs of a group one at a time, and groups side by side up to the concurrency', async () => {
      const running: string[] = [];
      const overlaps: string[] = [];
      const full = door();
      let most = 0;
      const { work, ended } = recorder(async ({ name }) => {
        const group = name[0]!;
        if (running.includes(group)) overlaps.push(name);
        running.push(group);
        most = Math.max(most, running.length);
        if (most === 3) full.open();
        await full.opened;
        await sleep(10);
        running.splice(running.indexOf(group), 1);
      });
      const queue = await open(driver.place(), work, { concurrency: 3 });
      const names = ['a', 'b', 'c', 'd', 'e'].flatMap((group) => [`${group}1`, `${group}2`, `${group}3`]);
      for (const name of names) await queue.add(job(name, name[0]));
      await eventually(() => expect(ended.length).toBe(names.length));
      expect(overlaps).toEqual([]);
      expect(most).toBe(3);
    });

    test('tries again after errors, and says which attempt it is', async () => {
      const { work, begun, failed } = recorder((_, { attempt }) =>
        attempt < 3 ? Promise.reject(new Error('GitHub is away')) : Promise.resolve(),
      );
      const queue = await open(driver.place(), work);
      await queue.add(job('a'));
      await eventually(() => expect(begun).toEqual(['a#1', 'a#2', 'a#3']));
      await eventually(async () => expect((await queue.counts()).active).toBe(0));
      expect(failed).toEqual([]);
    });

    test('gives up after the last attempt, tells it once and counts it', async () => {
      const { work, begun, failed } = recorder(() => Promise.reject(new Error('GitHub is away')));
      const queue = await open(driver.place(), work, { attempts: 3 });
      await queue.add(job('a'));
      await eventually(() => expect(failed).toEqual(['a: GitHub is away']));
      await eventually(async () => expect(await queue.counts()).toMatchObject({ active: 0, delayed: 0, failed: 1 }));
      expect(begun).toEqual(['a#1', 'a#2', 'a#3']);
    });

    test('gives up at once where trying again is of no use, and takes new data for the key', async () => {
      const { work, begun, failed } = recorder(({ name }) =>
        name === 'bad' ? Promise.reject(new PermanentError('no such repository')) : Promise.resolve(),
      );
      const queue = await open(driver.place(), work);
      await queue.add(job('a', 'a', 'bad'));
      await eventually(() => expect(failed).toEqual(['bad: no such repository']));
      await queue.add(job('a', 'a', 'good'));
      await eventually(() => expect(begun).toEqual(['bad#1', 'good#1']));
    });

    test('tries new data at once and anew while the old waits for its next attempt', async () => {
      const { work, begun, ended } = recorder(({ name }) =>
        name === 'old' ? Promise.reject(new Error('not yet')) : Promise.resolve(),
      );
      const queue = await open(driver.place(), work, { retryMilliseconds: 600_000 });
      await queue.add(job('a', 'a', 'old'));
      await eventually(async () => expect((await queue.counts()).delayed).toBe(1));
      await queue.add(job('a', 'a', 'new'));
      await eventually(() => expect(ended).toEqual(['new']));
      expect(begun).toEqual(['old#1', 'new#1']);
      await eventually(async () => expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 0 }));
    });

    test('tries new data in place of an attempt that failed meanwhile', async () => {
      const { opened, open: letGo } = door();
      const { work, begun, ended } = recorder(async ({ name }) => {
        if (name === 'new') return;
        await opened;
        throw new Error('not yet');
      });
      const queue = await open(driver.place(), work, { retryMilliseconds: 600_000 });
      await queue.add(job('a', 'a', 'old'));
      await eventually(() => expect(begun).toEqual(['old#1']));
      await queue.add(job('a', 'a', 'new'));
      letGo();
      await eventually(() => expect(ended).toEqual(['new']));
      await sleep(100);
      expect(begun).toEqual(['old#1', 'new#1']);
    });

    test('aborts the signal at the time limit, and goes on without a handler that never ends', async () => {
      let reason = '';
      const { work, begun, failed } = recorder(({ name }, { signal }) => {
        if (name !== 'endless') return Promise.resolve();
        signal.addEventListener('abort', () => (reason = String(signal.reason)));
        return new Promise(() => undefined);
      });
      const limits = { concurrency: 1, attempts: 1, timeLimitMilliseconds: 100 };
      const queue = await open(driver.place(), work, limits);
      await queue.add(job('endless'));
      await eventually(() => expect(begun).toEqual(['endless#1']));
      await queue.add(job('next'));
      await eventually(() => expect(begun).toEqual(['endless#1', 'next#1']));
      expect(failed).toEqual(['endless: not done within 0.1 seconds']);
      expect(reason).toBe('Error: not done within 0.1 seconds');
    });

    test('tells a failure again where telling it failed', async () => {
      const told: string[] = [];
      const work: Work<Task> = {
        handle: () => Promise.reject(new PermanentError('broken')),
        onFailed: async ({ name }, error) => {
          told.push(`${name}: ${error.message}`);
          await Promise.resolve();
          if (told.length < 3) throw new Error('GitHub is away');
        },
      };
      const queue = await open(driver.place(), work);
      await queue.add(job('a'));
      await eventually(() => expect(told).toEqual(['a: broken', 'a: broken', 'a: broken']));
      await eventually(async () => expect(await queue.counts()).toMatchObject({ delayed: 0, failed: 1 }));
    });

    test('waits for active jobs when it closes, and takes no more', async () => {
      const { work, begun, ended } = recorder(() => sleep(150));
      const queue = await open(driver.place(), work);
      await queue.add(job('a'));
      await eventually(() => expect(begun.length).toBe(1));
      expect(await queue.isHealthy()).toBe(true);
      await queue.close();
      expect(ended).toEqual(['a']);
      expect(await queue.isHealthy()).toBe(false);
      await expect(queue.add(job('b'))).rejects.toThrow('the queue is closing and takes no jobs');
    });

    if (!driver.outlives) return;

    test('leaves to the next start what waits, and what did not end in time', async () => {
      const place = driver.place();
      let reason = '';
      const first = recorder((_, { signal }) => {
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = String(signal.reason);
            reject(new Error('stopped'));
          });
        });
      });
      const queue = await open(place, first.work, { concurrency: 1, graceMilliseconds: 50 });
      await queue.add(job('a'));
      await eventually(() => expect(first.begun).toEqual(['a#1']));
      await queue.add(job('b'));
      await queue.close();
      expect(reason).toBe('Error: the queue is closing');
      const second = recorder();
      await open(place, second.work);
      await eventually(() => expect(second.begun.sort()).toEqual(['a#1', 'b#1']));
      expect([...first.failed, ...second.failed]).toEqual([]);
    });

    test('goes on counting attempts after a restart', async () => {
      const place = driver.place();
      const { work, begun, failed } = recorder(() => Promise.reject(new Error('no')));
      const settings = { attempts: 2, retryMilliseconds: 300 };
      const queue = await open(place, work, settings);
      await queue.add(job('a'));
      await eventually(async () => expect((await queue.counts()).delayed).toBe(1));
      await queue.close();
      await open(place, work, settings);
      await eventually(() => expect(failed).toEqual(['a: no']));
      expect(begun).toEqual(['a#1', 'a#2']);
    });
  });
}
