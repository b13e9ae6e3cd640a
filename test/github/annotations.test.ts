import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { BudgetResult } from '../../src/compare/comparison.ts';
import { annotationsOf } from '../../src/github/annotations.ts';
import type { RangeReview } from '../../src/github/review-range.ts';
import { budget, modelReport, report, targetReport } from '../report/reports.ts';

const config = `version: 1
budgets:
  - { metric: latency, max: 20 ms, target: rpi4-xnnpack }
  - { metric: latency, max: 30 ms, target: ethos-u55-256 }
  - { metric: latency, max: 30 ms, target: ethos-u55-256, layer: "neck/*" }
  - { metric: size, maxIncrease: 5%, model: "models/**" }
`;

function annotations(results: readonly Partial<BudgetResult>[], path = 'models/detector.onnx', models = 1) {
  const budgets = results.map((one) => budget({ verdict: 'fail', ...one }));
  const model = modelReport({ path, targets: [targetReport({ budgets })] });
  const review: RangeReview = {
    range: { pullRequest: 7, base: { ref: 'main', sha: 'b' }, head: { ref: 'x', sha: 'a' }, mergeBase: 'b' },
    settings: { config: parseConfig(config, 'c'), targets: [], extended: null },
    report: report({ models: Array.from({ length: models }, () => model) }),
    ...{ changedLines: new Map(), repositoryUrl: 'https://github.com/acme/detector' },
  };
  return annotationsOf(review, '.github/model-budget.yml');
}

describe('an annotation', () => {
  test('stands on the line of the budget that was broken, with figures', () => {
    expect(annotations([{ reason: 'The board has no more' }])).toEqual([
      {
        path: '.github/model-budget.yml',
        ...{ start_line: 4, end_line: 4, annotation_level: 'failure' },
        title: 'Latency: models/detector.onnx on ethos-u55-256',
        message: 'Latency 33.0 ms, limit 30.0 ms, base 21.4 ms. The board has no more',
      },
    ]);
  });

  test('tells a layer budget from that of the model', () => {
    const [one] = annotations([{ layer: 'neck/*' }]);
    expect([one?.start_line, one?.message]).toEqual([
      5,
      expect.stringContaining('Latency of the layers neck/* 33.0 ms'),
    ]);
  });

  test('tells an increase, and what was not measured', () => {
    const increase = { kind: 'ratio', value: 0.05 } as const;
    const size = { metric: 'size', key: 'fileBytes', limit: null, maxIncrease: increase } as const;
    const [one] = annotations([{ ...size, actual: null, base: null, verdict: 'not-measured' }]);
    expect(one).toMatchObject({ start_line: 6, annotation_level: 'failure', message: 'Size not measured' });
    expect(annotations([{ ...size, actual: 1, base: 1 }], 'elsewhere/x.onnx')).toEqual([]);
  });

  test('is not made of what holds, is waived, or stands in another file', () => {
    expect(annotations([{ verdict: 'pass' }, { verdict: 'waived' }, { limit: 0.07 }, { metric: 'power' }])).toEqual([]);
  });

  test('of a warning comes after the failures, and there are fifty at most', () => {
    const levels = annotations([{ verdict: 'warn' }, { verdict: 'fail' }], 'models/a.onnx', 40).map(
      ({ annotation_level }) => annotation_level,
    );
    expect(levels).toEqual([...Array<string>(40).fill('failure'), ...Array<string>(10).fill('warning')]);
  });

  test('of a name of any length and kind is one visible line', () => {
    const [one] = annotations(
      [{ reason: `a\n::error::b\u202e${'x'.repeat(9000)}` }],
      `models/${'y\n'.repeat(9000)}.onnx`,
    );
    expect(one!.title.length).toBeLessThanOrEqual(255);
    expect(one!.message.length).toBeLessThan(1000);
    expect(`${one!.title}${one!.message}`).not.toMatch(/[\n\u202e]/);
  });
});
