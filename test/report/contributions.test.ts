import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contributionsOf, leadingMetric } from '../../src/report/contributions.ts';
import { groupRepeats, rowName, slowestLayer } from '../../src/report/repeats.ts';
import { additive, budget, detectorRows, layer, row, targetReport, total, totals } from './reports.ts';

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
