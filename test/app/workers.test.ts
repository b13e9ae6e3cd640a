/** With Redis: one process takes webhooks in, others do the work, and one that dies is replaced by another. */
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { redisBinary, startRedis } from '../queue/redis-server.ts';
import { pullRequestEvent } from '../stand-in/events.ts';
import { appScenario, environmentOf, eventually, expectSound, startProcess, type AppProcess } from './scenario.ts';

test.skipIf(redisBinary === undefined)(
  'a worker that is killed in the middle of a review leaves it to another one',
  { timeout: 600_000 },
  async ({ onTestFinished }) => {
    const redis = await startRedis();
    const workers: AppProcess[] = [];
    let kill: (() => Promise<void>) | null = null;
    const scenario = await appScenario(onTestFinished, {
      onRequest: async ({ method, path }) => {
        if (kill === null || method !== 'PATCH' || !path.includes('check-runs')) return;
        const killing = kill;
        kill = null;
        await killing();
      },
    });
    const folder = mkdtempSync(join(tmpdir(), 'model-budget-workers-'));
    onTestFinished(async () => {
      for (const worker of workers) await worker.kill();
      await redis.remove();
      rmSync(folder, { recursive: true, force: true });
    });
    const startWorker = (name: string): AppProcess => {
      const environment = { ...environmentOf(scenario.standIn, scenario.app), REDIS_URL: redis.url };
      const worker = startProcess('worker.js', { ...environment, MODEL_BUDGET_DATA: join(folder, name) }, folder);
      workers.push(worker);
      return worker;
    };
    const app = await scenario.start({ REDIS_URL: redis.url, MODEL_BUDGET_WORKERS: 'elsewhere' });
    const first = startWorker('one');
    kill = first.kill;
    await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'opened' }));
    await eventually(() => expect(kill, first.log()).toBeNull(), 120);
    const second = startWorker('two');
    await eventually(() => {
      const own = scenario.checks().map(({ status, conclusion }) => [status, conclusion]);
      expect(own, `${app.log()}\n${second.log()}`).toContainEqual(['completed', 'failure']);
      expect(own.every(([status]) => status === 'completed')).toBe(true);
      expect(scenario.comments()).toHaveLength(1);
    }, 150);
    expectSound(scenario);
    // In order: what is at work is finished.
    expect(await second.stop()).toBe(0);
    expect(await app.stop()).toBe(0);
  },
);
