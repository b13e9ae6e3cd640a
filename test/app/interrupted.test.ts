/** What is killed goes on: in one process by its journal, and what never arrived is asked for. */
import { describe, expect, test } from 'vitest';
import { pullRequestEvent } from '../stand-in/events.ts';
import { appScenario, eventually, expectSound, idle } from './scenario.ts';

const slow = { timeout: 600_000 };

/** Requests of a review, from its first to its last; each is a moment to die at. */
const moments = [
  /^POST .*access_tokens/,
  /^POST .*check-runs/,
  /^GET .*git\/blobs/,
  /^PATCH .*check-runs/,
  /^POST .*comments/,
];

describe.concurrent('kill -9', slow, () => {
  test.each(moments)('before %s is answered: the check is completed and the comment is right, once', async (moment) => {
    let kill: (() => Promise<void>) | null = null;
    let killed: Promise<void> | null = null;
    const finished: (() => unknown)[] = [];
    const scenario = await appScenario((end) => void finished.push(end as () => unknown), {
      onRequest: ({ method, path }) => {
        if (kill !== null && moment.test(`${method} ${path}`)) {
          killed = kill();
          kill = null;
        }
      },
    });
    try {
      const first = await scenario.start();
      kill = first.kill;
      await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'opened' }));
      await eventually(() => expect(killed, first.log()).not.toBeNull());
      await (killed as Promise<void> | null);
      const second = await scenario.start();
      await eventually(() => {
        const own = scenario.checks().filter(({ headSha }) => headSha === scenario.headSha());
        expect(
          own.map(({ conclusion }) => conclusion),
          second.log(),
        ).toContain('failure');
        expect(
          scenario.comments().map(({ body }) => body.includes('exceeds 1 of 2')),
          second.log(),
        ).toEqual([true]);
      });
      await idle(scenario);
      expectSound(scenario);
    } finally {
      for (const end of finished) await end();
    }
  });
});

test(
  'a pull request whose webhook is lost is found, too, and a run that died long ago is ended',
  slow,
  async ({ onTestFinished }) => {
    const scenario = await appScenario(onTestFinished);
    const { state, world } = scenario.standIn;
    const app = await scenario.start();
    await eventually(() => expect(scenario.comments(), app.log()).toHaveLength(1));
    await idle(scenario);
    expect(await app.stop()).toBe(0);
    // As if a process had died in the middle, and its disk with it.
    const [check] = state.checkRuns;
    Object.assign(check!, { status: 'in_progress', conclusion: null, completedAt: null });
    await scenario.start({
      MODEL_BUDGET_DATA: `${world.git(['rev-parse', '--git-dir']).toString().trim()}/other-data`,
    });
    await eventually(() => expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']));
    await idle(scenario);
    expectSound(scenario);
  },
);

test('a webhook that came while the App was away is asked for again', slow, async ({ onTestFinished }) => {
  const scenario = await appScenario(onTestFinished);
  const event = pullRequestEvent(scenario.standIn.world, 7, { action: 'opened' });
  expect(await scenario.deliver(event)).toBeNull();
  await scenario.start();
  await eventually(() => expect(scenario.standIn.state.redeliveries).toHaveLength(1));
  await scenario.redeliver();
  await idle(scenario);
  expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']);
  expectSound(scenario);
});
