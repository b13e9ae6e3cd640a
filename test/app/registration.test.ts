/** As a new administrator does it: nothing but Node, the page, and the file that it writes. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { registrationCode } from '../stand-in/routes/apps.ts';
import { pullRequestEvent } from '../stand-in/events.ts';
import { appScenario, eventually, expectSound, idle, startProcess, type AppScenario } from './scenario.ts';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, '.app', 'app.js');

interface Manifest {
  readonly hook_attributes: { readonly url: string };
  readonly redirect_url: string;
  readonly public: boolean;
  readonly default_permissions: Readonly<Record<string, string>>;
}

describe('an App that is not registered', { timeout: 600_000 }, () => {
  test('is registered by its page, and reviews when it is started again', async ({ onTestFinished }) => {
    const scenario = await appScenario(onTestFinished);
    const { address, folder, standIn } = scenario;
    for (const file of ['app.yml', 'package.json']) copyFileSync(join(root, file), join(folder, file));
    const app = startProcess('app.js', surroundings(scenario), folder);
    onTestFinished(app.kill);
    const page = await pageOf(`${address}/probot`, app.log);
    expect(page).toContain(`action="${standIn.serverUrl}/organizations/acme/settings/apps/new"`);
    const { redirect_url: back, ...manifest } = manifestIn(page);
    expect(manifest).toMatchObject({
      hook_attributes: { url: 'https://budget.example.org/api/github/webhooks' },
      public: false,
      default_permissions: { contents: 'read', checks: 'write', pull_requests: 'write' },
    });
    expect(manifest.default_permissions).not.toHaveProperty('administration');
    expect(back).toBe(`${address}/probot/setup`);
    expect((await fetch(back)).status).toBe(400);
    const sent = await fetch(`${back}?code=${registrationCode}`, { redirect: 'manual' });
    expect([sent.status, sent.headers.get('location')], app.log()).toEqual([
      302,
      `${standIn.serverUrl}/apps/${scenario.app.identity.slug}/installations/new`,
    ]);
    const environment = join(folder, '.env');
    expect(readFileSync(environment, 'utf8')).toContain('BEGIN RSA PRIVATE KEY');
    expect((statSync(environment).mode & 0o077).toString(8)).toBe('0');
    expect(app.log()).not.toContain(scenario.app.privateKey.slice(40, 80));
    await app.stop();
    await startAgain(scenario, onTestFinished);
    await scenario.deliver(pullRequestEvent(standIn.world, 7, { action: 'opened' }));
    await idle(scenario);
    expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']);
    expect(scenario.comments()).toHaveLength(1);
    expectSound(scenario);
  });

  test.each([
    ['in a folder without its app.yml', {}, 'run this in the folder of its app.yml'],
    ['in production', { NODE_ENV: 'production' }, 'start it without NODE_ENV=production'],
  ])('says %s what to do in one line', (_where, environment, words) => {
    const folder = mkdtempSync(join(tmpdir(), 'model-budget-app-'));
    try {
      const env = { PATH: process.env.PATH, ...environment };
      const { status, stdout, stderr } = spawnSync(process.execPath, [program], { cwd: folder, env, encoding: 'utf8' });
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(new RegExp(`^.*${words}\\.?\n$`));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function surroundings({ standIn, address }: AppScenario): Record<string, string> {
  return {
    GHE_HOST: new URL(standIn.serverUrl).host,
    GHE_PROTOCOL: 'http',
    GH_ORG: 'acme',
    PUBLIC_URL: 'https://budget.example.org/',
    HOST: '127.0.0.1',
    PORT: new URL(address).port,
    MODEL_BUDGET_THREADS: '1',
  };
}

async function pageOf(address: string, log: () => string): Promise<string> {
  let page = '';
  await eventually(async () => {
    const answer = await fetch(address).catch(() => null);
    expect(answer?.status, log()).toBe(200);
    page = await answer!.text();
  });
  return page;
}

function manifestIn(page: string): Manifest {
  return JSON.parse(/ value='([^']+)'/.exec(page)?.[1] ?? '') as Manifest;
}

async function startAgain(scenario: AppScenario, onTestFinished: (work: () => Promise<void>) => void): Promise<void> {
  const again = startProcess('app.js', surroundings(scenario), scenario.folder);
  onTestFinished(again.kill);
  await eventually(async () => {
    const answer = await fetch(`${scenario.address}/healthz`).catch(() => null);
    expect(answer?.status, again.log()).toBe(200);
  });
}
