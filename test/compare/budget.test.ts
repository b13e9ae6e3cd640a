import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appliesTo, judge, worstVerdict, type JudgedModel, type MeasuredSide } from '../../src/compare/budget.ts';
import { budgetMetrics, type Budget, type BudgetResult, type Verdict } from '../../src/compare/comparison.ts';
import type { MissingSide } from '../../src/compare/totals.ts';
import type { LayerCost } from '../../src/simulate/simulation.ts';

const layer = (name: string, latencySeconds: number, more: Partial<LayerCost> = {}): LayerCost => ({
  ...{ id: name, name, op: 'Conv', nodes: [name], unit: 'cpu', dtype: 'float32', latencySeconds },
  ...{
    energyJoules: 2 * latencySeconds,
    averagePowerWatts: 2,
    macs: 10,
    parameters: 5,
    weightsBytes: 20,
    fileBytes: 24,
  },
  ...{ trafficBytes: { dram: 100 }, memoryBytes: 50, utilization: 0.5, bound: 'compute', causes: [], fallback: null },
  ...{ outputShape: [1], ...more },
});

/** 33 ms ± 8% on two layers of 30 and 3 ms. */
const measured = (more: Partial<MeasuredSide> = {}): MeasuredSide => ({
  values: {
    ...{ latencySeconds: 0.033, energyJoules: 0.066, averagePowerWatts: 2, peakMemoryBytes: 1000 },
    ...{ fileBytes: 60, weightsBytes: 40, parameters: 10, macs: 20, cpuFallbackLayers: 0, dramTrafficBytes: 200 },
  },
  bands: { latencySeconds: [0.033 * 0.92, 0.033 * 1.08] },
  layers: [layer('backbone/conv', 0.03), layer('head', 0.003, { nodes: ['head', '/neck/add'], fallback: 'no' })],
  dramMemories: ['dram'],
  unknownOperators: [],
  ...more,
});

const model = (head: MeasuredSide | MissingSide, base: MeasuredSide | MissingSide = measured()): JudgedModel => ({
  ...{ path: 'models/kws/a.onnx', target: ['ethos-u55-256'], base, head },
});

const latency = (more: Partial<Budget>): Budget => ({ metric: 'latency', level: 'error', onBand: 'warn', ...more });

const judgeOne = (budget: Budget, judged: JudgedModel): BudgetResult => {
  const [result, ...others] = judge([budget], judged);
  expect(others).toEqual([]);
  return result!;
};

describe('absolute limits', () => {
  // The low end of 33 ms ± 8% is 30.36 ms.
  test.each<[number, Partial<Budget>, Verdict, string | undefined]>([
    [0.033, {}, 'pass', undefined],
    [0.0329, {}, 'warn', '33.0 ms is over the limit of 32.9 ms, but the low end of its band is not'],
    [
      0.0329,
      { onBand: 'fail' },
      'fail',
      '33.0 ms is over the limit of 32.9 ms, but the low end of its band is not (onBand: fail)',
    ],
    [0.0329999, {}, 'warn', '33.0 ms is over the limit of 33.0 ms (by 100 ns), but the low end of its band is not'],
    [0.0304, {}, 'warn', '33.0 ms is over the limit of 30.4 ms, but the low end of its band is not'],
    [0.0303, {}, 'fail', '33.0 ms is over the limit of 30.3 ms'],
    [0.0303, { level: 'warn' }, 'warn', '33.0 ms is over the limit of 30.3 ms'],
    [
      0.0329,
      { level: 'warn', onBand: 'fail' },
      'warn',
      '33.0 ms is over the limit of 32.9 ms, but the low end of its band is not (onBand: fail)',
    ],
  ])('%d s, %o: %s', (max, more, verdict, reason) => {
    const result = judgeOne(latency({ max, ...more }), model(measured()));
    expect(result.verdict).toBe(verdict);
    expect(result.reason).toBe(reason);
    expect(result).toMatchObject({ key: 'latencySeconds', limit: max, actual: 0.033, base: 0.033 });
    expect(result.verdicts).toEqual({ max: verdict, maxIncrease: null });
  });

  test('counts have no band', () => {
    const size: Budget = { metric: 'size', level: 'error', onBand: 'warn', max: 59 };
    expect(judgeOne(size, model(measured())).verdict).toBe('fail');
    expect(judgeOne({ ...size, max: 60 }, model(measured())).verdict).toBe('pass');
  });
});

