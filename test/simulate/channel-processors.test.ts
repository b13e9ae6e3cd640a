import { expect, test } from 'vitest';
import { roundToProcessors } from '../../src/simulate/channel-processors.ts';
import { pointNest } from './toy.ts';

const processors = { channels: 4, taps: 9, cyclesPerPosition: 2 };

test('gives one output channel a cycle behind the loads of a position', () => {
  // 10 positions, 4 channels in one pass: 10 · (5 + 2) cycles of 4 · 9 MACs.
  const filter = { ...pointNest, OY: 10, C: 4, K: 5, FY: 3, FX: 3 };
  expect(roundToProcessors(filter, processors).paddedMacs).toBe(70 * 36);
});

test('takes a pass more for channels beyond the processors, and for taps beyond the multipliers', () => {
  expect(roundToProcessors({ ...pointNest, C: 5, K: 1 }, processors).paddedMacs).toBe(2 * 3 * 36);
  expect(roundToProcessors({ ...pointNest, C: 1, K: 1, FY: 5, FX: 5 }, processors).paddedMacs).toBe(3 * 3 * 36);
});

test('a 1x1 filter takes as long as a 3x3 one, and says what it leaves idle', () => {
  const point = { ...pointNest, C: 4, K: 6 };
  const square = { ...point, FY: 3, FX: 3 };
  expect(roundToProcessors(point, processors).paddedMacs).toBe(roundToProcessors(square, processors).paddedMacs);
  expect(roundToProcessors(point, processors).detail).toBe('1 filter taps fill 1 of 9 multipliers of a processor');
});
