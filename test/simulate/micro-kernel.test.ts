import { expect, test } from 'vitest';
import { roundToMicroKernel } from '../../src/simulate/micro-kernel.ts';
import { pointNest } from './toy.ts';

const tile = { rows: 4, columns: 8, depth: 16 };

test('rounds positions, output channels and input channels up to the tile', () => {
  // 9 positions of 12, 10 channels of 16, 3 inputs of 16: 12 · 16 · 16 = 3072 MACs for 9 · 10 · 3 = 270.
  const { paddedMacs, detail } = roundToMicroKernel({ ...pointNest, OY: 3, OX: 3, K: 10, C: 3 }, tile, 1);
  expect(paddedMacs).toBeCloseTo(3072, 9);
  expect(detail).toBe('3 input channels fill 3 of 16 lanes');
});

test('does not pad a product with fewer rows than a tile', () => {
  // One row: only channels are rounded, 10 of 16 and 16 of 16.
  expect(roundToMicroKernel({ ...pointNest, K: 10, C: 16 }, tile, 1).paddedMacs).toBeCloseTo(16 * 16, 9);
});

test('runs depthwise filters with channels in the lanes', () => {
  // 12 channels of 16 lanes, 4 positions, nine taps: 16 · 4 · 9 = 576.
  const depthwise = { ...pointNest, G: 12, OY: 2, OX: 2, FY: 3, FX: 3 };
  expect(roundToMicroKernel(depthwise, tile, 1).paddedMacs).toBeCloseTo(576, 9);
});

test('deals whole tiles to the cores', () => {
  // 5 row tiles of 1 channel tile on 4 cores take 2 turns: 8 places for 5 tiles.
  const { paddedMacs, detail } = roundToMicroKernel({ ...pointNest, OY: 20, K: 8, C: 16 }, tile, 4);
  expect(paddedMacs).toBeCloseTo((20 * 8 * 16 * 8) / 5, 6);
  expect(detail).toBe('5 tiles fill 5 of 8 turns on the cores');
});
