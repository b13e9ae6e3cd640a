/** A repository as the real Git LFS client makes and pushes it, reviewed by App and Action. */
import { execFileSync, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, type TestContext } from 'vitest';
import {
  configPath,
  fixture,
  modelPath,
  quickStartToken,
  runBuilt,
  tightConfig,
  withoutPictures,
} from '../action/scenario.ts';
import { pullRequestEvent } from '../stand-in/events.ts';
import type { Fault } from '../stand-in/faults.ts';
import { appScenario, expectSound, idle, type AppScenario } from './scenario.ts';

const slow = { timeout: 600_000, concurrent: true };

const hasClient = (() => {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

interface Pushed extends AppScenario {
  /** Objects of the server, by their id */
  readonly objects: string;
  /** Requests for bytes of objects, without those of the push */
  readonly downloads: () => readonly string[];
}

interface PushOptions {
  readonly config?: string;
  readonly faults?: readonly Fault[];
  readonly private?: boolean;
}

/** Base and change of pull request 7 are commits of a clone, pushed by git with its Git LFS hook. */
async function pushed(
  onTestFinished: TestContext['onTestFinished'],
  { config = tightConfig, ...options }: PushOptions = {},
): Promise<Pushed> {
  const objects = mkdtempSync(join(tmpdir(), 'model-budget-lfs-objects-'));
  const clone = mkdtempSync(join(tmpdir(), 'model-budget-lfs-clone-'));
  onTestFinished(() => {
    for (const folder of [objects, clone]) rmSync(folder, { recursive: true, force: true });
  });
  const scenario = await appScenario(onTestFinished, {
    lfs: { folder: objects },
    tokens: {
      token: quickStartToken,
      ada: { kind: 'user', login: 'ada', permissions: { contents: 'write' } },
    },
    private: true,
    ...options,
  });
  const { serverUrl } = scenario.standIn;
  const git = gitIn(clone, `${serverUrl.replace('//', '//ada:ada@')}/acme/detector.git/info/lfs`);
  await git('init', '--quiet', '--initial-branch=main');
  await git('lfs', 'install', '--local');
  await git('lfs', 'track', '*.onnx');
  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), content);
  };
  const commit = async (branch: string): Promise<void> => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', branch);
    await git('push', '--quiet', '--force', scenario.repository.folder, `HEAD:refs/heads/${branch}`);
  };
  write(configPath, config);
  write(modelPath, fixture('detector-nearest'));
  await commit('main');
  write(modelPath, fixture('detector-cubic'));
  await commit('change');
  expect(readdirSync(objects)).toHaveLength(2);
  const downloads = () =>
    scenario.standIn.requests
      .filter(({ method, path }) => method === 'GET' && path.startsWith('/lfs-storage/'))
      .map(({ path }) => path);
  return { ...scenario, objects, downloads };
}

/** The stand-in lives in this process, so nothing here may block it. */
function gitIn(folder: string, lfsUrl: string) {
  const settings = {
    ...{ 'user.name': 'Ada', 'user.email': 'ada@example.com', 'lfs.url': lfsUrl },
    ...{ 'lfs.locksverify': 'false', 'commit.gpgsign': 'false' },
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
  return async (...words: readonly string[]): Promise<void> => {
    await promisify(execFile)('git', [...flags, ...words], { cwd: folder, env });
  };
}

async function reviewed(given: Pushed): Promise<void> {
  const app = await given.start();
  await given.deliver(pullRequestEvent(given.standIn.world, 7, { action: 'opened' }));
  await idle(given);
  expect(given.comments(), app.log()).toHaveLength(1);
  expectSound(given);
}

describe.skipIf(!hasClient)('the real Git LFS client (skipped where there is none)', slow, () => {
  test('pushes what App and Action review: each object is fetched once', async ({ onTestFinished }) => {
    const given = await pushed(onTestFinished);
    const pointer = given.standIn.world.git(['show', `change:${modelPath}`]).toString();
    expect(pointer).toMatch(/^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:/);
    await reviewed(given);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()[0]?.body).toContain('exceeds 1 of 2 budgets');
    expect(given.downloads()).toHaveLength(2);
    expect(new Set(given.downloads()).size).toBe(2);
    const folder = mkdtempSync(join(given.objects, 'run-'));
    const run = await runBuilt(given.standIn, folder, { inputs: withoutPictures });
    expect([run.exitCode, run.outputs['worst-metric']]).toEqual([1, 'latency']);
    expect(given.downloads()).toHaveLength(4);
    expect(given.standIn.violations).toEqual([]);
  });

  test('a budget of size alone moves no bytes, and is judged', async ({ onTestFinished }) => {
    const given = await pushed(onTestFinished, {
      config: 'version: 1\ntargets: [ethos-u55-256]\nbudgets: [{ metric: size, max: 1 kB }]\n',
    });
    await reviewed(given);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()[0]?.body).toContain('exceeds its budget');
    const run = await runBuilt(given.standIn, mkdtempSync(join(given.objects, 'run-')), { inputs: withoutPictures });
    expect([run.exitCode, run.outputs.verdict, run.outputs['worst-metric']]).toEqual([1, 'fail', 'size']);
    expect(given.downloads()).toEqual([]);
    expect(given.standIn.violations).toEqual([]);
  });

  test('an object that was never pushed is named', async ({ onTestFinished }) => {
    const given = await pushed(onTestFinished);
    const oid = /sha256:(\w+)/.exec(given.standIn.world.git(['show', `change:${modelPath}`]).toString())![1]!;
    unlinkSync(join(given.objects, oid));
    await reviewed(given);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()[0]?.body).toMatch(/the server does not have it; was it pushed\?/);
  });

  test('a quota that is used up is named, with what to do', async ({ onTestFinished }) => {
    const message = 'This repository is over its data quota.';
    const given = await pushed(onTestFinished);
    given.standIn.faults.add({ path: /\/objects\/batch$/, times: 1000, status: 403, body: { message } });
    await reviewed(given);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()[0]?.body).toMatch(/403 This repository is over its data quota.*under Billing/);
  });

  test('a pointer whose size lies is not measured, by size alone neither', async ({ onTestFinished }) => {
    const given = await pushed(onTestFinished, {
      config: 'version: 1\ntargets: [ethos-u55-256]\nbudgets: [{ metric: size, max: 5 MB }]\n',
    });
    const pointer = given.standIn.world.git(['show', `change:${modelPath}`]).toString();
    given.repository.commit('change', { [modelPath]: pointer.replace(/size \d+/, 'size 12') });
    await reviewed(given);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()[0]?.body).toContain('not measured');
    expect(given.comments()[0]?.body).toMatch(/another size/);
    expect(given.downloads()).toEqual([]);
  });
});
