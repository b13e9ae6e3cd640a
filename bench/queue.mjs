// The queue behind the App: jobs per second of its drivers, 1 -> 2 workers on jobs that compute, and 10,000 jobs in Redis
// with workers that are killed at random. Prints figures; judges nothing but what may never be: a job that is lost.
//
//   node bench/queue.mjs              all of it, as far as there is a redis-server (or MODEL_BUDGET_TEST_REDIS names one)
//   node bench/queue.mjs --jobs 2000  with fewer killed jobs
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const log = () => undefined;
const seconds = (began) => Number(process.hrtime.bigint() - began) / 1e9;
const nothing = { handle: async () => undefined, onFailed: async () => undefined };

async function bundle(folder) {
  const input = fileURLToPath(new URL('../src/queue/index.ts', import.meta.url));
  const build = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await build.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await build.close();
  return pathToFileURL(join(folder, 'index.mjs')).href;
}

/** A job without a group of its own would wait for others. */
const jobOf = (number, data = {}) => ({ key: `job-${number}`, group: `group-${number}`, data: { number, ...data } });

/** As webhooks come: several at a time. */
async function addAll(queue, count, data) {
  let next = 0;
  const adder = async () => {
    while (next < count) await queue.add(jobOf(next++, data));
  };
  await Promise.all(Array.from({ length: 32 }, adder));
}

async function untilEmpty(queue) {
  for (;;) {
    const { waiting, active, delayed } = await queue.counts();
    if (waiting + active + delayed === 0) return;
    await sleep(10);
  }
}

async function throughput(openQueue, name, place, count) {
  const queue = await openQueue(place, { log, concurrency: 16 }, nothing);
  const began = process.hrtime.bigint();
  await addAll(queue, count);
  const added = seconds(began);
  await untilEmpty(queue);
  const done = seconds(began);
  await queue.close();
  const rate = (time) => Math.round(count / time).toLocaleString('en');
  console.log(`  ${name.padEnd(18)} ${rate(added)} jobs/s taken, ${rate(done)} jobs/s taken and done (${count} jobs)`);
}

/** The same work on any machine, and nothing of it in the system. */
function compute(rounds) {
  let value = 1;
  for (let round = 0; round < rounds; round++) value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
  return value;
}

/** Rounds that take so many milliseconds here and now. */
function roundsFor(milliseconds) {
  const rounds = 5_000_000;
  compute(rounds);
  const before = process.cpuUsage().user;
  compute(rounds);
  return Math.round((rounds * milliseconds * 1000) / (process.cpuUsage().user - before));
}

/** What a worker process does with a job, by its data: compute for so long, or leave an effect and die now and then. */
async function work({ index, place, folder, settings }) {
  const { openQueue } = await import(index);
  const handle = async ({ number, rounds }) => {
    appendFileSync(join(folder, 'starts'), `${number}\n`);
    if (rounds !== undefined) return compute(rounds);
    await sleep(Math.random() * 4);
    writeFileSync(join(folder, 'effects', String(number)), '');
    await sleep(Math.random() * 4);
  };
  await openQueue(
    place,
    { ...settings, log },
    { handle, onFailed: async () => appendFileSync(join(folder, 'failed'), '1') },
  );
  console.log('ready');
}

async function startWorker(options) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--worker', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

const ended = (child) =>
  new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });

/** In turn, so that a machine that slows down slows both. */
async function twoWorkers(openQueue, base, folder) {
  const rounds = roundsFor(20);
  const pairs = [];
  for (let pair = 0; pair < 5; pair++) {
    const rates = [];
    for (const processes of [1, 2]) {
      const place = { ...base, redisPrefix: `compute-${pair}-${processes}` };
      rates.push(await computingRate(openQueue, { place, processes, rounds, folder }));
    }
    pairs.push(rates);
  }
  const middle = (of) => pairs.map(of).toSorted((a, b) => a - b)[Math.floor(pairs.length / 2)];
  const [one, two] = [middle((rates) => rates[0]), middle((rates) => rates[1])].map((rate) => rate.toFixed(1));
  console.log(`  jobs of 20 ms of processor: ${one} jobs/s with one worker process, ${two} with two`);
  console.log(`  ratio ${middle((rates) => rates[1] / rates[0]).toFixed(2)} (medians of ${pairs.length} pairs)`);
}

