/** Odd repositories, and odd moments, through the App. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { configPath, fixture, looseConfig, modelPath, tightConfig } from '../action/scenario.ts';
import { pullRequestEvent } from '../stand-in/events.ts';
import type { PullRequestOptions } from '../stand-in/options.ts';
import { appScenario, eventually, expectSound, idle, type AppScenario } from './scenario.ts';

const slow = { timeout: 600_000 };

const [nearest, cubic] = [fixture('detector-nearest'), fixture('detector-cubic')];

const opened = ({ standIn }: AppScenario, number = 7) => pullRequestEvent(standIn.world, number, { action: 'opened' });

/** Head branch -> base branch, numbered from 7. */
const between = (...branches: readonly (readonly [string, string, { readonly draft?: boolean }?])[]) =>
  branches.map(([ref, base, more], index): PullRequestOptions => ({ number: 7 + index, head: { ref }, base, ...more }));

/** Conclusion of the check on the head, and the first line of the comment. */
function seen({ standIn, checks, comments }: AppScenario, number: number): readonly [string | null, string | null] {
  const { headRef } = standIn.state.pullRequests.find((one) => one.number === number)!;
  const head = standIn.world
    .git(['rev-parse', `refs/heads/${headRef}`])
    .toString()
    .trim();
  const conclusions = checks().filter(({ headSha }) => headSha === head);
  const comment = comments().find(({ pullNumber }) => pullNumber === number);
  return [conclusions.at(-1)?.conclusion ?? null, comment?.body.split('\n')[0] ?? null];
}

const says = (text: string): unknown => expect.stringContaining(text);

describe.concurrent('odd repositories', slow, () => {
  test('what looks like a model and is none is named; a link to one is that one', async ({ onTestFinished }) => {
    const given = await appScenario(onTestFinished, {
      base: {
        [configPath]: 'version: 1\ntargets: [ethos-u55-256]\nbudgets: [{ metric: size, max: 5 MB }]\n',
        'store/detector.onnx': nearest,
        'models/taken.onnx': nearest,
      },
      change: {
        'models/submodule.onnx': { submodule: '1'.repeat(40) },
        'models/away.onnx': { link: '../../../etc/passwd' },
        'models/large.onnx': Buffer.alloc(100_000_001),
        'models/link.onnx': { link: '../store/detector.onnx' },
        'models/taken.onnx': { link: 'taken.onnx' },
      },
    });
    await given.start();
    await given.deliver(opened(given));
    await idle(given);
    expect(seen(given, 7)[0]).toBe('failure');
    const { body } = given.comments()[0]!;
    for (const name of ['submodule', 'away', 'taken']) {
      expect(body).toContain(`models/${name}.onnx: not a regular file there (a link or a submodule)`);
    }
    expect(body).toContain("larger than the 100 MB that GitHub's API gives out; store it with Git LFS");
    expect(body).not.toContain('models/link.onnx: ');
    expectSound(given);
  });

  test('drafts, stacks, release branches, renamed, deleted and no models, a broken config', async ({
    onTestFinished,
  }) => {
    const given = await appScenario(onTestFinished, {
      pullRequests: between(
        ['change', 'main', { draft: true }],
        ['stacked', 'change'],
        ['backport', 'release/1'],
        ['renamed', 'main'],
        ['deleted', 'main'],
        ['text', 'main'],
        ['unlucky', 'broken'],
      ),
    });
    const { repository, standIn } = given;
    repository.commit('stacked', { 'models/second.onnx': nearest }, { from: 'change' });
    repository.commit('release/1', { [configPath]: looseConfig }, { from: 'main' });
    repository.commit('backport', { [modelPath]: cubic }, { from: 'release/1' });
    repository.commit('renamed', { [modelPath]: null, 'models/other.onnx': nearest }, { from: 'main' });
    repository.commit('deleted', { [modelPath]: null }, { from: 'main' });
    repository.commit('text', { 'README.md': 'read me' }, { from: 'main' });
    repository.commit('broken', { [configPath]: 'version: 1\nbudgets: [{ metric: beauty }]\n' }, { from: 'main' });
    repository.commit('unlucky', { [modelPath]: cubic }, { from: 'broken' });
    const app = await given.start();
    const numbers = [7, 8, 9, 10, 11, 12, 13];
    for (const number of numbers) await given.deliver(opened(given, number));
    // Writes of one installation keep the distance that GitHub asks for.
    await idle(given, 200);
    const expected = {
      7: ['failure', says('exceeds 1 of 2 budgets')],
      // What the branch below it did is not its doing.
      8: ['success', says('')],
      9: ['success', says('')],
      10: ['success', says('')],
      11: ['success', says('')],
      12: ['success', null],
      // For everybody's pull request: the check says so, comments would be noise.
      13: ['failure', null],
    };
    expect(Object.fromEntries(numbers.map((number) => [number, seen(given, number)])), app.log()).toEqual(expected);
    const bodyOf = (number: number) => given.comments().find(({ pullNumber }) => pullNumber === number)?.body ?? '';
    expect(bodyOf(8)).toContain('models/second.onnx');
    expect(bodyOf(8)).not.toContain(modelPath);
    expect(bodyOf(10)).toContain('models/other.onnx');
    expect(bodyOf(11)).toContain(modelPath);
    expect(
      given.checks().find(({ conclusion, title }) => conclusion === 'failure' && title?.includes('could not be read')),
    ).toBeDefined();
    expectSound(given);
    standIn.state.pullRequests.find(({ number }) => number === 7)!.draft = false;
    const before = given.comments().length;
    await given.deliver(pullRequestEvent(standIn.world, 7, { action: 'ready_for_review' }));
    await idle(given);
    expect([seen(given, 7)[0], given.comments().length]).toEqual(['failure', before]);
    expectSound(given);
  });
});

