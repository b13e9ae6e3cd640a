/** A repository on the stand-in with the App installed, and the built App as a process, as an administrator runs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, type TestContext } from 'vitest';
import { startWithChange } from '../action/scenario.ts';
import { freePort } from '../free-port.ts';
import type { WorkflowEvent } from '../stand-in/events.ts';
import type { Changes, GitRepository } from '../stand-in/git-repository.ts';
import { deliver, makeApp, send, type TestApp } from '../stand-in/installed-app.ts';
import type { StandInOptions } from '../stand-in/options.ts';
import type { StandIn } from '../stand-in/stand-in.ts';
import type { CheckRun, Comment } from '../stand-in/state.ts';

const root = join(import.meta.dirname, '..', '..');

export interface AppScenario {
  readonly repository: GitRepository;
  readonly standIn: StandIn;
  readonly app: TestApp;
  /** `http://127.0.0.1:4567` */
  readonly address: string;
  /** Where it runs; `data` below it is the App's. */
  readonly folder: string;
  readonly start: (environment?: Readonly<Record<string, string>>) => Promise<AppProcess>;
  /** Sends an event; what the App answered, null where there is none. */
  readonly deliver: (event: Pick<WorkflowEvent, 'name' | 'payload'>) => Promise<number | null>;
  /** Sends again what the App asked for. */
  readonly redeliver: () => Promise<void>;
  readonly comments: () => readonly Comment[];
  readonly checks: () => readonly CheckRun[];
  readonly headSha: () => string;
}

export interface AppProcess {
  /** Everything it has printed. */
  readonly log: () => string;
  /** As `kill -9` does. */
  readonly kill: () => Promise<void>;
  /** As a service manager does; its exit code. */
  readonly stop: () => Promise<number | null>;
}

export interface AppScenarioOptions extends Partial<Omit<StandInOptions, 'gitFolder' | 'repository' | 'app'>> {
  readonly base?: Changes;
  readonly change?: Changes;
  readonly app?: TestApp;
}

/** `main` holds a detector and a config that its change breaks, which is pull request 7. */
export async function appScenario(
  onTestFinished: TestContext['onTestFinished'],
  options: AppScenarioOptions = {},
): Promise<AppScenario> {
  const { app = makeApp(), ...others } = options;
  const { repository, standIn } = await startWithChange({ app, ...others });
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-app-'));
  const port = await freePort();
  const running: AppProcess[] = [];
  onTestFinished(async () => {
    for (const one of running) await one.kill();
    await standIn.close();
    repository.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const address = `http://127.0.0.1:${port}`;
  const hook = `${address}/api/github/webhooks`;
  const { world } = standIn;
  return {
    ...{ repository, standIn, app, address, folder },
    start: async (environment = {}) => {
      const settings = { ...environmentOf(standIn, app), PORT: String(port), MODEL_BUDGET_DATA: join(folder, 'data') };
      const one = startProcess('app.js', { ...settings, ...environment }, folder);
      running.push(one);
      await answering(address, one);
      return one;
    },
    deliver: (event) => deliver(world, app, hook, event),
    redeliver: async () => {
      for (const id of world.state.redeliveries.splice(0)) {
        await send(
          world,
          app,
          hook,
          world.state.deliveries.find((one) => one.id === id)!,
        );
      }
    },
    comments: () => [...standIn.state.comments],
    checks: () => [...standIn.state.checkRuns],
    headSha: () => world.git(['rev-parse', 'refs/heads/change']).toString().trim(),
  };
}

export function environmentOf({ apiUrl, serverUrl }: StandIn, app: TestApp): Readonly<Record<string, string>> {
  return {
    APP_ID: String(app.identity.id),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: app.secret,
    GITHUB_API_URL: apiUrl,
    GITHUB_SERVER_URL: serverUrl,
    HOST: '127.0.0.1',
    MODEL_BUDGET_THREADS: '1',
  };
}

/** @param script of the built App: `app.js` or `worker.js` */
export function startProcess(
  script: string,
  environment: Readonly<Record<string, string>>,
  folder: string,
): AppProcess {
  const child = spawn(process.execPath, [join(root, '.app', script)], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  return {
    log: () => text,
    kill: () => ended(child, 'SIGKILL').then(() => undefined),
    stop: () => ended(child, 'SIGTERM'),
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}

async function answering(address: string, app: AppProcess): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${address}/healthz`).catch(() => null);
    expect(answer?.status, app.log()).toBe(200);
  });
}

/** Asks again until it holds; a machine under load needs minutes for what takes seconds. */
export async function eventually(holds: () => void | Promise<void>, seconds = 300): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await wait(100);
    }
  }
}

/** No job waits or is at work; asks for as long as `eventually`. */
export async function idle({ address }: AppScenario, seconds?: number): Promise<void> {
  await eventually(async () => {
    const text = await (await fetch(`${address}/metrics`)).text();
    const counts = [...text.matchAll(/^model_budget_queue_jobs\{state="(waiting|active|delayed)"\} (\d+)$/gm)];
    expect(counts.map(([, , count]) => count)).toEqual(['0', '0', '0']);
  }, seconds);
}

/** What must hold in the end, whatever went wrong: no open check on a head, one comment on each pull request at most, only valid calls. */
export function expectSound({ standIn, comments, checks }: AppScenario): void {
  expect(standIn.violations).toEqual([]);
  expect(checks().filter(({ status }) => status !== 'completed')).toEqual([]);
  const own = comments().filter(({ body, author }) => author.app !== null && /model-budget:v1 id=\S+ head=/.test(body));
  expect(own.map(({ pullNumber }) => pullNumber)).toEqual([...new Set(own.map(({ pullNumber }) => pullNumber))]);
}
