import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mergeGroupEvent } from '../stand-in/events.ts';
import { chain, numbered } from './chain.ts';
import {
  configPath,
  expectSound,
  fixture,
  modelPath,
  scenario,
  tightConfig,
  withoutPictures,
  type Scenario,
} from './scenario.ts';

const withoutConfig = { [modelPath]: fixture('detector-nearest') };

interface Read {
  readonly models: readonly {
    readonly path: string;
    readonly status: string;
    readonly verdict: string;
    readonly errors: readonly string[];
  }[];
}

describe.concurrent('changes of models', { timeout: 600_000 }, () => {
  test('one of each kind', async ({ onTestFinished }) => {
    const model = chain(['a', 'b']);
    const given = await scenario(onTestFinished, {
      base: {
        [configPath]: tightConfig.replace('targets', 'models: [{ path: "models/**/*.onnx" }]\ntargets'),
        'models/deleted.onnx': model,
        'models/here.onnx': chain(['here', 'b']),
        'models/out.onnx': fixture('detector-nearest'),
        'models/link.onnx': model,
        'models/submodule.onnx': model,
        'models/operator.onnx': model,
        'models/weights.onnx': fixture('everything-ir11'),
        'models/everything-ir11.onnx.data': readFileSync(
          new URL('../../fixtures/models/everything-ir11.onnx.data', import.meta.url),
        ),
      },
      change: {
        'models/deleted.onnx': null,
        'models/here.onnx': null,
        'models/there.onnx': chain(['here', 'b']),
        'models/out.onnx': null,
        'elsewhere/out.onnx': fixture('detector-cubic'),
        'models/link.onnx': { link: 'weights.onnx' },
        'models/away.onnx': { link: '../../weights.onnx' },
        'models/submodule.onnx': { submodule: '1'.repeat(40) },
        'models/operator.onnx': chain(['a', 'b'], 'Frobnicate'),
        'models/dims.onnx': fixture('transformer-block'),
        'models/everything-ir11.onnx.data': Buffer.alloc(100_000),
      },
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'fail']);
    const { models } = JSON.parse(readFileSync(run.outputs.report ?? '', 'utf8')) as Read;
    const seen = Object.fromEntries(models.map(({ path, status, verdict }) => [path, `${status} ${verdict}`]));
    expect(seen).toEqual({
      'elsewhere/out.onnx': 'renamed fail',
      'models/away.onnx': 'added not-measured',
      'models/deleted.onnx': 'removed pass',
      'models/dims.onnx': 'added not-measured',
      'models/link.onnx': 'modified pass',
      'models/operator.onnx': 'modified not-measured',
      'models/submodule.onnx': 'modified not-measured',
      'models/there.onnx': 'renamed pass',
      'models/weights.onnx': 'modified pass',
    });
    const errors = models.flatMap((one) => one.errors).join('\n');
    expect(errors).toContain('models/away.onnx: not a regular file there');
    expect(errors).not.toContain('models/link.onnx');
    expect(errors).toContain('models/submodule.onnx: not a regular file there');
  });

  test('an unreadable one: failure with budgets, neutral without, or where the config says so', async ({
    onTestFinished,
  }) => {
    for (const [config, exitCode, conclusion] of [
      [tightConfig, 1, 'failure'],
      [`${tightConfig}unmeasured: neutral\n`, 0, 'neutral'],
      [null, 0, 'neutral'],
    ] as const) {
      const given = await scenario(onTestFinished, {
        base: { ...withoutConfig, ...(config === null ? {} : { [configPath]: config }) },
        change: { [modelPath]: 'no model at all' },
      });
      const run = await given.run({ inputs: withoutPictures });
      expectSound(given);
      expect([config, run.exitCode, given.checks()[0]?.conclusion]).toEqual([config, exitCode, conclusion]);
      expect(run.outputs.verdict).toBe('not-measured');
    }
  });
});

describe.concurrent('large changes', { timeout: 600_000 }, () => {
  const files = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`data/${at}.txt`, 'x']));
  const change = { [modelPath]: fixture('detector-cubic') };

  async function expectBreach(given: Scenario, event?: Parameters<Scenario['run']>[0]): Promise<void> {
    const run = await given.run({ inputs: withoutPictures, ...event });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict, given.checks()[0]?.conclusion]).toEqual([1, 'fail', 'failure']);
  }

  test('3,001 files: GitHub lists 3,000, and the model is not among them', async ({ onTestFinished }) => {
    await expectBreach(await scenario(onTestFinished, { change: { ...change, ...files(3000) } }));
  });

  test('more than 300 files in a merge group', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { change: { ...change, ...files(300) } });
    await expectBreach(given, { event: mergeGroupEvent(given.standIn.world, [7]) });
  });

  test('lists and trees both cut never pass', async ({ onTestFinished }) => {
    for (const [base, exitCode, conclusion] of [
      [{ ...withoutConfig, [configPath]: tightConfig }, 1, 'failure'],
      [withoutConfig, 0, 'neutral'],
    ] as const) {
      const given = await scenario(onTestFinished, {
        base,
        change: { ...change, ...files(20) },
        limits: { pullRequestFiles: 5, compareFiles: 5, treeEntries: 8 },
      });
      // Cut at 5 of 21, and 3,000 is what it knows of: it is the count of the pull request that tells.
      const run = await given.run({ inputs: withoutPictures });
      expectSound(given);
      expect([run.exitCode, run.outputs.verdict]).toEqual([exitCode, 'not-measured']);
      expect(given.checks()).toMatchObject([{ conclusion }]);
      expect(given.comments()[0]?.body).toContain('not every model could be found');
    }
  });

  test('a change of 3,000 layers keeps within all limits', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      base: { ...withoutConfig, [configPath]: tightConfig, 'models/chain.onnx': chain(numbered(3000, '/a/🙂 block')) },
      change: { 'models/chain.onnx': chain(numbered(3000, '/b/漢字 stage')) },
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, given.checks()[0]?.conclusion]).toEqual([1, 'failure']);
    expect(given.comments()[0]?.body.length).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(given.checks()[0]?.summary ?? '')).toBeLessThanOrEqual(65_535);
    expect(Buffer.byteLength(run.summary)).toBeLessThanOrEqual(1024 * 1024);
    // The first try was within the limits: nothing had to be shortened after a refusal.
    expect(given.checks()[0]?.history).toHaveLength(2);
  });
});
