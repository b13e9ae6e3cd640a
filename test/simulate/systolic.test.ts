import { expect, test } from 'vitest';
import { roundToArray } from '../../src/simulate/systolic.ts';
import { pointNest } from './toy.ts';

const array = { rows: 4, columns: 4 };

test('streams positions through folds of the weights', () => {
  // K' = 6 on 4 rows, N = 5 on 4 columns: 2 · 2 folds of 10 positions, plus 4 + 4 - 2 cycles once: 46 cycles of 16 MACs.
  expect(roundToArray({ ...pointNest, OY: 10, C: 6, K: 5 }, array).paddedMacs).toBe(46 * 16);
});

test('is bound by loading weights where few positions stream', () => {
  // One position, 4 x 4 weights: loading takes 4 cycles, filling 6.
  const { paddedMacs, detail } = roundToArray({ ...pointNest, C: 4, K: 4 }, array);
  expect(paddedMacs).toBe(10 * 16);
  expect(detail).toBe('1 positions fill 1 of 4 cycles that a fold takes');
});

test('packs depthwise filters on the diagonal', () => {
  // 2 taps: two filters fit 4 rows. 6 channels in 3 rounds of 8 positions, plus 6 cycles: 30 of 16 MACs.
  const depthwise = { ...pointNest, G: 6, FX: 2, OX: 8 };
  expect(roundToArray(depthwise, array).paddedMacs).toBe(30 * 16);
});
