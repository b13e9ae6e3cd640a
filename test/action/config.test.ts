import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  configPath,
  expectSound,
  fixture,
  looseConfig,
  modelPath,
  scenario,
  tightConfig,
  withoutPictures,
  type Scenario,
} from './scenario.ts';

const model = { [modelPath]: fixture('detector-nearest') };
const change = { [modelPath]: fixture('detector-cubic') };
const errorsOf = (stdout: string) => stdout.split('\n').filter((line) => line.startsWith('::error::'));

/** The check is completed as a failure, and the log has one line that says why. */
async function expectRefusal(given: Scenario, inputs: Readonly<Record<string, string>>, words: RegExp): Promise<void> {
  const run = await given.run({ inputs });
  expectSound(given);
  expect(errorsOf(run.stdout)).toEqual([expect.stringMatching(words)]);
  expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'not-measured']);
  expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
  expect(run.summary).toMatch(/^### ❌ model-budget: the (budgets|change) could not be/);
}

describe.concurrent('configs that cannot be read', { timeout: 600_000 }, () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 100\n`;
  const texts = [
    ['an unknown key', 'buget: []\n', /model-budget\.yml:1: .*buget.*did you mean "budgets"/],
    ['an alias', 'models: &a []\ntargets: *a\n', /model-budget\.yml:2: the alias \*a is not allowed/],
    ['too large', `# ${'x'.repeat(256 * 1024)}\n`, /larger than 256 KiB/],
    ['a pointer of Git LFS', pointer, /model-budget\.yml: is kept with Git LFS/],
    ['a link', { link: '../elsewhere.yml' }, /model-budget\.yml: is a link, not a file/],
    [
      'extends what cannot be read',
      'extends: other/private:x.yml@main\n',
      /extends other\/private at main, which this token cannot read: 404/,
    ],
    ['a target file that is not there', 'targets: [./board.yml]\n', /board\.yml: no such file/],
  ] as const;

  test.for(texts)('%s', async ([, text, words], { onTestFinished }) => {
    const given = await scenario(onTestFinished, { base: { ...model, [configPath]: text } });
    await expectRefusal(given, withoutPictures, words);
  });
});

describe.concurrent('inputs that are no such words', { timeout: 600_000 }, () => {
  const inputs = [
    [{ comment: 'allways' }, /the input "comment" is "allways".*it may be changed, always, breach, never/],
    [{ charts: 'png' }, /the input "charts" is "png".*auto, branch, app, quickchart, mermaid, text, off/],
    [{ 'fail-on': 'warn' }, /the input "fail-on" is "warn".*it may be fail, never/],
    [{ id: '../x\n' }, /the input "id" must be up to 60 letters, digits/],
    [{ config: '../../etc/passwd' }, /the input "config" must be a path inside of the repository/],
  ] as const;

  test.for(inputs)('%o', async ([given, words], { onTestFinished }) => {
    await expectRefusal(await scenario(onTestFinished), given, words);
  });

  test('a target that nobody knows', async ({ onTestFinished }) => {
    await expectRefusal(await scenario(onTestFinished, { base: model }), { targets: 'ethos-u55-265' }, /ethos-u55-265/);
  });
});

describe.concurrent('what a config says', { timeout: 600_000 }, () => {
  const board = readFileSync(join(import.meta.dirname, '..', '..', 'hardware', 'ethos-u55-256.yml'), 'utf8');
  const withFile = tightConfig.replace('ethos-u55-256', './hardware/board.yml');

  test('a target file of the base binds; edited in the head, it is told', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      base: { ...model, [configPath]: withFile, 'hardware/board.yml': board },
      change: { ...change, 'hardware/board.yml': 'id: [' },
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'fail']);
    expect(given.comments()[0]?.body).toContain('`hardware/board.yml`, which takes effect after the merge');
  });

  test('a change chooses nothing that the token reads', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      base: { ...model, [configPath]: tightConfig },
      change: { ...change, [configPath]: `${looseConfig}extends: acme/secrets:keys.yml@main\n` },
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'fail']);
    expect(given.comments()[0]?.body).toContain('is read after the merge only');
    expect(given.standIn.requests.filter(({ path }) => path.includes('secrets'))).toEqual([]);
  });

  test('it wins over the input `targets`, which counts without one', async ({ onTestFinished }) => {
    for (const [base, target] of [
      [{ ...model, [configPath]: looseConfig }, 'ethos-u55-256'],
      [model, 'rpi4-xnnpack'],
    ] as const) {
      const given = await scenario(onTestFinished, { base, apiPath: '' });
      const run = await given.run({ inputs: { ...withoutPictures, targets: 'rpi4-xnnpack' } });
      expectSound(given);
      expect([run.exitCode, given.checks()[0]?.conclusion]).toEqual([0, 'success']);
      expect(given.comments()[0]?.body.split('\n')[0]).toContain(target);
    }
  });
});
