import { describe, expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { Kernel, Stream } from '../../src/schedule/schedule.ts';
import type { ComputeUnit, Target } from '../../src/schedule/target.ts';
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
  const cpuWith = (changes: Partial<ComputeUnit>): Target => ({
    ...toyCpu,
    units: [{ ...toyCpu.units[0]!, ...changes }],
  });
  const winogradOf = (forms: NonNullable<ComputeUnit['winograd']>['forms']): Target =>
    cpuWith({ winograd: { forms, transformedElementsPerCycle: 1 } });
  const winograd = winogradOf([{ types: ['float32'], minimumChannels: 16, outputTiles: [2, 6] }]);
  const kernelOf = (given: ModelGiven, target: Target) => compile(prepared(given), target).kernels[0]!;
  const streamOf = ({ streams }: Kernel, role: Stream['role']) => streams.find((stream) => stream.role === role);

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

  test('the first form that takes a convolution computes it', () => {
    const target = winogradOf([
      { types: ['float32'], minimumChannels: 8, maximumChannels: 16, outputTiles: [6] },
      { types: ['float32'], minimumChannels: 8, outputTiles: [4] },
    ]);
    // 4 tiles of 6x6 have 64 points each, 4 tiles of 4x4 have 36.
    expect(algorithmOf(conv([16, 16, 3, 3]), target)[2]).toBe(4 * 64 * 16 * 16);
    expect(algorithmOf(conv([24, 16, 3, 3]), target)[2]).toBe(4 * 36 * 24 * 16);
  });

  test('Winograd reads filters and inputs that are transformed', () => {
    const inSixes = winogradOf([{ types: ['float32'], minimumChannels: 16, outputTiles: [6] }]);
    const kernel = kernelOf(conv([16, 16, 3, 3]), inSixes);
    // F(6x6, 3x3) makes 64 values of 9, here of 4 bytes each; 4 tiles of 64 points for each of 16 channels.
    expect(streamOf(kernel, 'weights')?.readBytes).toBe(16 * 16 * 64 * 4);
    expect(kernel.workspaceBytes).toBe(4 * 64 * 16 * 4);
  });

  const quantized: ModelGiven = {
    inputs: { x: ['int8', 1, 16, 8, 8] },
    constants: { w: ['int8', 16, 16, 3, 3] },
    nodes: [node('ConvInteger', ['x', 'w'], 'y', { pads: [1, 1, 1, 1] })],
    outputs: ['y'],
  };

  test('filters of 8 bits take 16 when they are transformed', () => {
    const kernel = kernelOf(quantized, winogradOf([{ types: ['int8'], minimumChannels: 8, outputTiles: [4] }]));
    expect(kernel.algorithm).toBe('winograd');
    expect(streamOf(kernel, 'weights')?.readBytes).toBe(16 * 16 * 36 * 2);
    expect(kernel.workspaceBytes).toBe(4 * 36 * 16 * 2);
  });

  test('where sums go through memory they are written, read and converted', () => {
    const [plain, stored] = [kernelOf(quantized, toyCpu), kernelOf(quantized, cpuWith({ storedSums: true }))];
    const sums = 16 * 8 * 8;
    expect([plain.workspaceBytes, stored.workspaceBytes]).toEqual([0, 4 * sums]);
    expect(streamOf(stored, 'workspace')).toMatchObject({ readBytes: 4 * sums, writeBytes: 4 * sums });
    const converted = ({ vector }: Kernel) => vector.find(({ operation }) => operation === 'convert')?.elements ?? 0;
    expect(converted(stored) - converted(plain)).toBe(sums);
    expect(kernelOf(conv([16, 16, 3, 3]), cpuWith({ storedSums: true })).workspaceBytes).toBe(0);
  });

  test('halved weights take two bytes each, in memory and when they are read', () => {
    const product: ModelGiven = {
      inputs: { x: ['float32', 1, 64] },
      constants: { w: ['float32', 64, 32] },
      nodes: [node('Gemm', ['x', 'w'], 'y')],
      outputs: ['y'],
    };
    const halved = kernelOf(product, cpuWith({ halvedWeights: ['fully-connected'] }));
    expect(streamOf(kernelOf(product, toyCpu), 'weights')?.readBytes).toBe(64 * 32 * 4);
    expect(streamOf(halved, 'weights')?.readBytes).toBe(64 * 32 * 2);
    // Weights that a file has in half precision are no smaller.
    const inHalves = { ...product, constants: { w: ['float16', 64, 32] } } as const;
    const kept = kernelOf(inHalves, cpuWith({ macsPerCycle: { float32: 4 }, halvedWeights: ['fully-connected'] }));
    expect([kept.type, streamOf(kept, 'weights')?.readBytes]).toEqual(['float32', 64 * 32 * 2]);
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