describe('increases', () => {
  const from = (latencySeconds: number): MeasuredSide => measured({ values: { latencySeconds } });

  test.each<[string, number, Budget['maxIncrease'] & object, Verdict]>([
    ['10% of 30 ms allow 33 ms', 0.03, { kind: 'ratio', value: 0.1 }, 'pass'],
    ['exactly at the limit', 0.03, { kind: 'ratio', value: 0.033 / 0.03 - 1 }, 'pass'],
    ['just above', 0.03, { kind: 'ratio', value: 0.0999 }, 'fail'],
    ['an amount', 0.03, { kind: 'amount', value: 0.003 }, 'pass'],
    ['an amount, exceeded', 0.03, { kind: 'amount', value: 0.0029 }, 'fail'],
    ['any increase from 0 breaks a percentage', 0, { kind: 'ratio', value: 5 }, 'fail'],
    ['from 0 by an amount', 0, { kind: 'amount', value: 0.04 }, 'pass'],
    ['a decrease', 0.05, { kind: 'ratio', value: 0 }, 'pass'],
    ['no change', 0.033, { kind: 'ratio', value: 0 }, 'pass'],
  ])('%s', (_, base, maxIncrease, verdict) => {
    expect(judgeOne(latency({ maxIncrease }), model(measured(), from(base))).verdict).toBe(verdict);
  });

  test('are compared without bands and say by how much', () => {
    const result = judgeOne(latency({ maxIncrease: { kind: 'ratio', value: 0.05 } }), model(measured(), from(0.0214)));
    expect(result.reason).toBe('+11.6 ms (+54%) is more than the allowed +5%');
    expect(result.verdicts).toEqual({ max: null, maxIncrease: 'fail' });
  });

  test('the worst of limit and increase is the budget’s verdict', () => {
    const both = latency({ max: 0.1, maxIncrease: { kind: 'ratio', value: 0.05 } });
    const result = judgeOne(both, model(measured(), from(0.0214)));
    expect(result.verdict).toBe('fail');
    expect(result.verdicts).toEqual({ max: 'pass', maxIncrease: 'fail' });
  });
});

describe('sides that are not there', () => {
  const both = latency({ max: 0.1, maxIncrease: { kind: 'ratio', value: 0.05 } });

  test('a new model has no base to grow from', () => {
    const result = judgeOne(both, model(measured(), 'absent'));
    expect(result).toMatchObject({ verdict: 'warn', reason: 'no base', base: null });
    expect(result.verdicts).toEqual({ max: 'pass', maxIncrease: 'warn' });
    expect(judgeOne(latency({ max: 0.01 }), model(measured(), 'absent')).verdict).toBe('fail');
  });

  test('a base that cannot be read leaves the increase unmeasured', () => {
    const result = judgeOne(both, model(measured(), 'unreadable'));
    expect(result).toMatchObject({ verdict: 'not-measured', reason: 'base: the model could not be read' });
    expect(result.verdicts.max).toBe('pass');
  });

  test('a removed model passes', () => {
    expect(judgeOne(both, model('absent'))).toMatchObject({ verdict: 'pass', reason: 'the model was removed' });
  });

  test('a head that cannot be read is not measured, at most a warning where the level says so', () => {
    expect(judgeOne(both, model('unreadable')).verdict).toBe('not-measured');
    expect(judgeOne({ ...both, level: 'warn' }, model('unreadable')).verdict).toBe('warn');
  });

  test('a value that is missing gives the side’s reason', () => {
    const opaque = measured({ values: { fileBytes: 60 }, layers: null, reason: 'ExecuTorch cannot be parsed yet' });
    expect(judgeOne(both, model(opaque))).toMatchObject({
      verdict: 'not-measured',
      reason: 'ExecuTorch cannot be parsed yet',
    });
    expect(judgeOne({ metric: 'size', max: 100, level: 'error', onBand: 'warn' }, model(opaque)).verdict).toBe('pass');
    const download: Budget = { metric: 'download', max: 100, level: 'error', onBand: 'warn' };
    expect(judgeOne(download, model(measured()))).toMatchObject({
      verdict: 'not-measured',
      reason: 'download was not measured',
    });
  });
});

