// The App under load: pull requests of many installations at once, with results that are kept, on the in-process queue.
// Prints jobs per second, by the wall and per second of one core, with text charts and with PNGs; judges nothing.
//
//   npm run build && node bench/app.mjs [--jobs 400]
//
// GitHub is a small program of its own (bench/fake-github.mjs), so that only the App's processor time counts. Each pull request is of
// another installation: GitHub wants a second between writes of one.
import { spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const argument = process.argv.indexOf('--jobs');
const jobs = argument === -1 ? 400 : Number(process.argv[argument + 1]);
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
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

async function deliver(address, number) {
  const repository = { owner: { login: 'acme' }, name: `r${number}`, private: true };
  const payload = { action: 'opened', installation: { id: number }, repository, pull_request: { number: 1 } };
  const body = JSON.stringify(payload);
  const answer = await fetch(`${address}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': String(number),
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
    const { done } = await (await fetch(`${github}/done`)).json();
    if (done >= count) return;
    await sleep(100);
  }
}

async function bench(name, charts) {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-bench-'));
  const fake = spawn(process.execPath, [path('./fake-github.mjs')], {
    env: { ...process.env, CHARTS: charts },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const github = `http://127.0.0.1:${await started(fake)}`;
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const address = `http://127.0.0.1:${port}`;
  const app = spawn(process.execPath, [path('../lib/app.js')], {
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
    // The first one computes, and warms up.
    for (let number = 1; number <= 20; number += 1) await deliver(address, number);
    await until(github, 20);
    const before = usage(app.pid);
    const began = performance.now();
    for (let number = 21; number <= jobs + 20; number += 1) await deliver(address, number);
    const taken = (performance.now() - began) / 1000;
    await until(github, jobs + 20);
    const wall = (performance.now() - began) / 1000;
    const { seconds, peakBytes } = usage(app.pid);
    const core = seconds - before.seconds;
    const figures = [
      `${(jobs / core).toFixed(1)} jobs per second of a core`,
      `${(jobs / wall).toFixed(1)} a second by the wall`,
      `webhooks taken in ${((taken / jobs) * 1000).toFixed(1)} ms each`,
      `peak ${(peakBytes / 1e6).toFixed(0)} MB`,
    ];
    console.log(`${name.padEnd(12)} ${figures.join(', ')}`);
  } finally {
    app.kill('SIGKILL');
    fake.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

await bench('text charts', 'text');
await bench('PNGs', 'app');
