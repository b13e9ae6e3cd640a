import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Waiver } from '../src/compare/comparison.ts';
import type { ModelReport, TargetReport } from '../src/report/report.ts';
import { exitCode, type ReviewedSide } from '../src/review.ts';
import { fileSide, reviewPairs, type Pair, type Setting } from './review/input.ts';

const bytesOf = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, '../fixtures/models', name));

const reviewOne = (pair: Pair, setting: Setting = {}): ModelReport => reviewPairs([pair], setting).models[0]!;
const onlyTarget = (model: ModelReport): TargetReport => {
  expect(model.targets).toHaveLength(1);
  return model.targets[0]!;
};

const residual = 'cnn-residual.onnx';

describe('what changed', () => {
  test.each<[string, string, ModelReport['change']]>([
    ['itself', residual, 'identical'],
    ['a renamed and reordered export', 'cnn-residual-renamed.onnx', 'identical'],
    ['a retrained copy', 'cnn-residual-retrained.onnx', 'retrained'],
    ['a wider one', 'cnn-residual-wide.onnx', 'changed'],
  ])('%s', (_, head, change) => {
    const model = reviewOne({ base: residual, head });
    expect(model).toMatchObject({ change, verdict: 'pass', errors: [], warnings: [] });
    const { totals, layers } = onlyTarget(model);
    const same = change !== 'changed';
    expect(totals.latencySeconds.delta === 0).toBe(same);
    expect(layers.every((row) => row.delta.latencySeconds === 0)).toBe(same);
  });

  test('a new and a removed model', () => {
    expect(reviewOne({ base: null, head: residual })).toMatchObject({ status: 'added', change: 'changed' });
    const removed = reviewOne({ base: residual, head: null });
    expect(removed).toMatchObject({ status: 'removed', change: 'changed', verdict: 'pass' });
    expect(
      onlyTarget(removed)
        .layers.slice(0, -1)
        .every((row) => row.match.status === 'removed'),
    ).toBe(true);
  });

  test('the Resize that falls back to the CPU of the accelerator', () => {
    const setting = { targets: ['ethos-u55-256'] };
    const target = onlyTarget(reviewOne({ base: 'detector-nearest.onnx', head: 'detector-cubic.onnx' }, setting));
    const fallen = target.layers.filter((row) => row.changes.includes('falls back to the CPU'));
    expect(fallen.map((row) => row.head.map((layer) => layer.op))).toEqual([['Resize']]);
    expect(target.totals.cpuFallbackLayers).toMatchObject({ base: 0, head: 1, delta: 1 });
  });

  test('a lost quantization shows: neither side is assumed to be int8', () => {
    const setting = { targets: ['ethos-u55-256'] };
    const lost = onlyTarget(reviewOne({ base: 'cnn-qdq.onnx', head: 'cnn-qdq-lost.onnx' }, setting));
    expect(lost.assumptions.join()).not.toContain('assumed int8');
    expect(lost.totals.cpuFallbackLayers.delta).toBeGreaterThan(0);
    const float = onlyTarget(reviewOne({ base: residual, head: residual }, setting));
    expect(float.assumptions.join()).toContain('assumed int8');
    const asked = { ...setting, config: 'models: [{ path: "**", assumeDtype: none }]' };
    expect(onlyTarget(reviewOne({ base: residual, head: residual }, asked)).assumptions.join()).not.toContain('int8');
  });
});

