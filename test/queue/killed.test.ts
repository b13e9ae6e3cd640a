// kill -9 at any moment, and a restart: no job that was taken is lost, and no two of a group are under way at once.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/index.ts';
import { eventually, quick } from './recorder.ts';
import { bundledProgram, startProgram, type KilledProcess } from './killed-process.ts';
import { redisBinary, startRedis } from './redis-server.ts';

let program: string;
const folders: string[] = [];
const processes = new Set<KilledProcess>();

/** A process that waits for longer than its lease for its turn on a machine under load would rightly lose its group. */
const settings = { retryMilliseconds: 20, leaseMilliseconds: 10_000, maximumStarts: 1_000, attempts: 1_000 };
/** Names of jobs: of each third key there is a newer one, and three jobs share a group. */
const names = Array.from({ length: 90 }, (_, index) => ({
  name: `job-${index}`,
  key: `key-${index % 3 === 2 ? index - 1 : index}`,
  group: `group-${Math.floor(index / 3)}`,
}));

beforeAll(async () => {
  program = await bundledProgram();
});

afterAll(async () => {
  await Promise.all([...processes].map((one) => one.kill()));
  for (const folder of [...folders, dirname(program)]) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'queue-killed-'));
  folders.push(folder);
  return folder;
}

const start = (place: object, folder: string): KilledProcess => {
  const one = startProgram(program, { place, settings, folder, longestMilliseconds: 15 });
  processes.add(one);
  return one;
};

const listOf = (folder: string, name: string): string[] => readdirSync(join(folder, name)).sort();

/** With what was written of each, so that a failure says who met. */
function violationsIn(folder: string): string[] {
  return listOf(folder, 'violations').map(
    (name) => `${name}: ${readFileSync(join(folder, 'violations', name), 'utf8')}`,
  );
}

/** Of each key, the newest that was taken; older ones may or may not have been done. */
function expectedOf(taken: ReadonlySet<string>): string[] {
  const newest = new Map(names.filter(({ name }) => taken.has(name)).map(({ key, name }) => [key, name]));
  return [...newest.values()];
}

test('one process with a journal', { timeout: 600_000 }, async () => {
  const folder = newFolder();
  const place = { journalFolder: join(folder, 'journal') };
  const taken = new Set<string>();
  let kills = 0;
  const isOver = () => taken.size === names.length && !listOf(folder, 'journal').some((name) => name.endsWith('.json'));
  while (!isOver()) {
    const one = start(place, folder);
    await one.isReady;
    for (const { key, group, name } of names) if (!taken.has(name)) one.add(key, group, name);
    // So many jobs later, however fast the machine is: by the clock, a fast one would be through before the first kill.
    const enough = listOf(folder, 'effects').length + Math.floor(Math.random() * 12);
    while (listOf(folder, 'effects').length < enough && !isOver()) {
      await sleep(1);
      for (const name of one.taken) taken.add(name);
    }
    await sleep(Math.random() * 15);
    await one.kill();
    for (const name of one.taken) taken.add(name);
    kills += 1;
    if (kills > 200) throw new Error(`jobs are left after ${kills} restarts: ${one.errors.join('')}`);
  }
  expect(kills).toBeGreaterThan(1);
  expect(listOf(folder, 'effects')).toEqual(expect.arrayContaining(expectedOf(taken)));
  expect(violationsIn(folder)).toEqual([]);
});

test.skipIf(redisBinary === undefined)('two workers with Redis', { timeout: 600_000 }, async () => {
  const redis = await startRedis();
  const folder = newFolder();
  const place = { redisUrl: redis.url, redisPrefix: randomUUID() };
  const queue = await openQueue<{ name: string; group: string }>(place, quick);
  try {
    const pair = [start(place, folder), start(place, folder)];
    await Promise.all(pair.map((one) => one.isReady));
    const killing = (async () => {
      for (let turn = 0; turn < 12; turn++) {
        await sleep(Math.random() * 600);
        await pair[turn % 2]!.kill();
        pair[turn % 2] = start(place, folder);
      }
    })();
    for (const { key, group, name } of names) {
      await queue.add({ key, group, data: { name, group } });
      await sleep(20);
    }
    await killing;
    await eventually(async () => {
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    }, 150_000);
    expect(listOf(folder, 'effects')).toEqual(
      expect.arrayContaining(expectedOf(new Set(names.map((one) => one.name)))),
    );
    expect(violationsIn(folder)).toEqual([]);
  } finally {
    await queue.close();
    await Promise.all([...processes].map((one) => one.kill()));
    await redis.remove();
  }
});
