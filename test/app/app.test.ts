/** The App from a webhook to the check and the comment, as a process against the stand-in. */
import { describe, expect, test } from 'vitest';
import { configPath, fixture, looseConfig, modelPath, tightConfig } from '../action/scenario.ts';
import { readPage } from '../../src/report/html/read.ts';
import { mergeGroupEvent, pullRequestEvent } from '../stand-in/events.ts';
import { appScenario, expectSound, idle, type AppScenario } from './scenario.ts';

const slow = { timeout: 600_000 };

const opened = ({ standIn }: AppScenario) => pullRequestEvent(standIn.world, 7, { action: 'opened' });

const firstLines = ({ comments }: AppScenario) => comments().map(({ body }) => body.split('\n')[0]);

const config = (line: string): string => `${tightConfig}${line}\n`;

describe.concurrent('a pull request', slow, () => {
  test('that breaks a budget has its check and its comment; the webhook is answered at once', async ({
    onTestFinished,
  }) => {
    const scenario = await appScenario(onTestFinished);
    const app = await scenario.start();
    const began = performance.now();
    const status = await scenario.deliver(opened(scenario));
    expect([status, performance.now() - began < 9000]).toEqual([200, true]);
    await idle(scenario);
    const checks = scenario.checks().map(({ name, conclusion, headSha }) => [name, conclusion, headSha]);
    expect(checks, app.log()).toEqual([['model-budget', 'failure', scenario.headSha()]]);
    expect(firstLines(scenario)).toEqual([expect.stringContaining('exceeds 1 of 2 budgets')]);
    expectSound(scenario);
    // A redelivery, or a push that changes nothing, says nothing again.
    const written = scenario.comments()[0]?.updatedAt;
    await scenario.deliver(opened(scenario));
    await idle(scenario);
    expect([scenario.comments().length, scenario.comments()[0]?.updatedAt]).toEqual([1, written]);
    expectSound(scenario);
    for (const secret of [scenario.app.secret, scenario.app.privateKey.slice(40, 80), 'ghs_']) {
      expect(app.log()).not.toContain(secret);
    }
  });

  test('from a fork is reviewed as any other', async ({ onTestFinished }) => {
    const scenario = await appScenario(onTestFinished, {
      pullRequests: [{ number: 7, head: { ref: 'change', fork: 'ada/detector' }, base: 'main' }],
    });
    scenario.standIn.world.git(['update-ref', 'refs/forks/ada/change', 'refs/heads/change']);
    await scenario.start();
    await scenario.deliver(opened(scenario));
    await idle(scenario);
    expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']);
    expect(scenario.comments()).toHaveLength(1);
    expectSound(scenario);
  });

  test('has its page under an address that nobody can guess, which reaches nothing of the App', async ({
    onTestFinished,
  }) => {
    const scenario = await appScenario(onTestFinished);
    await scenario.start({ PUBLIC_URL: scenario.address });
    await scenario.deliver(opened(scenario));
    await idle(scenario);
    const link = /\[\*\*Open the report\*\*\]\(([^)]+)\)/;
    const address = link.exec(scenario.comments()[0]?.body ?? '')?.[1] ?? '';
    expect(address).toMatch(new RegExp(`^${scenario.address}/pages/[\\w-]{43}$`));
    expect(link.exec(scenario.checks()[0]?.summary ?? '')?.[1]).toBe(address);
    const answer = await fetch(address);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox allow-scripts allow-downloads;');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const { report } = readPage(await answer.text());
    expect(report.report.models.map(({ path }) => path)).toEqual([modelPath]);
    expect(report.link).toMatch(/\/pull\/7$/);
    expect((await fetch(`${address.slice(0, -1)}${address.endsWith('A') ? 'B' : 'A'}`)).status).toBe(404);
    // A push that leaves the model alone: the earlier result brings what the page needs.
    const before = scenario.headSha();
    scenario.repository.commit('change', { 'README.md': 'words' });
    await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'synchronize', before }));
    await idle(scenario);
    const later = link.exec(scenario.comments()[0]?.body ?? '')?.[1] ?? '';
    expect(later).not.toBe(address);
    expect((await fetch(later)).status).toBe(200);
    expectSound(scenario);
  });

  test('has pictures under addresses that nobody can guess, where the App knows its own', async ({
    onTestFinished,
  }) => {
    const scenario = await appScenario(onTestFinished, {
      base: { [modelPath]: fixture('detector-nearest'), [configPath]: config('charts: app') },
    });
    await scenario.start({ PUBLIC_URL: scenario.address });
    await scenario.deliver(opened(scenario));
    await idle(scenario);
    const [comment] = scenario.comments();
    const addresses = [...(comment?.body ?? '').matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, address]) =>
      // As a browser reads it.
      address!.replaceAll('&#95;', '_'),
    );
    expect(addresses.length).toBeGreaterThanOrEqual(2);
    for (const address of addresses) {
      expect(address).toMatch(new RegExp(`^${scenario.address}/pictures/[\\w-]{43}\\.png$`));
      const answer = await fetch(address);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(
        Buffer.from(await answer.arrayBuffer())
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
    }
    // The check shows the light ones, too.
    const [check] = scenario.checks();
    const shown = check?.images.map((image) => (image as { image_url: string }).image_url) ?? [];
    expect(shown.length).toBeGreaterThanOrEqual(1);
    expect(shown.every((address) => addresses.includes(address))).toBe(true);
    expect([check?.conclusion, check?.summary?.includes('exceeds 1 of 2 budgets')]).toEqual(['failure', true]);
    const guessed = addresses[0]!.replace(/[\w-]{43}\.png$/, `${'A'.repeat(43)}.png`);
    expect((await fetch(guessed)).status).toBe(404);
    expectSound(scenario);
  });

  test('leaves its comment to the Action where that is set up, and keeps its own check', async ({ onTestFinished }) => {
    const workflow = 'on: pull_request\njobs: { review: { steps: [{ uses: acme/model-budget@v1 }] } }\n';
    const scenario = await appScenario(onTestFinished, {
      base: {
        [modelPath]: fixture('detector-nearest'),
        [configPath]: tightConfig,
        '.github/workflows/budget.yml': workflow,
      },
    });
    await scenario.start();
    await scenario.deliver(opened(scenario));
    await idle(scenario);
    expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']);
    expect(scenario.comments()).toEqual([]);
    expectSound(scenario);
  });

  test('that is closed leaves its head to the others that have it', async ({ onTestFinished }) => {
    const scenario = await appScenario(onTestFinished, {
      base: { [modelPath]: fixture('detector-nearest'), [configPath]: looseConfig },
      pullRequests: [
        { number: 7, head: { ref: 'change' }, base: 'main' },
        { number: 8, head: { ref: 'change' }, base: 'strict' },
      ],
    });
    scenario.repository.commit('strict', { [configPath]: tightConfig }, { from: 'main' });
    await scenario.start();
    await scenario.deliver(opened(scenario));
    await idle(scenario);
    expect(scenario.checks().at(-1)?.conclusion).toBe('failure');
    const strict = scenario.standIn.state.pullRequests.find(({ number }) => number === 8)!;
    const closing = pullRequestEvent(scenario.standIn.world, 8, { action: 'reopened' });
    strict.state = 'closed';
    await scenario.deliver({ ...closing, payload: { ...closing.payload, action: 'closed' } });
    await idle(scenario);
    expect(scenario.checks().at(-1)?.conclusion).toBe('success');
    expectSound(scenario);
  });
});

describe.concurrent('events', slow, () => {
  test('that nobody signed are refused', async ({ onTestFinished }) => {
    const scenario = await appScenario(onTestFinished, { pullRequests: [] });
    await scenario.start();
    const hook = `${scenario.address}/api/github/webhooks`;
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': 'one',
      'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
    };
    const forged = await fetch(hook, { method: 'POST', headers, body: JSON.stringify(opened.name) });
    expect(forged.status).toBe(400);
    await idle(scenario);
    expect(scenario.checks()).toEqual([]);
  });

  test('of a merge queue get their check on the group', async ({ onTestFinished }) => {
    const scenario = await appScenario(onTestFinished);
    await scenario.start();
    const event = mergeGroupEvent(scenario.standIn.world, [7]);
    await scenario.deliver(event);
    await idle(scenario);
    const onGroup = scenario.checks().filter(({ headSha }) => headSha === event.sha);
    expect(onGroup.map(({ conclusion }) => conclusion)).toEqual(['failure']);
    expectSound(scenario);
  });
});
