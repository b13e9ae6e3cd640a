import { describe, expect, test } from 'vitest';
import { githubActions } from '../stand-in/options.ts';
import { addComment } from '../stand-in/state.ts';
import {
  configPath,
  expectSound,
  fixture,
  looseConfig,
  modelPath,
  scenario,
  withoutPictures,
  type Scenario,
} from './scenario.ts';

const bot = { login: 'github-actions[bot]', app: githubActions };
const eve = { login: 'eve', app: null };
const oldHead = '0'.repeat(40);
const markerOf = (id: string, sha: string) => `<!-- model-budget:v1 id=${id} head=${sha} -->`;
const passing = { base: { [modelPath]: fixture('detector-nearest'), [configPath]: looseConfig } };

const ours = ({ comments }: Scenario) => comments().filter(({ author }) => author.login === bot.login);

describe.concurrent('whose comment it is', { timeout: 180_000 }, () => {
  test('found among 150, and no forged one is touched', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    const add = (author: typeof bot | typeof eve, body: string) => addComment(given.standIn.world, 7, author, body);
    const forged = add(eve, `Mine.\n\n${markerOf('default', oldHead)}`);
    const quoted = add(bot, `Another bot's words about ${markerOf('default', oldHead)} and more`);
    for (let count = 0; count < 148; count += 1) add(eve, `comment ${count}`);
    const own = add(bot, `Old.\n\n${markerOf('default', oldHead)}`);
    const run = await given.run({ inputs: withoutPictures });
    expect(given.standIn.violations).toEqual([]);
    expect(run.exitCode).toBe(1);
    expect(given.comments()).toHaveLength(151);
    expect(forged.body).toMatch(/^Mine/);
    expect(quoted.body).toMatch(/^Another/);
    expect(own.body).toContain('exceeds 1 of 2 budgets');
    expect(run.outputs['comment-url']).toContain(String(own.id));
  });

  test('duplicates are healed: the oldest stays', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    const [first] = [1, 2, 3].map((count) =>
      addComment(given.standIn.world, 7, bot, `Old ${count}.\n\n${markerOf('default', oldHead)}`),
    );
    await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect(given.comments().map(({ id }) => id)).toEqual([first?.id]);
    expect(given.comments()[0]?.body).toContain(given.headSha());
  });

  test('deleted between the list and the write, it is made again', async ({ onTestFinished }) => {
    const given: Scenario = await scenario(onTestFinished, {
      onRequest: ({ method }) => {
        const { comments } = given.standIn.state;
        if (method === 'PATCH' && comments[0]?.body.startsWith('Old') === true) comments.splice(0, 1);
      },
    });
    // The check is changed by a PATCH too, so the comment goes with the second one only if it is there by then.
    given.standIn.faults.add({
      method: 'PATCH',
      path: /\/issues\/comments\//,
      status: 404,
      body: { message: 'Not Found' },
    });
    addComment(given.standIn.world, 7, bot, `Old.\n\n${markerOf('default', oldHead)}`);
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect(given.comments()).toHaveLength(1);
    expect(given.comments()[0]?.body).toContain(given.headSha());
    expect(run.outputs['comment-url']).toContain(String(given.comments()[0]?.id));
  });

  test('two invocations keep separate comments and checks', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    await Promise.all(['default', 'other.one'].map((id) => given.run({ inputs: { ...withoutPictures, id } })));
    await given.run({ inputs: { ...withoutPictures, id: 'other.one' }, runId: 2 });
    expect(given.standIn.violations).toEqual([]);
    expect(new Set(given.checks().map(({ name }) => name))).toEqual(
      new Set(['model-budget', 'model-budget (other.one)']),
    );
    expect(given.checks().every(({ conclusion }) => conclusion === 'failure')).toBe(true);
    const last = given.comments().map(({ body }) => body.split('\n').at(-1));
    expect(last.sort()).toEqual([markerOf('default', given.headSha()), markerOf('other.one', given.headSha())]);
  });
});

describe.concurrent('when a comment is made', { timeout: 180_000 }, () => {
  test('comment: never, breach, always', async ({ onTestFinished }) => {
    const other = { change: { 'README.md': 'more' } };
    for (const [when, options, count] of [
      ['never', {}, 0],
      ['breach', passing, 0],
      ['breach', {}, 1],
      ['always', other, 1],
    ] as const) {
      const given = await scenario(onTestFinished, options);
      await given.run({ inputs: { ...withoutPictures, comment: when } });
      expectSound(given);
      expect([when, ours(given).length]).toEqual([when, count]);
    }
  });
});

describe.concurrent('runs beside one another', { timeout: 180_000 }, () => {
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
    expectNewest(await overtaken(onTestFinished, (_, path) => path.includes('/files')));
  });

  test('the head moves while the older run makes its comment', async ({ onTestFinished }) => {
    expectNewest(await overtaken(onTestFinished, (method, path) => method === 'POST' && path.includes('/comments')));
  });

  test('the head moves while the older run changes the comment', async ({ onTestFinished }) => {
    const old = `Old.\n\n${markerOf('default', oldHead)}`;
    const isChange = (method: string, path: string) => method === 'PATCH' && path.includes('/comments');
    expectNewest(await overtaken(onTestFinished, isChange, old));
  });

  test('the base branch is edited in the middle: the list of the new base is not taken for that of the old', async ({
    onTestFinished,
  }) => {
    let edited = false;
    const given: Scenario = await scenario(onTestFinished, {
      onRequest: ({ path }) => {
        const [pull] = given.standIn.state.pullRequests;
        if (edited || pull === undefined || !path.includes('/pulls/7/files')) return;
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