async function computingRate(openQueue, { place, processes, rounds, folder }) {
  const count = 150;
  const settings = { concurrency: 2 };
  const queue = await openQueue(place, { log });
  const start = () => startWorker({ ...options, place, folder, settings });
  const workers = await Promise.all(Array.from({ length: processes }, start));
  const began = process.hrtime.bigint();
  await addAll(queue, count, { rounds });
  await untilEmpty(queue);
  const rate = count / seconds(began);
  await Promise.all(workers.map(ended));
  await queue.close();
  return rate;
}

async function killedWorkers(openQueue, base, folder, count) {
  rmSync(join(folder, 'starts'), { force: true });
  const place = { ...base, redisPrefix: 'killed' };
  const settings = { concurrency: 8, leaseMilliseconds: 2_000, maximumStarts: 1_000 };
  const queue = await openQueue(place, { log });
  const start = () => startWorker({ ...options, place, folder, settings });
  const workers = [await start(), await start()];
  const began = process.hrtime.bigint();
  let [kills, isOver] = [0, false];
  const killing = (async () => {
    while (!isOver) {
      await sleep(500 + Math.random() * 1_500);
      const at = kills % 2;
      await ended(workers[at]);
      kills += 1;
      workers[at] = await start();
    }
  })();
  await addAll(queue, count);
  const effects = () => readdirSync(join(folder, 'effects')).length;
  while (effects() < count && seconds(began) < 600) await sleep(100);
  isOver = true;
  await killing;
  await untilEmpty(queue);
  const time = seconds(began);
  const starts = readFileSync(join(folder, 'starts'), 'utf8').trim().split('\n');
  const failed = (await queue.counts()).failed;
  await Promise.all(workers.map(ended));
  await queue.close();
  const lost = count - effects();
  console.log(`  ${count} jobs, two workers, ${kills} kills, ${time.toFixed(1)} s`);
  console.log(
    `  ${effects()} effects, ${lost} lost, ${failed} given up, ${starts.length - count} started again after a kill`,
  );
  if (lost !== 0 || failed !== 0) process.exitCode = 1;
}

const redisBinary = process.env.MODEL_BUDGET_TEST_REDIS ?? 'redis-server';

async function startRedis(folder) {
  if (spawnSync(redisBinary, ['--version']).status !== 0) return undefined;
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  const flags = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  return { server: spawn(redisBinary, flags.map(String), { stdio: 'ignore' }), redisUrl: `redis://127.0.0.1:${port}` };
}

const options = {};

async function main(args) {
  const at = args.indexOf('--jobs');
  const count = at < 0 ? 10_000 : Number(args[at + 1]);
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-queue-'));
  mkdirSync(join(folder, 'effects'));
  let redis;
  try {
    options.index = await bundle(join(folder, 'bundle'));
    const { openQueue } = await import(options.index);
    redis = await startRedis(folder);
    console.log('jobs that do nothing');
    await throughput(openQueue, 'in memory', {}, 20_000);
    await throughput(openQueue, 'with a journal', { journalFolder: join(folder, 'journal') }, 2_000);
    if (redis === undefined) return console.log('no redis-server: its driver is left out');
    const place = { redisUrl: redis.redisUrl };
    await throughput(openQueue, 'in Redis', place, 5_000);
    console.log('1 -> 2 worker processes, in Redis');
    await twoWorkers(openQueue, place, folder);
    console.log('workers killed at random, in Redis');
    await killedWorkers(openQueue, place, folder, count);
  } finally {
    if (redis) await ended(redis.server);
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--worker') await work(JSON.parse(process.argv[3]));
else await main(process.argv.slice(2));
