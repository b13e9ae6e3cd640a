import { describe, expect, test } from 'vitest';
import { githubActions } from '../stand-in/options.ts';
import { addComment } from '../stand-in/state.ts';
import { configPath, expectSound, fixture, modelPath, scenario, withoutPictures, type Scenario } from './scenario.ts';

const bot = { login: 'github-actions[bot]', app: githubActions };
const oldHead = '0'.repeat(40);
const markerOf = (id: string, sha: string) => `<!-- model-budget:v1 id=${id} head=${sha} -->`;

describe.concurrent('runs beside one another', { timeout: 600_000 }, () => {
  const goodAgain = { [modelPath]: fixture('detector-nearest') };

  /** Holds the first request that `matches` until a newer head has been pushed and its run has ended. */
  async function overtaken(
    onTestFinished: Parameters<typeof scenario>[0],
    matches: (method: string, path: string) => boolean,
    comment?: string,
  ): Promise<{ given: Scenario; heads: readonly [string, string] }> {
    let held = false;
    let newer: Promise<unknown> | undefined;
    const given: Scenario = await scenario(onTestFinished, {
      onRequest: async ({ method, path }) => {
        if (held || !matches(method, path)) return;
        held = true;
        given.repository.commit('change', goodAgain);
        newer = given.run({ inputs: { ...withoutPictures, comment: 'always' }, runId: 2 });
        await newer;
      },
    });
    const older = given.headSha();
    if (comment !== undefined) addComment(given.standIn.world, 7, bot, comment);
    await given.run({ inputs: withoutPictures });
    await newer;
    return { given, heads: [older, given.headSha()] };
  }

  function expectNewest({ given, heads: [older, newest] }: Awaited<ReturnType<typeof overtaken>>): void {
    expectSound(given);
    const seen = new Map(given.checks().map(({ headSha, conclusion }) => [headSha, conclusion]));
    expect(seen).toEqual(
      new Map([
        [older, 'failure'],
        [newest, 'success'],
      ]),
    );
    expect(given.comments()).toHaveLength(1);
    expect(given.comments()[0]?.body).toContain('no model changed');
    expect(given.comments()[0]?.body.split('\n').at(-1)).toBe(markerOf('default', newest));
  }

  test('the head moves while models are read', async ({ onTestFinished }) => {
    expectNewest(await overtaken(onTestFinished, (_, path) => path.includes('/git/blobs/')));
  });

  test('the head moves while the older run makes its comment', async ({ onTestFinished }) => {
    expectNewest(await overtaken(onTestFinished, (method, path) => method === 'POST' && path.includes('/comments')));
  });

  test('the head moves while the older run changes the comment', async ({ onTestFinished }) => {
    const old = `Old.\n\n${markerOf('default', oldHead)}`;
    const isChange = (method: string, path: string) => method === 'PATCH' && path.includes('/comments');
    expectNewest(await overtaken(onTestFinished, isChange, old));
  });

  test('the base branch is edited in the middle: judged against the old one, and no comment on the new one', async ({
    onTestFinished,
  }) => {
    let edited = false;
    const given: Scenario = await scenario(onTestFinished, {
      onRequest: ({ path }) => {
        const [pull] = given.standIn.state.pullRequests;
        if (edited || pull === undefined || !path.includes('/git/blobs/')) return;
        edited = true;
        // Nothing changed against this one.
        given.repository.commit('free', { [configPath]: null }, { from: 'change' });
        pull.baseRef = 'free';
      },
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect(run.exitCode).toBe(1);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.comments()).toEqual([]);
  });

  test('the same head twice at once makes one comment', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    await Promise.all([1, 2].map((runId) => given.run({ inputs: withoutPictures, runId })));
    expectSound(given);
    expect(given.checks().map(({ conclusion }) => conclusion)).toEqual(['failure', 'failure']);
    expect(given.comments()).toHaveLength(1);
  });

  test('cancelled, the check says so', async ({ onTestFinished }) => {
    for (const moment of [/\/check-runs$/, /\/git\/blobs\//]) {
      let cancel = (): void => undefined;
      const cancelled = new Promise<void>((resolve) => (cancel = resolve));
      const given = await scenario(onTestFinished, {
        onRequest: async ({ path }) => {
          if (!moment.test(path)) return;
          cancel();
          await new Promise((resolve) => setTimeout(resolve, 500));
        },
      });
      const run = await given.run({ inputs: withoutPictures, cancelled });
      expectSound(given);
      expect(run.exitCode).toBe(1);
      expect(given.checks()).toMatchObject([{ conclusion: 'cancelled' }]);
    }
  });
});