test('an unknown operator spoils every budget but those of the file', () => {
  const head = measured({ unknownOperators: ['com.example.Foo'], values: { ...measured().values, downloadBytes: 9 } });
  const budgets = budgetMetrics.map((metric): Budget => ({ metric, max: 1e12, level: 'error', onBand: 'warn' }));
  const spoiled = judge(budgets, model(head)).filter((result) => result.verdict === 'not-measured');
  expect(spoiled.map((result) => result.metric)).toEqual([
    ...['latency', 'energy', 'power', 'peak-memory', 'dram-traffic', 'macs', 'cpu-fallback'],
  ]);
  expect(spoiled[0]!.reason).toBe('the cost of com.example.Foo is not known');
});

describe('layer budgets', () => {
  test.each<[string, Partial<Budget>, number]>([
    ['by name', { layer: 'backbone/*' }, 0.03],
    ['by a source node, leading slash ignored', { layer: 'neck/*' }, 0.003],
    ['all', { layer: '*' }, 0.033],
  ])('%s', (_, more, actual) => {
    const result = judgeOne(latency({ max: 1, ...more }), model(measured()));
    expect(result.actual).toBeCloseTo(actual, 12);
    expect(result.layer).toBe(more.layer);
  });

  test('have the band of the total, as a share', () => {
    // 30 ms with a low end of 27.6 ms.
    expect(judgeOne(latency({ max: 0.028, layer: 'backbone/*' }), model(measured())).verdict).toBe('warn');
    expect(judgeOne(latency({ max: 0.0275, layer: 'backbone/*' }), model(measured())).verdict).toBe('fail');
  });

  test('need a layer on the head', () => {
    const result = judgeOne(latency({ max: 1, layer: 'stem/*' }), model(measured()));
    expect(result).toMatchObject({ verdict: 'not-measured', reason: 'no layer matches the glob', actual: null });
  });

  test('every metric but download knows its layers', () => {
    const values = budgetMetrics.map((metric) => {
      const budget: Budget = { metric, max: 1e12, layer: 'head', level: 'error', onBand: 'warn' };
      return [metric, judgeOne(budget, model(measured())).actual];
    });
    expect(Object.fromEntries(values)).toEqual({
      ...{ size: 24, download: null, weights: 20, latency: 0.003, energy: 0.006, power: 2, 'peak-memory': 50 },
      ...{ 'dram-traffic': 100, macs: 10, parameters: 5, 'cpu-fallback': 1 },
    });
  });
});

describe('which budgets apply', () => {
  const named = {
    path: 'models/kws/a.onnx',
    previousPath: 'old/b.onnx',
    name: 'spotter',
    target: ['ethos-u55-256', 'own'],
  };
  test.each<[Partial<Budget>, boolean]>([
    [{}, true],
    [{ model: 'models/kws/**' }, true],
    [{ model: 'old/*' }, true],
    [{ model: 'spotter' }, true],
    [{ model: 'models/*' }, false],
    [{ target: 'own' }, true],
    [{ target: 'rpi4-xnnpack' }, false],
    [{ target: 'own', model: 'nothing' }, false],
  ])('%o: %j', (more, expected) => {
    expect(appliesTo(latency(more), named)).toBe(expected);
  });
});

test('the worst verdict: fail, not-measured, warn, waived, pass', () => {
  const order: readonly Verdict[] = ['pass', 'waived', 'warn', 'not-measured', 'fail'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...order)), (verdicts) => {
      const worst = Math.max(0, ...verdicts.map((verdict) => order.indexOf(verdict)));
      expect(worstVerdict(verdicts)).toBe(order[worst]);
    }),
  );
});
