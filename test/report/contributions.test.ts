import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contributionChange } from '../../src/report/contribution-words.ts';
import { contributionsOf, leadingMetric } from '../../src/report/contributions.ts';
import { renderText } from '../../src/report/text.ts';
import { groupRepeats, rowName, slowestLayer } from '../../src/report/repeats.ts';
import { changePhrase, whyPhrase } from '../../src/report/why.ts';
import {
  additive,
  budget,
  detectorRows,
  layer,
  modelReport,
  report,
  row,
  targetReport,
  total,
  totals,
} from './reports.ts';

const renamed = (names: readonly string[]) =>
  groupRepeats(names.map((name) => row([], [layer({ name })]))).map(({ name, rows }) => [name, rows.length]);

describe('rows of repeated blocks', () => {
  test.each([
    [['layer.0/MatMul', 'layer.1/MatMul', 'layer.23/MatMul'], [['layer.*/MatMul', 3]]],
    [['Conv_3', 'Conv_7'], [['Conv_3…7', 2]]],
    [['a/0/b/0', 'a/0/b/1'], [['a/0/b/0…1', 2]]],
    [['a/0/b/0', 'a/1/b/1'], [['a/*/b/*', 2]]],
    [['query', 'key'], [['query', 1], ['key', 1]]], // prettier-ignore
    [['same', 'same'], [['same', 2]]],
  ])('%j', (names, expected) => {
    expect(renamed(names)).toEqual(expected);
  });

  test('stay apart where the work or the change differs', () => {
    const small = row([], [layer({ name: 'a.0' })]);
    const large = row([], [layer({ name: 'a.1', macs: 7 })]);
    const other = row([], [layer({ name: 'a.2' })], { changes: ['kernel 3→5'] });
    expect(groupRepeats([small, large, other]).map(({ name }) => name)).toEqual(['a.0', 'a.1', 'a.2']);
  });
});

describe('copies of a block', () => {
  const words = 'one more copy of this block (×7, was ×6)';
  const part = (name: string, changes: readonly string[] = ['added', words]) => row([], [layer({ name })], { changes });
  const before = row([layer({ name: 'stem' })], [layer({ name: 'stem' })]);

  test('are one row by the module that they are in, if only most of them', () => {
    const copied = ['blocks.6/fc1', 'blocks.6/act', 'blocks.6/fc2', 'norm'].map((name) => part(name));
    const groups = groupRepeats([before, ...copied, part('other', ['added'])]);
    expect(groups.map(({ kind, name, rows }) => [kind, name, rows.length])).toEqual([
      ['layers', 'stem', 1],
      ['block', 'blocks.6/*', 4],
      ['layers', 'other', 1],
    ]);
    expect(groups[1]!.delta.latencySeconds).toBeCloseTo(8e-3, 12);
    expect(contributionChange(groups[1]!)).toEqual([{ said: words }, ': 4 layers']);
  });

  test('are two rows where two blocks have as many', () => {
    const groups = groupRepeats([part('a/0/x'), part('a/0/y'), before, part('b/0/x'), part('b/0/y')]);
    expect(groups.map(({ name }) => name)).toEqual(['a/0/*', 'stem', 'b/0/*']);
  });

  test('have the first and the last name where these are counters', () => {
    const [block] = groupRepeats([part('Conv_1'), part('Relu_2'), part('Conv_3')]);
    expect(block!.name).toBe('Conv_1…Conv_3');
  });

  test('are told once', () => {
    const match = { status: 'copy', evidence: 'none', confidence: 0.5 } as const;
    expect(changePhrase([row([], [layer()], { match, changes: [words] })])).toEqual([{ said: words }]);
  });
});

