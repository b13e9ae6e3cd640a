/** The App where GitHub, the network or its own disk fails: the right verdict, said once. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, modelPath } from '../action/scenario.ts';
import { pullRequestEvent } from '../stand-in/events.ts';
import type { Fault } from '../stand-in/faults.ts';
import { appScenario, eventually, expectSound, idle, type AppScenario } from './scenario.ts';

const slow = { timeout: 600_000 };
const always = 1_000_000;

const opened = ({ standIn }: AppScenario) => pullRequestEvent(standIn.world, 7, { action: 'opened' });

/** As if nothing had gone wrong. */
async function expectBreachTold(given: AppScenario, deliveries = 1): Promise<void> {
  const app = await given.start();
  for (let count = 0; count < deliveries; count += 1) {
    // Where nobody answered, it is the delivery again that counts.
    await eventually(async () => expect(await given.deliver(opened(given)), app.log()).toBe(200));
  }
  await eventually(() => expect(given.comments(), app.log()).toHaveLength(1), 120);
  await idle(given);
  const conclusions = given.checks().map(({ conclusion }) => conclusion);
  expect([...new Set(conclusions)], app.log()).toEqual(['failure']);
  expect(given.checks().at(-1)?.title).toContain('models/detector.onnx exceeds 1 of 2 budgets');
  expect(given.comments().map(({ body }) => body.split('\n')[0])).toEqual([
    expect.stringContaining('exceeds 1 of 2 budgets'),
  ]);
  expectSound(given);
}

