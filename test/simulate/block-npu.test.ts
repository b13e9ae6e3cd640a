// Cycles against Arm's compiler: ethos-u-vela 5.2 with --accelerator-config ethos-u55-256, system High-End Embedded, memory
// mode Shared SRAM, column NPU of its per-layer report for MobileNet v1 0.25 at 128 x 128 and the MLPerf Tiny autoencoder.
import { describe, expect, test } from 'vitest';
import type { LoopNest } from '../../src/operators/work.ts';
import { chooseBlock } from '../../src/simulate/block-npu.ts';
import { blockCycles, poolCycles } from '../../src/simulate/block-time.ts';
import { pointNest } from './toy.ts';

const geometry = {
  kind: 'block',
  microBlock: { height: 2, width: 2, depth: 8 },
  bufferBanks: 48,
  bankBytes: 1024,
  outputCyclesPerElement: { plain: 0.25, multiply: 0.375, add: 0.75, maximum: 0.125, relu: 0.25, lookup: 1 },
} as const;
const ports = { activationBytesPerCycle: 8, activationLatencyCycles: 32, weightLatencyCycles: 64 };

const pointwise = (size: number, C: number, K: number): LoopNest => ({ ...pointNest, OY: size, OX: size, C, K });
const depthwise = (size: number, G: number, stride: number): LoopNest => ({
  ...pointNest,
  ...{ OY: size, OX: size, G, FY: 3, FX: 3, strideY: stride, strideX: stride },
});
const cyclesOf = (nest: LoopNest) => blockCycles({ nest, activationBytes: 1 }, geometry, ports, 0.25)?.total ?? NaN;

describe('cycles as Vela estimates them', () => {
  test.each<[string, LoopNest, number]>([
    ['depthwise 64 x 64 x 8', depthwise(64, 8, 1), 14104],
    ['pointwise 64 x 64, 8 to 16', pointwise(64, 8, 16), 17728],
    ['depthwise to 32 x 32 x 16, stride 2', depthwise(32, 16, 2), 8250],
    ['pointwise 32 x 32, 16 to 32', pointwise(32, 16, 32), 9536],
    ['depthwise 32 x 32 x 32', depthwise(32, 32, 1), 14008],
    ['pointwise 32 x 32, 32 to 32', pointwise(32, 32, 32), 9792],
    ['depthwise to 16 x 16 x 32, stride 2', depthwise(16, 32, 2), 5088],
    ['pointwise 16 x 16, 32 to 64', pointwise(16, 32, 64), 5440],
    ['depthwise 16 x 16 x 64', depthwise(16, 64, 1), 7808],
    ['pointwise 16 x 16, 64 to 64', pointwise(16, 64, 64), 5952],
    ['depthwise 8 x 8 x 128', depthwise(8, 128, 1), 7632],
    ['depthwise to 4 x 4 x 128, stride 2', depthwise(4, 128, 2), 3336],
    ['depthwise 4 x 4 x 256', depthwise(4, 256, 1), 4160],
    ['pointwise 4 x 4, 256 to 256', pointwise(4, 256, 256), 9776],
    ['fully connected, 640 to 128', pointwise(1, 640, 128), 12964],
    ['fully connected, 128 to 8', pointwise(1, 128, 8), 244],
    ['fully connected, 8 to 128', pointwise(1, 8, 128), 913],
  ])('%s', (_, nest, cycles) => {
    expect(cyclesOf(nest) / cycles).toBeCloseTo(1, 3);
  });

  test('a strided convolution of the network’s input, within what the layout of its input adds', () => {
    const stem = { ...pointNest, OY: 64, OX: 64, K: 8, C: 3, FY: 3, FX: 3, strideY: 2, strideX: 2 };
    expect(cyclesOf(stem) / 15495).toBeGreaterThan(0.85);
    expect(cyclesOf(stem) / 15495).toBeLessThan(1.15);
  });
});

test('input and sums of the chosen block fit the buffer twice', () => {
  const block = chooseBlock({ nest: pointwise(64, 64, 64), activationBytes: 1 }, geometry);
  const { output, input } = block!;
  const inputBanks = 2 * Math.ceil((input.height * input.width * input.depth) / 1024);
  const sumBanks = 2 * Math.ceil((output.height * output.width * output.depth * 4) / 1024);
  expect(inputBanks + sumBanks + 4).toBeLessThanOrEqual(48);
});

test('no block fits a buffer that is too small', () => {
  const tiny = { ...geometry, bufferBanks: 8 };
  expect(blockCycles({ nest: pointwise(8, 64, 64), activationBytes: 1 }, tiny, ports, 0.25)).toBeUndefined();
});

test('pooling takes four cycles for each of the window’s elements and micro-block', () => {
  // 4 x 4 x 8 outputs are 4 micro-blocks; windows of 9: 9 · 4 · 4 cycles.
  expect(poolCycles([1, 8, 4, 4], 9 * 128, 1, geometry)).toBe(144);
});
