import { expect, test } from 'vitest';
import { roundToWaves } from '../../src/simulate/waves.ts';
import { pointNest } from './toy.ts';

test('counts whole waves of whole tiles', () => {
  // 100 x 40 with tiles of 64 x 64: 2 blocks on 8 places, one wave: 8 · 64 · 64 · 32 MACs.
  const nest = { ...pointNest, OY: 100, K: 40, C: 32 };
  const { paddedMacs, detail } = roundToWaves(nest, { tiles: [[64, 64]], blocksPerMultiprocessor: 2 }, 4);
  expect(paddedMacs).toBe(8 * 64 * 64 * 32);
  expect(detail).toBe('2 blocks of 64x64 fill 2 of 8 places');
});

test('takes the tile that wastes least', () => {
  // Tiles of 32 x 32: 4 · 2 = 8 blocks, a full wave: 8 · 32 · 32 · 32.
  const nest = { ...pointNest, OY: 100, K: 40, C: 32 };
  const waves = { tiles: [[64, 64] as const, [32, 32] as const], blocksPerMultiprocessor: 2 };
  expect(roundToWaves(nest, waves, 4).paddedMacs).toBe(8 * 32 * 32 * 32);
});

test('cuts a long sum where blocks are few', () => {
  // One block of 64 x 64 on 8 places: cut in 8, each sums 128 of 1024; in 16 it would need two waves of 64.
  const nest = { ...pointNest, OY: 64, K: 64, C: 1024 };
  expect(roundToWaves(nest, { tiles: [[64, 64]], blocksPerMultiprocessor: 1 }, 8).paddedMacs).toBe(8 * 64 * 64 * 128);
});