describe.concurrent('troubles that pass', slow, () => {
  test('502 once on each call', async ({ onTestFinished }) => {
    await expectBreachTold(await appScenario(onTestFinished, { failEachCallOnce: 502 }));
  });

  test('the connection breaks once each write was done', async ({ onTestFinished }) => {
    const writes = [/\/access_tokens$/, /\/check-runs$/, /\/check-runs\//, /\/issues\/7\/comments/];
    const faults = writes.flatMap((path): readonly Fault[] =>
      ['POST', 'PATCH'].map((method) => ({ method, path, drop: true, applied: true })),
    );
    await expectBreachTold(await appScenario(onTestFinished, { faults }));
  });

  test.each(['/compare/', '/git/trees/', '/git/blobs/'])('an outage that outlasts one try at %s', async (part) => {
    const finished: (() => unknown)[] = [];
    const faults = [{ method: 'GET', path: new RegExp(part), status: 503, times: 6 }];
    const given = await appScenario((end) => void finished.push(end as () => unknown), { faults });
    try {
      await expectBreachTold(given);
    } finally {
      for (const end of finished) await end();
    }
  });

  test('a text that GitHub finds too long is shortened in the check', async ({ onTestFinished }) => {
    const body = { message: 'Validation Failed', errors: [{ message: 'Body is too long' }] };
    const faults = [{ method: 'PATCH', path: /\/check-runs\//, status: 422, body }];
    const given = await appScenario(onTestFinished, { faults });
    await expectBreachTold(given);
  });

  test('a token that is revoked in the middle is replaced', async ({ onTestFinished }) => {
    let revoked = 0;
    const given = await appScenario(onTestFinished, {
      onRequest: ({ method, path }) => {
        if (revoked > 0 || method !== 'GET' || !path.includes('/git/blobs/')) return;
        revoked = given.standIn.state.tokens.size;
        given.standIn.state.tokens.clear();
      },
    });
    await expectBreachTold(given);
    expect(revoked).toBe(1);
  });

  test('a webhook that comes three times', async ({ onTestFinished }) => {
    await expectBreachTold(await appScenario(onTestFinished), 3);
  });
});

describe.concurrent('troubles that stay', slow, () => {
  test('with comments: the check is what it would be', async ({ onTestFinished }) => {
    const body = { message: 'Resource not accessible by integration' };
    const faults = [{ path: /\/comments/, status: 403, body, times: always }];
    const given = await appScenario(onTestFinished, { faults });
    await given.start();
    await given.deliver(opened(given));
    await idle(given);
    expect([given.checks().map(({ conclusion }) => conclusion), given.comments()]).toEqual([['failure'], []]);
    expectSound(given);
  });

  test('with the length of the comment: the check is what it would be', async ({ onTestFinished }) => {
    const body = { message: 'Validation Failed', errors: [{ message: 'Body is too long' }] };
    const faults = [{ method: 'POST', path: /\/comments/, status: 422, body, times: always }];
    const given = await appScenario(onTestFinished, { faults });
    await given.start();
    await given.deliver(opened(given));
    await eventually(() => expect(given.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']));
    expectSound(given);
  });

  test('with checks: the comment is what it would be, and nothing comes again', async ({ onTestFinished }) => {
    const body = { message: 'Resource not accessible by integration' };
    const faults = [{ path: /\/check-runs/, status: 403, body, times: always }];
    const given = await appScenario(onTestFinished, { faults });
    const app = await given.start();
    await given.deliver(opened(given));
    await eventually(() => expect(given.comments(), app.log()).toHaveLength(1));
    // Once more: without a check nobody says who writes here, and the comment is found all the same.
    await given.deliver(opened(given));
    const isDone = /"msg":"[^"]*exceeds 1 of 2 budgets[^"]*\(failure\)"/g;
    await eventually(() => expect([...app.log().matchAll(isDone)], app.log()).toHaveLength(2));
    const nothingWaits = /^model_budget_queue_jobs\{state="active"\} 0$/m;
    await eventually(async () => expect(await (await fetch(`${given.address}/metrics`)).text()).toMatch(nothingWaits));
    expect(given.checks()).toEqual([]);
    expect(given.comments().map(({ body: text }) => text.split('\n')[0])).toEqual([
      expect.stringContaining('exceeds 1 of 2 budgets'),
    ]);
    // What looks for missed checks may break, and come again; the review does not.
    expect(app.log()).not.toMatch(/"job":"review","attempt"/);
    expectSound(given);
  });
});

describe.concurrent('in quick succession', slow, () => {
  test('two pushes: the second counts', async ({ onTestFinished }) => {
    const given = await appScenario(onTestFinished);
    const first = given.headSha();
    await given.start();
    await given.deliver(opened(given));
    const second = given.repository.commit('change', { [modelPath]: fixture('detector-nearest'), 'a.txt': 'a' });
    await given.deliver(pullRequestEvent(given.standIn.world, 7, { action: 'synchronize', before: first }));
    const third = given.repository.commit('change', { [modelPath]: fixture('detector-cubic') });
    await given.deliver(pullRequestEvent(given.standIn.world, 7, { action: 'synchronize', before: second }));
    await idle(given);
    // Whatever the first job saw: it looks at what the head is when it begins.
    const onThird = given.checks().filter(({ headSha }) => headSha === third);
    expect([...new Set(onThird.map(({ conclusion }) => conclusion))]).toEqual(['failure']);
    expect(given.comments().map(({ body }) => body.includes(`head=${third} -->`))).toEqual([true]);
    expectSound(given);
  });

  test('a job that the queue could not take is answered with 500, and taken when it comes again', async ({
    onTestFinished,
  }) => {
    const given = await appScenario(onTestFinished);
    const data = join(given.folder, 'data');
    const app = await given.start();
    renameSync(join(data, 'journal'), join(data, 'away'));
    writeFileSync(join(data, 'journal'), '');
    expect(await given.deliver(opened(given)), app.log()).toBe(500);
    rmSync(join(data, 'journal'));
    renameSync(join(data, 'away'), join(data, 'journal'));
    const { deliveries, redeliveries } = given.standIn.state;
    redeliveries.push(deliveries.at(-1)!.id);
    await given.redeliver();
    expect(deliveries.at(-1)?.status).toBe(200);
    await idle(given);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()).toHaveLength(1);
    expectSound(given);
  });
});