describe('budgets', () => {
  const verdictOf = (budget: string, pair: Pair = { base: residual, head: 'cnn-residual-wide.onnx' }) => {
    const report = reviewPairs([pair], { config: `budgets: [{ ${budget} }]` });
    return [report.verdict, exitCode(report)];
  };

  test('verdict and exit code', () => {
    // The fixtures take 290,407 and 391,637 bytes.
    expect(verdictOf('metric: size, max: 400 kB')).toEqual(['pass', 0]);
    expect(verdictOf('metric: size, max: 391637 B')).toEqual(['pass', 0]);
    expect(verdictOf('metric: size, max: 391636 B')).toEqual(['fail', 1]);
    expect(verdictOf('metric: size, max: 391636 B, level: warn')).toEqual(['warn', 0]);
    expect(verdictOf('metric: size, maxIncrease: 34%')).toEqual(['fail', 1]);
    expect(verdictOf('metric: size, maxIncrease: 35%')).toEqual(['pass', 0]);
    expect(verdictOf('metric: size, maxIncrease: 101230 B')).toEqual(['pass', 0]);
    expect(verdictOf('metric: size, maxIncrease: 101229 B')).toEqual(['fail', 1]);
    expect(verdictOf('metric: size, maxIncrease: 1%', { base: null, head: residual })).toEqual(['warn', 0]);
    expect(verdictOf('metric: size, max: 1 B, model: "other/**"')).toEqual(['pass', 0]);
    expect(verdictOf('metric: size, max: 1 B, model: "models/*"')).toEqual(['fail', 1]);
    expect(verdictOf('metric: size, max: 1 B, target: ethos-u55-256')).toEqual(['pass', 0]);
    expect(verdictOf('metric: latency, max: 1 s, layer: "no/such/*"')).toEqual(['not-measured', 3]);
  });

  test('download is computed where a budget asks for it', () => {
    const pair = { base: residual, head: residual };
    expect(onlyTarget(reviewOne(pair)).totals.downloadBytes.head).toBeNull();
    const asked = onlyTarget(reviewOne(pair, { config: 'budgets: [{ metric: download, max: 1 GB }]' }));
    expect(asked.budgets[0]!.verdict).toBe('pass');
    expect(asked.totals.downloadBytes.head).toBeGreaterThan(200_000);
    expect(asked.totals.downloadBytes.head).toBeLessThan(asked.totals.fileBytes.head!);
    expect(onlyTarget(reviewOne(pair, { download: true })).totals.downloadBytes.delta).toBe(0);
  });

  test('a renamed model keeps the budgets and the entry of its old path', () => {
    const config = `models: [{ path: "old/**", name: kws }]
budgets: [{ metric: size, max: 1 B, model: "old/**" }]`;
    const pair = { base: residual, head: residual, path: 'new/a.onnx', previousPath: 'old/a.onnx' };
    const model = reviewOne({ ...pair, status: 'renamed' }, { config });
    expect(model).toMatchObject({ name: 'kws', verdict: 'fail', change: 'identical', previousPath: 'old/a.onnx' });
  });

  test('a waiver covers the breach until its day', () => {
    const waiver: Waiver = {
      ...{ id: '7', who: 'octocat', when: '2026-03-01', why: 'agreed', until: '2026-03-20', metric: 'size' },
      values: [{ model: 'models/net.onnx', target: 'rpi4-xnnpack', actual: 391_637 }],
    };
    const config = 'budgets: [{ metric: size, max: 1 B }]';
    const on = (evaluatedOn: string) =>
      reviewPairs([{ base: residual, head: 'cnn-residual-wide.onnx' }], { config, waivers: [waiver], evaluatedOn });
    expect(on('2026-03-20')).toMatchObject({ verdict: 'waived', evaluatedOn: '2026-03-20' });
    expect(exitCode(on('2026-03-20'))).toBe(0);
    expect(exitCode(on('2026-03-21'))).toBe(1);
    expect(on('2026-03-20').replay).toMatch(/ --evaluated-on 2026-03-20$/);
  });

  test('power is duty-cycled at the rate that the config gives', () => {
    const at = (rate: string) =>
      onlyTarget(reviewOne({ base: residual, head: residual }, { config: `models: [{ path: "**"${rate} }]` }));
    expect(at('').rateHertz).toBeNull();
    expect(at(', rate: 1 Hz').rateHertz).toBe(1);
    expect(at(', rate: 1 Hz').totals.averagePowerWatts.head).toBeLessThan(at('').totals.averagePowerWatts.head!);
  });
});

