import { describe, expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import { holdsQuantizedOperator, storedBytes, typeOn } from '../../src/schedule/legalize.ts';
import type { ModelGiven } from './models.ts';
import { modelOf, node, prepared } from './models.ts';
import { toyCpu, toyNpu } from './toy-targets.ts';

const floatModel: ModelGiven = {
  inputs: { x: ['float32', 1, 8, 4, 4] },
  constants: { w: ['float32', 8, 8, 1, 1], b: ['float32', 8] },
  nodes: [node('Conv', ['x', 'w', 'b'], 'y')],
  outputs: ['y'],
};

/** The same network, quantized: its 8-bit weights and activations stand in the file. */
const quantizedModel: ModelGiven = {
  inputs: { x: ['uint8', 1, 8, 4, 4] },
  constants: { w: ['int8', 8, 8, 1, 1], s: ['float32'], z: ['uint8'], zw: ['int8'], b: ['int32', 8] },
  nodes: [node('QLinearConv', ['x', 's', 'z', 'w', 's', 'zw', 's', 'z', 'b'], 'y')],
  outputs: ['y'],
};

/** Quantized but for its last layer. */
const lostQuantization: ModelGiven = {
  ...quantizedModel,
  constants: { ...quantizedModel.constants, v: ['float32', 8, 8, 1, 1] },
  nodes: [...quantizedModel.nodes, node('DequantizeLinear', ['y', 's', 'z'], 'f'), node('Conv', ['f', 'v'], 'g')],
  outputs: ['g'],
};

const kernelsOf = (given: ModelGiven, target = toyNpu, options = {}) =>
  compile(prepared(given), target, options).kernels;

describe('the assumed type', () => {
  test('is the target’s own for a float model on a target without floats', () => {
    const schedule = compile(prepared(floatModel), toyNpu);
    expect(schedule.kernels).toMatchObject([{ type: 'int8', assumed: true, unit: 'npu', fallback: null }]);
    expect(schedule.assumptions).toContain('assumed int8: the file holds floats');
  });

  test('changes bytes on the target, not those of the file', () => {
    const [kernel] = kernelsOf(floatModel);
    // 8 × 4 × 4 elements of one byte in and out; 64 weights of one byte and 8 biases of 32 bits.
    expect(kernel?.inputs.map(({ bytes }) => bytes)).toEqual([128]);
    expect(kernel?.outputs.map(({ bytes }) => bytes)).toEqual([128]);
    expect(kernel?.streams.find(({ role }) => role === 'weights')?.readBytes).toBe(64 + 32);
    // The file holds 72 float32.
    expect(kernel).toMatchObject({ parameters: 72, weightsBytes: 288, fileBytes: 288 });
  });

  test('is not applied where floats are native', () => {
    expect(kernelsOf(floatModel, toyCpu)).toMatchObject([{ type: 'float32', assumed: false }]);
  });

  test('can be switched off: the float layer is a real fallback', () => {
    const [kernel] = kernelsOf(floatModel, toyNpu, { assumedType: 'none' });
    expect(kernel).toMatchObject({ type: 'float32', assumed: false, unit: 'cpu' });
    expect(kernel?.fallback).toEqual({
      code: 'dtype',
      reason: '`Conv` in float32 is not supported; int8 and int16 are',
    });
  });

  test('can be asked for anywhere', () => {
    expect(kernelsOf(floatModel, toyCpu, { assumedType: 'int8' })).toMatchObject([{ type: 'int8', assumed: true }]);
    expect(kernelsOf(floatModel, toyNpu, { assumedType: 'int16' })).toMatchObject([{ type: 'int16', assumed: true }]);
  });

  test('w8a16: activations of 16 bits, weights of 8', () => {
    const [kernel] = kernelsOf(floatModel, toyNpu, { assumedType: 'int16' });
    expect(kernel?.inputs[0]?.bytes).toBe(256);
    // 64 weights of one byte, 8 biases of 64 bits.
    expect(kernel?.streams.find(({ role }) => role === 'weights')?.readBytes).toBe(64 + 64);
  });

  test('never touches a model that is quantized: its float layer falls back', () => {
    for (const assumedType of [undefined, 'int8'] as const) {
      const kernels = kernelsOf(lostQuantization, toyNpu, assumedType && { assumedType });
      expect(kernels.map(({ operator, unit, type, assumed }) => [operator, unit, type, assumed])).toEqual([
        ['QLinearConv', 'npu', 'int8', false],
        ['DequantizeLinear', 'cpu', 'float32', false],
        ['Conv', 'cpu', 'float32', false],
      ]);
    }
  });
});

describe('a quantized operator', () => {
  test.each([
    ['a float model', floatModel, false],
    ['QLinearConv', quantizedModel, true],
    ['one among floats', lostQuantization, true],
    [
      'QuantizeLinear',
      {
        ...floatModel,
        constants: { s: ['float32'], z: ['int8'] },
        nodes: [node('QuantizeLinear', ['x', 's', 'z'], 'y')],
      },
      true,
    ],
    [
      'MatMulNBits',
      { ...floatModel, nodes: [{ ...node('MatMulNBits', ['x', 'w'], 'y'), domain: 'com.microsoft' }] },
      true,
    ],
    [
      'QuickGelu, which is not one',
      { ...floatModel, nodes: [{ ...node('QuickGelu', ['x'], 'y'), domain: 'com.microsoft' }] },
      false,
    ],
    [
      '8-bit weights whose quantizers were absorbed',
      { ...floatModel, constants: { w: ['int8', 8, 8, 1, 1], b: ['int32', 8] } },
      true,
    ],
  ] satisfies [string, ModelGiven, boolean][])('%s', (_, given, expected) => {
    expect(holdsQuantizedOperator(modelOf(given).graph)).toBe(expected);
  });
});

describe('types and bytes', () => {
  test('a unit computes in the narrowest type it has that holds the numbers', () => {
    const [cpu] = toyCpu.units;
    expect(typeOn(cpu!, 'int8')).toBe('int8');
    expect(typeOn(cpu!, 'int16')).toBe('float32');
    expect(typeOn(cpu!, 'bfloat16')).toBe('float32');
    expect(typeOn(toyNpu.units[0]!, 'float32')).toBeUndefined();
  });

  test('integers keep their bytes, floats take those of the target', () => {
    const int8 = { float: 'int8', assumed: true } as const;
    const half = { float: 'float16', assumed: false } as const;
    expect(storedBytes('int64', 3, 'activation', int8)).toBe(24);
    expect(storedBytes('float32', 3, 'activation', int8)).toBe(3);
    expect(storedBytes('float32', 3, 'activation', half)).toBe(6);
    expect(storedBytes('int4', 3, 'weight', half)).toBe(2);
    expect(storedBytes('float64', 3, 'activation', { float: 'float32', assumed: false })).toBe(24);
  });

  test('a unit without the type converts at the kernel’s border', () => {
    const target = { ...toyNpu, units: [toyNpu.units[0]!, { ...toyNpu.units[1]!, macsPerCycle: { float32: 1 } }] };
    const given = { ...quantizedModel, nodes: [...quantizedModel.nodes, node('Tanh', ['y'], 'z0')], outputs: ['z0'] };
    const tanh = kernelsOf(given, target).at(-1);
    expect(tanh).toMatchObject({ operator: 'Tanh', unit: 'cpu', type: 'float32' });
    // 128 elements in, 128 out.
    expect(tanh?.vector).toContainEqual({ operation: 'convert', elements: 256 });
  });
});
