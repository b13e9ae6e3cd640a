import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import {
  configPath,
  expectSound,
  fixture,
  modelPath,
  scenario,
  tightConfig,
  withoutPictures,
  type Scenario,
  type ScenarioOptions,
} from './scenario.ts';

const [base, head] = [fixture('detector-nearest'), fixture('detector-cubic')];
const oidOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const pointerTo = (bytes: Buffer, size = bytes.length) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oidOf(bytes)}\nsize ${size}\n`;

interface Stored extends ScenarioOptions {
  /** What lies under the head's id; null: nothing */
  readonly content?: Buffer | null;
  readonly refuses?: 'quota' | 'rate';
  readonly size?: number;
  readonly config?: string | null;
}

async function stored(onTestFinished: TestContext['onTestFinished'], options: Stored): Promise<Scenario> {
  const { content = head, refuses, size, config = tightConfig, ...others } = options;
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-lfs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, oidOf(base)), base);
  if (content !== null) writeFileSync(join(folder, oidOf(head)), content);
  return scenario(onTestFinished, {
    private: true,
    lfs: { folder, ...(refuses === undefined ? {} : { refuses }) },
    base: { [modelPath]: pointerTo(base), ...(config === null ? {} : { [configPath]: config }) },
    change: { [modelPath]: pointerTo(head, size) },
    ...others,
  });
}

describe.concurrent('Git LFS', { timeout: 600_000 }, () => {
  test('objects are fetched, and models compared', async ({ onTestFinished }) => {
    const given = await stored(onTestFinished, {});
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs['worst-metric']]).toEqual([1, 'latency']);
    expect(given.checks()[0]?.title).toContain('exceeds 1 of 2 budgets');
  });

  test('what cannot be had is not measured, and says why', async ({ onTestFinished }) => {
    const wrong = Buffer.from(head).fill(0, 0, 100);
    const gone = { method: 'GET', path: /^\/lfs-storage\//, drop: true, times: 1_000_000 };
    const otherSize = {
      path: /\/objects\/batch$/,
      after: 1,
      status: 200,
      body: { objects: [{ oid: oidOf(head), size: 999, actions: {} }] },
    };
    const cases: readonly (readonly [Stored, RegExp])[] = [
      [{ content: null }, /the server does not have it; was it pushed\?/],
      [{ refuses: 'quota' }, /403 This repository is over its data quota.*under Billing/],
      [{ size: 5 }, /the server refuses it: 422 Object has another size/],
      [{ faults: [otherSize] }, /its pointer says \d+ B, the server 999 B/],
      [{ content: wrong }, /cannot be fetched: the content is not what its id says/],
      [{ faults: [gone] }, /cannot be fetched: .*other side closed/],
    ];
    for (const [options, words] of cases) {
      const given = await stored(onTestFinished, options);
      const run = await given.run({ inputs: withoutPictures });
      expectSound(given);
      expect([run.exitCode, run.outputs.verdict, run.outputs['changed-models']]).toEqual([
        1,
        'not-measured',
        JSON.stringify([modelPath]),
      ]);
      expect(given.comments()[0]?.body).toMatch(words);
      // The base's layers were not removed: nobody knows.
      expect(given.comments()[0]?.body).not.toContain('saved');
      expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    }
  });

  test('without budgets it is neutral', async ({ onTestFinished }) => {
    const given = await stored(onTestFinished, { config: null, content: Buffer.from('wrong') });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, given.checks()[0]?.conclusion]).toEqual([0, 'neutral']);
  });
});
