/** The App from a webhook to the check and the comment. */
import { describe, expect, test } from 'vitest';
import { pullRequestEvent } from '../stand-in/events.ts';
import { appScenario, expectSound, idle } from './scenario.ts';

describe('a pull request', { timeout: 120_000 }, () => {
  test('that breaks a budget has its check and its comment; the webhook is answered at once', async ({
    onTestFinished,
  }) => {
    const scenario = await appScenario(onTestFinished);
    const app = await scenario.start();
    const began = performance.now();
    const status = await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'opened' }));
    expect([status, performance.now() - began < 5000]).toEqual([200, true]);
    await idle(scenario).catch((error: unknown) => {
      throw new Error(app.log(), { cause: error });
    });
    const [check, ...others] = scenario.checks();
    expect(others, app.log()).toEqual([]);
    expect(check, app.log()).toMatchObject({
      name: 'model-budget',
      conclusion: 'failure',
      headSha: scenario.headSha(),
    });
    expect(scenario.comments().map(({ body }) => body.split('\n')[0])).toEqual([
      expect.stringContaining('exceeds 1 of 2 budgets'),
    ]);
    expectSound(scenario);
  });
});
