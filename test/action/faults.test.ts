import { describe, expect, test } from 'vitest';
import { secondaryRateLimit, type Fault } from '../stand-in/faults.ts';
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

const breach = 'models/detector.onnx exceeds 1 of 2 budgets';
const passing = { base: { [modelPath]: fixture('detector-nearest'), [configPath]: looseConfig } };
const always = 1_000_000;

const writes: readonly Fault[] = [
  { method: 'POST', path: /\/check-runs$/ },
  { method: 'PATCH', path: /\/check-runs\// },
  { method: 'POST', path: /\/issues\/7\/comments/ },
];

const reads: readonly Fault[] = [
  { method: 'GET', path: /\/git\/blobs\// },
  { method: 'GET', path: /\/git\/trees\// },
  { method: 'GET', path: /\/pulls\?/ },
  { method: 'GET', path: /\/pulls\/7\/files/ },
  { method: 'GET', path: /\/compare\// },
  { method: 'GET', path: /\/issues\/7\/comments/ },
];

/** As if nothing had gone wrong. */
async function expectBreachTold(given: Scenario): Promise<void> {
  const run = await given.run({ inputs: withoutPictures });
  expectSound(given);
  expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'fail']);
  expect(given.checks().at(-1)?.title).toContain(breach);
  expect(new Set(given.checks().map(({ conclusion }) => conclusion))).toEqual(new Set(['failure']));
  expect(given.comments()).toHaveLength(1);
  expect(given.comments()[0]?.body).toContain('exceeds 1 of 2 budgets');
}

describe.concurrent('troubles that stay', { timeout: 600_000 }, () => {
  // First, since it waits longest.
  test('with everything: the run ends, and fails', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { ...passing, faults: [{ status: 500, times: always }] });
    const run = await given.run();
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/^::error::GitHub's API does not answer as it should: 500/m);
    expect(run.outputs.verdict).toBe('not-measured');
  });

  test('with the comment: check and exit code are as they would be', async ({ onTestFinished }) => {
    for (const [options, exitCode, conclusion] of [
      [{}, 1, 'failure'],
      [passing, 0, 'success'],
    ] as const) {
      const faults = [{ method: 'POST', path: /\/comments/, status: 500, times: always }];
      const given = await scenario(onTestFinished, { ...options, faults });
      const run = await given.run({ inputs: withoutPictures });
      expectSound(given);
      expect(run.exitCode).toBe(exitCode);
      expect(given.checks()).toMatchObject([{ conclusion }]);
      expect(run.summary).toContain('models/detector.onnx');
      // It is no missing permission.
      expect(run.stdout).not.toContain('::notice::');
    }
  });

  test('with changing a check: a completed one of the same name takes its place', async ({ onTestFinished }) => {
    const faults = [{ method: 'PATCH', path: /\/check-runs\//, status: 500, times: always }];
    const given = await scenario(onTestFinished, { faults });
    const run = await given.run({ inputs: withoutPictures });
    expect(given.standIn.violations).toEqual([]);
    expect(run.exitCode).toBe(1);
    const [first, second] = given.checks();
    expect(second).toMatchObject({ name: first?.name, status: 'completed', conclusion: 'failure' });
    expect(second?.title).toContain(breach);
    expect(run.stdout).not.toContain('::notice::');
  });

  test('with what has to be read: it never passes', async ({ onTestFinished }) => {
    const paths = [/\/git\/trees\//, /\/git\/blobs\//, /\/(git\/ref|branches)\//, /\/compare\//];
    const troubles = paths.map((path): Fault => ({ path, method: 'GET', status: 500, times: always }));
    const cutList: Fault = { path: /\/compare\//, method: 'GET', cut: true, times: always };
    const limited = secondaryRateLimit({ path: /\/pulls\?/, times: always });
    await Promise.all(
      [...troubles, cutList, limited].map(async (fault) => {
        const given = await scenario(onTestFinished, { ...passing, faults: [fault] });
        const run = await given.run({ inputs: withoutPictures });
        expectSound(given);
        const seen = [String(fault.path), run.exitCode, run.outputs.verdict, given.checks()[0]?.conclusion];
        expect(seen).toEqual([String(fault.path), 1, 'not-measured', 'failure']);
        expect(`${run.stdout}${given.checks()[0]?.summary ?? ''}`).not.toContain('defect');
      }),
    );
  });
});

describe.concurrent('troubles that pass', { timeout: 600_000 }, () => {
  test('502 once on each call', async ({ onTestFinished }) => {
    await expectBreachTold(await scenario(onTestFinished, { failEachCallOnce: 502 }));
  });

  test('the connection breaks before anything was done', async ({ onTestFinished }) => {
    const faults = [...writes, ...reads].map((fault) => ({ ...fault, drop: true }));
    await expectBreachTold(await scenario(onTestFinished, { faults }));
  });

  test('the connection breaks once it was done: the check that nobody heard of is completed too', async ({
    onTestFinished,
  }) => {
    const faults = [
      ...writes.map((fault) => ({ ...fault, drop: true, applied: true })),
      ...reads.map((fault) => ({ ...fault, cut: true })),
    ];
    const given = await scenario(onTestFinished, { faults });
    await expectBreachTold(given);
    expect(given.checks()).toHaveLength(2);
  });

  test('secondary rate limits', async ({ onTestFinished }) => {
    const faults = [...writes, ...reads].map(({ method = 'GET', path = /./ }) => secondaryRateLimit({ method, path }));
    await expectBreachTold(await scenario(onTestFinished, { faults }));
  });
});