describe('models that cannot be measured', () => {
  const config = 'budgets: [{ metric: latency, max: 1 s }, { metric: size, max: 1 MB }]';
  const verdicts = (model: ModelReport) => onlyTarget(model).budgets.map((budget) => budget.verdict);
  const truncated = fileSide(bytesOf(residual).subarray(0, 1000));

  test('a broken head: not measured with a budget (3), and without one (0)', () => {
    const model = reviewOne({ base: residual, head: truncated }, { config });
    expect(model).toMatchObject({ verdict: 'not-measured', change: 'not-measured' });
    expect(model.errors).toEqual([expect.stringMatching(/^head: /)]);
    expect(verdicts(model)).toEqual(['not-measured', 'not-measured']);
    expect(exitCode(reviewPairs([{ base: residual, head: truncated }], { config }))).toBe(3);
    const free = reviewPairs([{ base: residual, head: truncated }]);
    expect([free.verdict, exitCode(free)]).toEqual(['not-measured', 0]);
  });

  test('the other models are still reviewed, and stand in order', () => {
    const report = reviewPairs(
      [
        { base: residual, head: 'cnn-residual-wide.onnx', path: 'z.onnx' },
        { base: truncated, head: truncated, path: 'a.onnx' },
        { base: { error: 'the LFS object is not to be had', fileBytes: 5 }, head: residual, path: 'm.onnx' },
      ],
      { config },
    );
    expect(report.models.map(({ path, change }) => [path, change])).toEqual([
      ['a.onnx', 'not-measured'],
      ['m.onnx', 'not-measured'],
      ['z.onnx', 'changed'],
    ]);
    expect(report.models[1]!.errors).toEqual(['base: the LFS object is not to be had']);
    expect(verdicts(report.models[1]!)).toEqual(['pass', 'pass']);
    expect(onlyTarget(report.models[1]!).totals.fileBytes).toMatchObject({ base: 5, head: 290_407, delta: 290_402 });
    expect(report.verdict).toBe('not-measured');
  });

  test('a base that cannot be read leaves increases unmeasured', () => {
    const grown = 'budgets: [{ metric: latency, maxIncrease: 5% }, { metric: latency, max: 1 s }]';
    expect(verdicts(reviewOne({ base: truncated, head: residual }, { config: grown }))).toEqual([
      'not-measured',
      'pass',
    ]);
  });

  test('formats that cannot be parsed have a size', () => {
    const gguf = fileSide(new TextEncoder().encode('GGUF'.padEnd(100, '\u0003')));
    const sized = `${config.slice(0, -1)}, { metric: download, max: 1 kB }, { metric: size, maxIncrease: 0% }]`;
    const model = reviewOne({ base: gguf, head: gguf, path: 'models/llm.gguf' }, { config: sized });
    expect(verdicts(model)).toEqual(['not-measured', 'pass', 'pass', 'pass']);
    expect(onlyTarget(model).totals.fileBytes).toMatchObject({ base: 100, head: 100, delta: 0 });
    expect(onlyTarget(model).layers).toEqual([]);
    expect(model.errors[1]).toMatch(/^head: .*GGUF cannot be parsed yet/);
  });

  test('a dimension without a value names the key that sets it', () => {
    const block = 'transformer-block.onnx';
    const model = reviewOne({ base: block, head: block }, { config });
    expect(model.errors).toEqual([
      expect.stringMatching(
        /^base: a dimension has no value: set models\[\]\.dims\.sequence \(--dim 'sequence=…'\) in the config, for input /,
      ),
      expect.stringMatching(/^head: /),
    ]);
    expect(verdicts(model)).toEqual(['not-measured', 'pass']);
    const bound = `models: [{ path: "**", dims: { sequence: 16, other: 3 } }]\n${config}`;
    expect(reviewOne({ base: block, head: block }, { config: bound })).toMatchObject({ errors: [], verdict: 'pass' });
  });

  test('absent external data is a warning and the review goes on', () => {
    const absent = reviewOne({ base: 'everything-ir11-absent.onnx', head: 'everything-ir11-absent.onnx' });
    expect(absent).toMatchObject({ errors: [], change: 'identical' });
    expect(absent.warnings.join()).toContain('not');
    expect(onlyTarget(absent).totals.fileBytes.head).toBeGreaterThan(bytesOf('everything-ir11-absent.onnx').length);
    const data = { 'everything-ir11.onnx.data': bytesOf('everything-ir11.onnx.data') };
    const complete = fileSide(bytesOf('everything-ir11.onnx'), data);
    const appeared = reviewOne({ base: fileSide(bytesOf('everything-ir11.onnx')), head: complete });
    expect(appeared.change).toBe('not-measured');
    expect(appeared.warnings).toContain('weights not available: whether they changed is not known');
  });
});

describe('the report', () => {
  test('is the same each time, and so is its replay', () => {
    const setting = { config: 'budgets: [{ metric: latency, max: 1 ms, maxIncrease: 5% }]' };
    const pair = { base: residual, head: 'cnn-residual-wide.onnx' };
    const report = reviewPairs([pair], setting);
    expect(JSON.stringify(reviewPairs([pair], setting))).toBe(JSON.stringify(report));
    expect(JSON.stringify(reviewPairs([pair], { config: report.config }))).toBe(JSON.stringify(report));
    expect(report.replay).toBe(
      `npx model-budget@0.1.0 diff ${'b'.repeat(40)} ${'c'.repeat(40)} --config model-budget.yml`,
    );
  });

  test('models are read one after the other, and progress is told', () => {
    const events: string[] = [];
    function* pairs(): Generator<Pair> {
      for (const path of ['a.onnx', 'b.onnx']) {
        events.push(`open ${path}`);
        yield { base: residual, head: residual, path };
        events.push(`close ${path}`);
      }
    }
    reviewPairs(pairs(), {
      onProgress: ({ path, stage, target }) => events.push([stage, path, target].join(' ').trim()),
    });
    expect(events).toEqual([
      ...['open a.onnx', 'read a.onnx', 'match a.onnx', 'simulate a.onnx rpi4-xnnpack', 'close a.onnx'],
      ...['open b.onnx', 'read b.onnx', 'match b.onnx', 'simulate b.onnx rpi4-xnnpack', 'close b.onnx'],
    ]);
  });

  test('a defect of the program is not taken for a broken file', () => {
    const broken: ReviewedSide = {
      sources: {
        get: () => {
          throw new TypeError('a defect');
        },
      },
    };
    expect(() => reviewOne({ base: null, head: broken })).toThrow(TypeError);
  });

  test('a defect of the report page changes nothing but that there is none', () => {
    const problems: unknown[] = [];
    const page = (): never => {
      throw new TypeError('a defect');
    };
    const pairs: readonly Pair[] = [{ base: 'detector-nearest.onnx', head: 'detector-cubic.onnx' }];
    expect(reviewPairs(pairs, { page, onPageProblem: (error) => problems.push(error) })).toEqual(reviewPairs(pairs));
    expect(problems).toHaveLength(1);
    expect(() => reviewPairs(pairs, { page })).toThrow(TypeError);
  });
});
