// The App under load: pull requests of many repositories at once, with results that are kept, on the in-process queue.
// Prints jobs per second of a core and by the wall, with text charts and with PNGs; judges nothing.
//
//   npm run build && node bench/app.mjs [--jobs 400] [--each 1] [--charts text|app]
//
// GitHub is a small program of its own (bench/fake-github.mjs), so that only the App's processor time counts: of all its
// threads, those that collect garbage and compile JavaScript too. `--each` pull requests are of one repository; GitHub wants a
// second between writes there, so that more of them wait for each other. `--app` names another build's app.js, to compare.
// `--profile FOLDER` writes where each of its threads spent its time, for DevTools; what the figures say is slower then.
import { spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values: given } = parseArgs({
  options: {
    jobs: { type: 'string', default: '400' },
    each: { type: 'string', default: '1' },
    charts: { type: 'string' },
    app: { type: 'string', default: path('../lib/app.js') },
    profile: { type: 'string' },
  },
});
const [jobs, each] = [Number(given.jobs), Number(given.each)];
/** Jobs before the clock starts: the first one computes, the others have its code compiled. */
const warmJobs = 100;
const secret = 'bench';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

async function started(child) {
  for await (const chunk of child.stdout) return chunk.toString().trim();
  throw new Error('it did not start');
}

async function deliver({ github, address }, job) {
  const [installation, number] = [Math.floor(job / each) + 1, (job % each) + 1];
  const repository = { owner: { login: 'acme' }, name: `r${installation}`, private: true };
  const pullRequest = await (await fetch(`${github}/repos/acme/r/pulls/${number}`)).json();
  const payload = { action: 'opened', installation: { id: installation }, repository, pull_request: pullRequest };
  const body = JSON.stringify(payload);
  const answer = await fetch(`${address}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': String(job),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  });
  if (!answer.ok) throw new Error(`the webhook was answered with ${answer.status}`);
}

/** User and system time of a process, in seconds; its peak of resident memory in bytes. Linux. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const ticksPerSecond = 100;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, peakBytes: Number(peak?.[1]) * 1024 };
}

async function until(github, count) {
  for (;;) {
    const { done, requests } = await (await fetch(`${github}/done`)).json();
    if (done >= count) return requests;
    await sleep(100);
  }
}

async function work(to, from, count) {
  for (let job = from; job < from + count; job += 1) await deliver(to, job);
  return until(to.github, from + count);
}

async function bench(name, charts) {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-bench-'));
  const fake = spawn(process.execPath, [path('./fake-github.mjs')], {
    env: { ...process.env, CHARTS: charts, PULL_REQUESTS: String(each) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const github = `http://127.0.0.1:${await started(fake)}`;
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const address = `http://127.0.0.1:${port}`;
  const to = { github, address };
  const profiling = given.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(given.profile)}`];
  const app = spawn(process.execPath, [...profiling, resolve(given.app)], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, APP_ID: '1', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: secret, PORT: String(port) },
      ...{ GITHUB_API_URL: github, GITHUB_SERVER_URL: github, PUBLIC_URL: address, HOST: '127.0.0.1' },
      ...{ MODEL_BUDGET_THREADS: '1', LOG_LEVEL: 'warn' },
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    while (!(await fetch(`${address}/healthz`).catch(() => null))?.ok) await sleep(100);
    await work(to, 0, 1);
    const asked = await work(to, 1, warmJobs - 1);
    const before = usage(app.pid);
    const began = performance.now();
    const requests = (await work(to, warmJobs, jobs)) - asked;
    const wall = (performance.now() - began) / 1000;
    const { seconds, peakBytes } = usage(app.pid);
    const core = seconds - before.seconds;
    const figures = [
      `${(jobs / core).toFixed(1)} jobs per second of a core (${((core / jobs) * 1000).toFixed(0)} ms each)`,
      `${(jobs / wall).toFixed(1)} a second by the wall`,
      `${(requests / jobs).toFixed(1)} requests each`,
      `peak ${(peakBytes / 1e6).toFixed(0)} MB`,
    ];
    console.log(`${name.padEnd(12)} ${figures.join(', ')}`);
  } finally {
    // Profiles are written at the end.
    app.kill(given.profile === undefined ? 'SIGKILL' : 'SIGTERM');
    if (app.exitCode === null && app.signalCode === null) await once(app, 'exit');
    fake.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [name, charts] of [
  ['text charts', 'text'],
  ['PNGs', 'app'],
]) {
  if (given.charts === undefined || given.charts === charts) await bench(name, charts);
}