describe.concurrent('odd moments and places', slow, () => {
  test('a second pull request of the same head, into a stricter branch, while the first one is reviewed', async ({
    onTestFinished,
  }) => {
    let isHeld = false;
    const isStrict = () => given.checks().some(({ conclusion }) => conclusion === 'failure');
    const given = await appScenario(onTestFinished, {
      base: { [modelPath]: nearest, [configPath]: looseConfig },
      pullRequests: between(['change', 'main'], ['change', 'strict']),
      onRequest: async ({ method, path }) => {
        if (isHeld || method !== 'GET' || !path.includes('/compare/')) return;
        // It has listed the pull requests with its head by then.
        isHeld = true;
        for (const end = Date.now() + 150_000; !isStrict() && Date.now() < end;) await wait(100);
      },
    });
    given.repository.commit('strict', { [configPath]: tightConfig }, { from: 'main' });
    const second = given.standIn.state.pullRequests.find(({ number }) => number === 8)!;
    second.state = 'closed';
    const app = await given.start();
    await given.deliver(opened(given, 7));
    await eventually(() => expect(isHeld, app.log()).toBe(true));
    second.state = 'open';
    await given.deliver(opened(given, 8));
    await idle(given, 220);
    // What the first one knew too late is not the last word, whichever of the check runs on the head counts.
    expect(
      given.checks().map(({ conclusion, externalId }) => [conclusion, externalId]),
      app.log(),
    ).toEqual([
      ['success', 'model-budget-app #7'],
      ['failure', 'model-budget-app #8'],
      ['failure', 'model-budget-app #7'],
    ]);
    const bodyOf = (number: number) => given.comments().find(({ pullNumber }) => pullNumber === number)?.body ?? '';
    expect(bodyOf(7)).toContain('pull request #8 into `strict`');
    expect(bodyOf(8)).toContain('exceeds 1 of 2 budgets');
    expectSound(given);
  });

  test('a push by force between webhook and work, and one in the middle of it', async ({ onTestFinished }) => {
    let hasMoved = false;
    const given = await appScenario(onTestFinished, {
      onRequest: ({ method, path }) => {
        if (hasMoved || method !== 'POST' || !path.endsWith('/check-runs')) return;
        hasMoved = true;
        given.repository.reset('change', good);
      },
    });
    const { repository, standIn } = given;
    const first = given.headSha();
    const event = opened(given);
    const good = repository.commit('good', { 'models/new.onnx': nearest }, { from: 'main' });
    const second = repository.commit('second', { [modelPath]: cubic, 'README.md': 'again' }, { from: 'main' });
    repository.reset('change', second);
    const app = await given.start();
    await given.deliver(event);
    await eventually(() => expect(hasMoved, app.log()).toBe(true));
    await given.deliver(pullRequestEvent(standIn.world, 7, { action: 'synchronize', before: second }));
    await idle(given);
    const on = (sha: string) => given.checks().filter(({ headSha }) => headSha === sha);
    expect(on(first)).toEqual([]);
    const conclusions = [on(second), on(good)].map((runs) => new Set(runs.map(({ conclusion }) => conclusion)));
    expect(conclusions).toEqual([new Set(['failure']), new Set(['success'])]);
    expect(given.comments().map(({ body }) => body.includes(`head=${good} -->`))).toEqual([true]);
    expectSound(given);
  });

  test('a GitHub Enterprise Server, named by GHE_HOST and GHE_PROTOCOL', async ({ onTestFinished }) => {
    const given = await appScenario(onTestFinished);
    const { host, protocol } = new URL(given.standIn.serverUrl);
    const addresses = { GITHUB_API_URL: '', GITHUB_SERVER_URL: '' };
    const app = await given.start({ ...addresses, GHE_HOST: host, GHE_PROTOCOL: protocol.replace(':', '') });
    await given.deliver(opened(given));
    await idle(given);
    expect(seen(given, 7), app.log()).toEqual(['failure', says('exceeds 1 of 2 budgets')]);
    // Links of the comment lead to that server.
    expect(given.comments()[0]?.body).not.toContain('https://github.com/acme');
    expectSound(given);
  });
});
