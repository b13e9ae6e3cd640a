import { describe, expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { Target } from '../../src/schedule/target.ts';
import type { ModelGiven } from './models.ts';
import { node, prepared } from './models.ts';
import { toyCpu } from './toy-targets.ts';

describe('algorithms', () => {
  const algorithmOf = (given: ModelGiven, target: Target = toyCpu) => {
    const [kernel] = compile(prepared(given), target).kernels;
    return [kernel?.algorithm, kernel?.macs, kernel?.executedMacs];
  };
  const conv = (weight: readonly number[], attributes = {}): ModelGiven => ({
    inputs: { x: ['float32', 1, 16, 8, 8] },
    constants: { w: ['float32', ...weight] },
    nodes: [node('Conv', ['x', 'w'], 'y', { pads: [1, 1, 1, 1], ...attributes })],
    outputs: ['y'],
  });
  const winograd: Target = {
    ...toyCpu,
    units: [
      {
        ...toyCpu.units[0]!,
        winograd: { types: ['float32'], minimumChannels: 16, outputTiles: [2, 6], transformedElementsPerCycle: 1 },
      },
    ],
  };

  test('Winograd takes fewer products for a 3x3 convolution where the runtime has it', () => {
    // 64 positions × 16 × 16 × 9; 16 tiles of 2x2 have 16 points each, 4 tiles of 6x6 have 64: 256 points × 16 × 16.
    expect(algorithmOf(conv([16, 16, 3, 3]))).toEqual(['im2col-gemm', 147456, 147456]);
    expect(algorithmOf(conv([16, 16, 3, 3]), winograd)).toEqual(['winograd', 147456, 65536]);
  });

  test.each([
    ['stride 2', conv([16, 16, 3, 3], { strides: [2, 2] }), 'im2col-gemm'],
    ['few channels', conv([8, 16, 3, 3]), 'im2col-gemm'],
    ['5x5', conv([16, 16, 5, 5]), 'im2col-gemm'],
    ['groups', conv([16, 8, 3, 3], { group: 2 }), 'im2col-gemm'],
    ['depthwise', conv([16, 1, 3, 3], { group: 16 }), 'depthwise'],
    ['pointwise', conv([16, 16, 1, 1], { pads: [0, 0, 0, 0] }), 'gemm'],
  ])('no Winograd for %s', (_, given, expected) => {
    expect(algorithmOf(given, winograd)[0]).toBe(expected);
  });

  test.each([
    ['one row', ['float32', 1, 8], 'gemv'],
    ['several rows', ['float32', 2, 8], 'gemm'],
  ] as const)('a product of %s', (_, x, expected) => {
    const given: ModelGiven = {
      inputs: { x },
      constants: { w: ['float32', 8, 4] },
      nodes: [node('MatMul', ['x', 'w'], 'y')],
      outputs: ['y'],
    };
    expect(algorithmOf(given)[0]).toBe(expected);
  });

  test('moving elements is a copy', () => {
    const given: ModelGiven = {
      inputs: { x: ['float32', 2, 8] },
      nodes: [node('Transpose', ['x'], 'y', { perm: [1, 0] })],
      outputs: ['y'],
    };
    expect(algorithmOf(given)[0]).toBe('copy');
  });

  test('a microcontroller gathers two columns of the input', () => {
    const mcu: Target = { ...toyCpu, units: [{ ...toyCpu.units[0]!, kind: 'mcu' }] };
    const [kernel] = compile(prepared(conv([16, 16, 3, 3])), mcu).kernels;
    // 2 × 16 channels × 9 taps × 16 bits.
    expect(kernel?.workspaceBytes).toBe(576);
    expect(kernel?.streams).toContainEqual({
      memory: 'dram',
      role: 'workspace',
      readBytes: 576,
      writeBytes: 576,
      transfers: 1,
    });
  });
});
