// What only the driver for Redis has to do: several processes, a Redis that goes away, tickets that are lost.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue as TicketQueue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/index.ts';
import { jobId, type Queue, type Work } from '../../src/queue/queue.ts';
import { leaseGroup } from '../../src/queue/redis-lease.ts';
import type { QueueSettings } from '../../src/queue/settings.ts';
import { freePort } from '../free-port.ts';
import { door, eventually, quick, recorder, type Task } from './recorder.ts';
import { redisBinary, startRedis, type RedisServer } from './redis-server.ts';

describe.skipIf(redisBinary === undefined)('a queue in Redis', () => {
  let redis: RedisServer;
  let prefix: string;
  const queues: Queue<Task>[] = [];
  const clients: Redis[] = [];

  beforeEach(async () => {
    redis = await startRedis();
    prefix = randomUUID();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await redis.remove();
  });

  async function open(work?: Work<Task>, settings: Partial<QueueSettings> = {}): Promise<Queue<Task>> {
    const place = { redisUrl: redis.url, redisPrefix: prefix };
    const queue = await openQueue<Task>(place, { ...quick, graceMilliseconds: 500, ...settings }, work);
    queues.push(queue);
    return queue;
  }

  function client(): Redis {
    const one = new Redis(redis.url);
    clients.push(one);
    return one;
  }

  const job = (key: string, group = key, name = key) => ({ key, group, data: { name } });
  const idOf = (name: string) => jobId({ key: name, group: name });

  test('is filled by one process and emptied by others', async () => {
    const web = await open();
    for (const name of ['a', 'b', 'c', 'd']) await web.add(job(name));
    expect(await web.counts()).toEqual({ waiting: 4, active: 0, delayed: 0, failed: 0 });
    const meeting = door();
    let present = 0;
    const meet = () => {
      present += 1;
      if (present === 2) meeting.open();
      return meeting.opened;
    };
    const [one, other] = [recorder(meet), recorder(meet)];
    await open(one.work, { concurrency: 1 });
    await open(other.work, { concurrency: 1 });
    await eventually(() => expect([...one.ended, ...other.ended].sort()).toEqual(['a', 'b', 'c', 'd']));
    expect(one.ended.length).toBeGreaterThan(0);
    expect(other.ended.length).toBeGreaterThan(0);
  });

  test('does jobs of a group one at a time across processes, and no other group waits for that', async () => {
    const { opened, open: letGo } = door();
    const one = recorder(({ name }) => (name === 'slow' ? opened : Promise.resolve()));
    await open(one.work, { concurrency: 1 });
    const web = await open();
    await web.add(job('slow', 'same'));
    await eventually(() => expect(one.begun).toEqual(['slow#1']));
    const other = recorder();
    await open(other.work, { concurrency: 1 });
    await web.add(job('blocked', 'same'));
    await web.add(job('free', 'another'));
    await eventually(() => expect(other.ended).toEqual(['free']));
    letGo();
    await eventually(() => expect([...one.ended, ...other.ended].sort()).toEqual(['blocked', 'free', 'slow']));
    expect([...one.begun, ...other.begun]).toContain('blocked#1');
  });

  test('does not mix queues of different prefixes', async () => {
    const one = recorder();
    await open(one.work);
    prefix = randomUUID();
    const other = recorder();
    const queue = await open(other.work);
    await queue.add(job('a'));
    await eventually(() => expect(other.ended).toEqual(['a']));
    expect(one.begun).toEqual([]);
  });

  test('refuses jobs within seconds while Redis is away, and goes on by itself when it is back', async () => {
    const lines: string[] = [];
    const { work, ended } = recorder();
    const queue = await open(work, { log: (line) => void lines.push(line) });
    await queue.add(job('before'));
    await eventually(() => expect(ended).toEqual(['before']));
    await redis.kill();
    const began = Date.now();
    await expect(queue.add(job('lost'))).rejects.toThrow();
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(await queue.isHealthy()).toBe(false);
    await redis.startAgain();
    await eventually(async () => expect(await queue.isHealthy()).toBe(true));
    await queue.add(job('after'));
    await eventually(() => expect(ended).toContain('after'));
    expect(lines.filter((line) => line.startsWith('Redis cannot be reached')).length).toBeGreaterThan(0);
    expect(lines).toContain('Redis is back');
  });

  test('keeps what it took when Redis is killed, also with a job under way', async () => {
    const { opened, open: letGo } = door();
    const { work, begun, ended } = recorder(() => opened);
    const queue = await open(work, { concurrency: 1 });
    for (const name of ['a', 'b', 'c']) await queue.add(job(name));
    await eventually(() => expect(begun).toEqual(['a#1']));
    await redis.kill();
    await redis.startAgain();
    letGo();
    await eventually(() => expect([...new Set(ended)].sort()).toEqual(['a', 'b', 'c']));
    await eventually(async () => expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 }));
  });

  test('opens without Redis, refuses jobs, and works when it comes', async () => {
    await redis.kill();
    const { work, ended } = recorder();
    const queue = await open(work);
    expect(await queue.isHealthy()).toBe(false);
    await expect(queue.add(job('early'))).rejects.toThrow();
    await expect(queue.counts()).rejects.toThrow();
    await redis.startAgain();
    await eventually(async () => expect(await queue.isHealthy()).toBe(true));
    await queue.add(job('late'));
    await eventually(() => expect(ended).toContain('late'));
  });

  test('closes while Redis is away', async () => {
    const { work } = recorder();
    const queue = await open(work);
    await queue.add(job('a'));
    await redis.kill();
    const began = Date.now();
    await queue.close();
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test('finds jobs whose tickets are lost when a worker starts', async () => {
    const web = await open();
    await web.add(job('a'));
    const tickets = new TicketQueue('jobs', { connection: client(), prefix });
    await tickets.obliterate({ force: true });
    await client().del(`${prefix}:jobs:de:${idOf('a')}`);
    expect((await web.counts()).waiting).toBe(0);
    const { work, ended } = recorder();
    await open(work);
    await eventually(() => expect(ended).toEqual(['a']));
    await tickets.close();
  });

  test('leaves nothing behind but the list of failed jobs', async () => {
    const { work, ended, failed } = recorder(({ name }, { attempt }) =>
      name === 'bad' || attempt === 1 ? Promise.reject(new Error('no')) : Promise.resolve(),
    );
    const queue = await open(work, { attempts: 2 });
    await Promise.all(['a', 'b', 'bad', 'c'].map((name) => queue.add(job(name))));
    await eventually(() => expect([ended.length, failed.length]).toEqual([3, 1]));
    await eventually(async () =>
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 1 }),
    );
    const keys = (await client().keys(`${prefix}:*`)).map((key) => key.slice(prefix.length + 1));
    const failedTicket = keys.filter((key) => /^jobs:\d+$/.test(key));
    expect(failedTicket.length).toBe(1);
    const fixed = [
      'recovery',
      'jobs:events',
      'jobs:failed',
      'jobs:id',
      'jobs:marker',
      'jobs:meta',
      'jobs:stalled-check',
      'jobs:stalled',
    ];
    expect(keys.filter((key) => !fixed.includes(key))).toEqual(failedTicket);
  });

  test('gives a job up that workers keep dying at', async () => {
    const web = await open();
    await web.add(job('poison'));
    await client().hset(`${prefix}:record:${idOf('poison')}`, 'starts', 3);
    const { work, begun, failed } = recorder();
    await open(work, { maximumStarts: 3 });
    await eventually(() => expect(failed).toEqual(['poison: its process ended 3 times while it worked on this job']));
    expect(begun).toEqual([]);
  });

  test('a lease is kept for longer than its time, and is told when it is lost', async () => {
    const one = client();
    const lease = (await leaseGroup(one, prefix, 'group', 2_000))!;
    await sleep(3_000);
    expect(await leaseGroup(one, prefix, 'group', 2_000)).toBeUndefined();
    expect(lease.lost.aborted).toBe(false);
    await one.del(await one.keys(`${prefix}:group:*`));
    await eventually(() => expect(lease.lost.aborted).toBe(true));
    const next = await leaseGroup(one, prefix, 'group', 10_000);
    await lease.release();
    expect(await leaseGroup(one, prefix, 'group', 2_000)).toBeUndefined();
    await next!.release();
    const last = await leaseGroup(one, prefix, 'group', 2_000);
    await last!.release();
  });

  test('a process that stood still for longer than its lease is told so before Redis is asked', async () => {
    const lease = (await leaseGroup(client(), prefix, 'group', 100))!;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await sleep(1);
    expect(lease.lost.aborted).toBe(true);
    await lease.release();
  });
});

test('a web process without Redis, and nobody to do the jobs, is told so', async () => {
  await expect(openQueue<Task>({}, quick)).rejects.toThrow(
    'without a REDIS_URL, the process that takes jobs has to do them too',
  );
});

test('nothing listens: a job is refused within seconds', async () => {
  const queue = await openQueue<Task>({ redisUrl: `redis://127.0.0.1:${await freePort()}` }, quick);
  await expect(queue.add({ key: 'a', group: 'a', data: { name: 'a' } })).rejects.toThrow();
  await queue.close();
});
