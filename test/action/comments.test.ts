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

describe.concurrent('whose comment it is', { timeout: 600_000 }, () => {
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
      onRequest: ({ method, path }) => {
        if (method === 'PATCH' && path.includes('/issues/comments/')) given.standIn.state.comments.splice(0, 1);
      },
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

describe.concurrent('when a comment is made', { timeout: 600_000 }, () => {
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