describe('the rows that are shown', () => {
  test('are the largest, whatever their sign, and nothing is lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 30 }),
        fc.nat(12),
        (deltas, most) => {
          const layers = deltas.map((delta, index) =>
            row(
              [layer({ name: 'x'.repeat(index + 1), latencySeconds: 1 })],
              [layer({ name: 'x'.repeat(index + 1), latencySeconds: 1 + delta })],
            ),
          );
          const { shown, others } = contributionsOf(targetReport({ layers }), most);
          const sizes = shown.map(({ delta }) => Math.abs(delta.latencySeconds));
          expect(shown.length).toBeLessThanOrEqual(most);
          expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
          expect(shown.flatMap(({ rows }) => rows).length + others.length).toBe(layers.length);
          for (const metric of additive) {
            const parts = [...shown.map(({ delta }) => delta[metric]), ...others.map(({ delta }) => delta[metric])];
            const whole = layers.reduce((sum, { delta }) => sum + delta[metric], 0);
            expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(whole, 9);
          }
        },
      ),
    );
  });

  test('hold the layer that sets the peak when the peak is news', () => {
    const quiet = contributionsOf(targetReport(), 1).shown.map(({ name }) => name);
    expect(quiet).toEqual(['neck/up*/Resize']);
    const still = layer({ name: 'still' });
    const layers = [...detectorRows, row([still], [still], { setsPeakMemory: true })];
    const peak = totals({ peakMemoryBytes: total(400, 500) });
    const names = contributionsOf(targetReport({ layers, totals: peak }), 1).shown.map(({ name }) => name);
    expect(names).toEqual(['neck/up*/Resize', 'still']);
  });

  test('are led by the metric of a broken budget, beside the latency', () => {
    const size = budget({ metric: 'size', key: 'fileBytes', verdict: 'fail' });
    const target = targetReport({ budgets: [size] });
    expect(leadingMetric(target)).toBe('fileBytes');
    expect(contributionsOf(target, 3).shown.map(({ name }) => name)).toEqual([
      'backbone/stage3/*/conv',
      'file overhead',
      'neck/up*/Resize',
    ]);
  });

  test.each([
    [budget({ metric: 'power', key: 'averagePowerWatts', verdict: 'fail' }), 'energyJoules'],
    [budget({ metric: 'peak-memory', key: 'peakMemoryBytes', verdict: 'fail' }), 'latencySeconds'],
    [budget({ metric: 'size', key: 'fileBytes', verdict: 'pass' }), 'latencySeconds'],
  ])('explain %j', (one, expected) => {
    expect(leadingMetric(targetReport({ budgets: [one] }))).toBe(expected);
  });
});

test('a row of several layers is called by the one that computes and explained by the one that takes the time', () => {
  const dequantize = layer({ name: 'stem/DequantizeLinear', macs: 0, latencySeconds: 3e-3 });
  const convolution = layer({ name: 'stem/Conv', macs: 5, latencySeconds: 1e-3 });
  expect(rowName(row([convolution], [dequantize, convolution]))).toBe('stem/Conv');
  expect(rowName(row([dequantize], []))).toBe('stem/DequantizeLinear');
  expect(slowestLayer([convolution, dequantize])).toBe(dequantize);
  expect(slowestLayer([])).toBeUndefined();
});

test('of several layers on the CPU the one that costs most says why', () => {
  const conversion = layer({
    op: 'DequantizeLinear',
    latencySeconds: 1e-5,
    fallback: '`DequantizeLinear` is not supported',
  });
  const conv = layer({ latencySeconds: 2e-2, fallback: '`Conv` in float32 is not supported' });
  const text = whyPhrase([row([], [conversion, conv])]).map((part) =>
    typeof part === 'string' ? part : JSON.stringify(part),
  );
  expect(text.join('')).toContain('Conv');
  expect(text.join('')).not.toContain('DequantizeLinear');
});

test('layers with other weights are not called unchanged', () => {
  const match = { status: 'retrained', evidence: 'aligned', confidence: 0.9 } as const;
  const same = (name: string, retrained: boolean) =>
    row([layer({ name })], [layer({ name })], retrained ? { match, changes: ['only weights changed'] } : {});
  const grown = row([layer({ name: 'a' })], [layer({ name: 'a', latencySeconds: 9e-3 })]);
  const layers = [grown, same('b', true), same('c', true), same('d', false)];
  const latencySeconds = total(8e-3, 15e-3);
  const text = renderText(
    report({ models: [modelReport({ targets: [targetReport({ layers, totals: totals({ latencySeconds }) })] })] }),
  );
  expect(text).toContain('1 layer unchanged, 2 layers retrained at the same cost');
});
