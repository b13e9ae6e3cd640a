import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failedResult } from '../../src/github/judged.ts';
import { writeJobSummary, writeOutputs } from '../../src/action/results.ts';
import { parseConfig } from '../../src/config.ts';
import type { BudgetResult } from '../../src/compare/comparison.ts';
import { UserError } from '../../src/errors.ts';
import type { Reviewed } from '../../src/github/outcome.ts';
import { budget, modelReport, report, targetReport } from '../report/reports.ts';

/** One for all tests: the toolkit keeps the path of the summary once it has written to it. */
const folder = mkdtempSync(join(tmpdir(), 'model-budget-results-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  rmSync(join(folder, 'report.json'), { force: true });
  vi.stubEnv('GITHUB_OUTPUT', join(folder, 'output'));
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'summary.md'));
  for (const name of ['output', 'summary.md']) writeFileSync(join(folder, name), '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const range = { pullRequest: 7, base: { ref: 'main', sha: 'b' }, head: { ref: 'x', sha: 'a' }, mergeBase: 'b' };

function reviewed(path: string, ...budgets: readonly Partial<BudgetResult>[]): Reviewed {
  const targets = [targetReport({ budgets: budgets.map((one) => budget(one)) })];
  return {
    range,
    settings: { config: parseConfig('version: 1\n', 'c'), targets: [], extended: null },
    report: report({ models: [modelReport({ path, targets })] }),
    ...{ changedLines: new Map(), repositoryUrl: 'https://github.com/acme/detector' },
  };
}

/** As a runner reads them. */
function outputs(): Readonly<Record<string, string>> {
  const text = readFileSync(join(folder, 'output'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(.+)\n([^]*?)\n\2$/gm)].map(([, name = '', , value = '']): [string, string] => [
      name,
      value,
    ]),
  );
}

describe('the outputs', () => {
  test('of a report', () => {
    const file = join(folder, 'deep', 'report.json');
    writeOutputs([reviewed('models/a.onnx', { verdict: 'fail' })], file, 'https://github.com/x');
    expect(outputs()).toEqual({
      ...{ verdict: 'pass', 'comment-url': 'https://github.com/x', report: file },
      ...{ 'changed-models': '["models/a.onnx"]', 'worst-metric': 'latency' },
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schema: 'model-budget/report@1' });
  });

  test.each([[[]], [[{ range, problem: 'no' }]]])('without a report: %#', (reviews: readonly Reviewed[]) => {
    const file = join(folder, 'report.json');
    writeOutputs(reviews, file, '');
    expect(outputs()).toEqual({
      ...{ verdict: 'not-measured', 'comment-url': '', report: '', 'changed-models': '[]', 'worst-metric': '' },
    });
    expect(existsSync(file)).toBe(false);
  });

  test('of a hostile path are one line that sets nothing else', () => {
    const path = 'a\nverdict<<EOF\npass\nEOF\n::set-output name=verdict::pass.onnx';
    writeOutputs([reviewed(path)], join(folder, 'report.json'), '');
    expect(JSON.parse(outputs()['changed-models']!)).toEqual([path]);
    expect(readFileSync(join(folder, 'output'), 'utf8').match(/^verdict<</gm)).toHaveLength(1);
  });
});

describe('the worst metric', () => {
  const over = (
    metric: BudgetResult['metric'],
    verdict: BudgetResult['verdict'],
    actual: number | null,
    limit: number | null = 10,
  ) => ({ metric, verdict, actual, limit }) satisfies Partial<BudgetResult>;

  test.each<[string, readonly Partial<BudgetResult>[], string]>([
    ['a failure before what was not measured', [over('power', 'not-measured', null), over('size', 'fail', 11)], 'size'],
    [
      'what was not measured before a warning',
      [over('size', 'warn', 99), over('power', 'not-measured', null)],
      'power',
    ],
    [
      'of failures the one furthest over its limit',
      [over('size', 'fail', 11), over('macs', 'fail', 30), over('power', 'fail', 29)],
      'macs',
    ],
    [
      'by its base where it has no limit',
      [over('size', 'fail', 11), { ...over('macs', 'fail', 30, null), base: 10 }],
      'macs',
    ],
    ['a waived one where nothing is worse', [over('size', 'pass', 1), over('power', 'waived', 11)], 'power'],
    ['none where all hold', [over('size', 'pass', 1)], ''],
    ['none without budgets', [], ''],
  ])('%s', (_, budgets, metric) => {
    writeOutputs([reviewed('a.onnx', ...budgets)], join(folder, 'report.json'), '');
    expect(outputs()['worst-metric']).toBe(metric);
  });
});

describe("the job's summary", () => {
  const images = { images: new Map(), fallback: 'mermaid', remarks: [] } as const;
  const summary = () => readFileSync(join(folder, 'summary.md'), 'utf8');

  test('is the report, then the advice', async () => {
    const judged = {
      result: failedResult(new UserError('x')),
      reviews: [reviewed('models/a.onnx')],
      contentsRefused: false,
    } as const;
    await writeJobSummary(judged, images, { advice: ['first', 'second'], page: null });
    expect(summary()).toContain('`models/a.onnx`');
    expect(summary()).toMatch(/\nfirst\n\nsecond\n$/);
  });

  test('says why there is no report', async () => {
    await writeJobSummary(
      { result: failedResult(new UserError('no such branch')), reviews: [], contentsRefused: false },
      images,
      { advice: [], page: null },
    );
    expect(summary()).toContain('    no such branch\n');
  });

  test('stays below what turns a job red', async () => {
    const models = Array.from({ length: 400 }, (_, index) => modelReport({ path: `models/${index}.onnx` }));
    const one = reviewed('x');
    const reviews = 'problem' in one ? [] : [{ ...one, report: report({ models }) }];
    await writeJobSummary({ result: failedResult(''), reviews, contentsRefused: false }, images, {
      advice: ['x'.repeat(1000)],
      page: null,
    });
    expect(Buffer.byteLength(summary())).toBeLessThanOrEqual(900 * 1024);
    expect(Buffer.byteLength(summary())).toBeGreaterThan(100 * 1024);
  });

  test('is left out where the runner has none', async () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', undefined);
    await writeJobSummary({ result: failedResult(''), reviews: [], contentsRefused: false }, images, {
      advice: [],
      page: null,
    });
    expect(summary()).toBe('');
  });
});
