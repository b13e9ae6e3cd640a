import { describe, expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { Target } from '../../src/schedule/target.ts';
import type { ModelGiven, NodeGiven, Tensor } from './models.ts';
import { node, prepared } from './models.ts';
import { toyCpu, toyNpu, toySingleCut } from './toy-targets.ts';

const image: Tensor = ['float32', 1, 8, 16, 16];

function single(given: NodeGiven, more: Partial<ModelGiven> = {}): ModelGiven {
  return { inputs: { x: image }, nodes: [given], outputs: given.out, ...more };
}

function fallbackOf(given: ModelGiven, target: Target = toyNpu) {
  return compile(prepared(given), target).kernels[0]?.fallback ?? null;
}

const convolution = (weight: readonly number[], attributes: NodeGiven['attributes'] = {}) =>
  single(node('Conv', ['x', 'w'], 'y', attributes), { constants: { w: ['float32', ...weight] } });

describe('support', () => {
  test.each([
    ['an operator without a row', single(node('Softplus', ['x'], 'y')), 'operator', '`Softplus` is not supported'],
    [
      'a type that the row lacks',
      single(node('MatMulInteger', ['x', 'w'], 'y'), {
        inputs: { x: ['uint16', 4, 8] },
        constants: { w: ['int8', 8, 8] },
      }),
      'dtype',
      '`MatMulInteger` in int16 is not supported; int8 is',
    ],
    [
      'wide integers',
      single(node('Add', ['x', 'x'], 'y'), { inputs: { x: ['int64', 4] } }),
      'dtype',
      '`Add` in wide integers is not supported; int8 and int16 are',
    ],
    [
      'rank',
      single(node('Relu', ['x'], 'y'), { inputs: { x: ['float32', 1, 2, 2, 2, 2] } }),
      'rank',
      '`Relu` on a tensor of rank 5 is not supported; up to 4 is',
    ],
    [
      'batch',
      single(node('Relu', ['x'], 'y'), { inputs: { x: ['float32', 2, 8, 4, 4] } }),
      'batch',
      '`Relu` with batch 2 is not supported; 1 is',
    ],
    ['kernel', convolution([8, 8, 9, 9]), 'kernel-size', '`Conv` with a 9x9 kernel is not supported; up to 7x7 is'],
    [
      'stride',
      convolution([8, 8, 3, 3], { strides: [4, 4] }),
      'attribute',
      '`Conv` with stride 4 is not supported; up to 3 is',
    ],
    [
      'groups',
      convolution([8, 4, 3, 3], { group: 2 }),
      'attribute',
      '`Conv` with 2 groups is not supported; depthwise and 1 are',
    ],
    [
      'weights of the run',
      single(node('MatMul', ['x', 'v'], 'y'), { inputs: { x: ['float32', 4, 8], v: ['float32', 8, 2] } }),
      'weights-not-constant',
      '`MatMul` with weights that are computed at run time is not supported; constant ones are',
    ],
    [
      'an attribute',
      single(node('Resize', ['x', '', 's'], 'y', { mode: 'cubic' }), {
        values: { s: { dtype: 'float32', elements: [1, 1, 2, 2] } },
      }),
      'attribute',
      '`Resize` with mode=cubic is not supported; nearest and linear are',
    ],
  ] satisfies [string, ModelGiven, string, string][])('%s', (_, given, code, reason) => {
    expect(fallbackOf(given)).toEqual({ code, reason });
  });

  test.each([
    ['a 7x7 kernel', convolution([8, 8, 7, 7])],
    ['depthwise', convolution([8, 1, 3, 3], { group: 8 })],
    ['stride 3', convolution([8, 8, 3, 3], { strides: [3, 3] })],
    [
      'a supported mode',
      single(node('Resize', ['x', '', 's'], 'y', { mode: 'linear' }), {
        values: { s: { dtype: 'float32', elements: [1, 1, 2, 2] } },
      }),
    ],
    [
      'a mode that is not given',
      single(node('Resize', ['x', '', 's'], 'y'), { values: { s: { dtype: 'float32', elements: [1, 1, 2, 2] } } }),
    ],
  ])('%s runs on the main unit', (_, given) => {
    expect(fallbackOf(given)).toBeNull();
  });

  test('a CPU runs what it has no row for', () => {
    expect(fallbackOf(single(node('Softplus', ['x'], 'y')), toyCpu)).toBeNull();
  });

  test('without a second unit what cannot run is still told', () => {
    const { fallbackUnit: _, ...support } = toyNpu.support;
    const [kernel] = compile(prepared(single(node('Softplus', ['x'], 'y'))), { ...toyNpu, support }).kernels;
    expect(kernel?.unit).toBe('npu');
    expect(kernel?.fallback?.reason).toBe('`Softplus` is not supported; the target has no other unit to run it');
  });
});

describe('cuts', () => {
  // Relu and MaxPool run on the NPU, Softplus does not.
  const chain: ModelGiven = {
    inputs: { x: image },
    nodes: [
      node('MaxPool', ['x'], 'a', { kernel_shape: [2, 2] }),
      node('Softplus', ['a'], 'b'),
      node('MaxPool', ['b'], 'c', { kernel_shape: [2, 2] }),
    ],
    outputs: ['c'],
  };
  const unitsOf = (target: Target) => compile(prepared(chain), target).kernels.map(({ unit }) => unit);

  test('`any`: each operator where it can run', () => {
    expect(unitsOf(toyNpu)).toEqual(['npu', 'cpu', 'npu']);
  });

  test('`single-cut`: everything after the first unsupported operator', () => {
    expect(unitsOf(toySingleCut)).toEqual(['npu', 'cpu', 'cpu']);
    expect(compile(prepared(chain), toySingleCut).kernels[2]?.fallback).toEqual({
      code: 'partition',
      reason: 'everything after the first unsupported operator, `Softplus`, runs on the same unit',
    });
  });

  test('quantizing the input is not the cut: the host does it before it hands over', () => {
    const quantized: ModelGiven = {
      inputs: { x: image },
      values: { s: { dtype: 'float32', elements: [1] }, z: { dtype: 'int8', elements: [0] } },
      nodes: [
        node('QuantizeLinear', ['x', 's', 'z'], 'q'),
        node('MaxPool', ['q'], 'a', { kernel_shape: [2, 2] }),
        node('DequantizeLinear', ['a', 's', 'z'], 'd'),
        node('Softplus', ['d'], 'y'),
      ],
      outputs: ['y'],
    };
    const { kernels } = compile(prepared(quantized), toySingleCut);
    expect(kernels.map(({ operator, unit }) => [operator, unit])).toEqual([
      ['QuantizeLinear', 'cpu'],
      ['MaxPool', 'npu'],
      ['DequantizeLinear', 'cpu'],
      ['Softplus', 'cpu'],
    ]);
  });

  test('`none`: the whole model on one unit', () => {
    const whole: Target = { ...toyNpu, support: { ...toyNpu.support, partition: 'none' } };
    expect(unitsOf(whole)).toEqual(['cpu', 'cpu', 'cpu']);
    expect(
      compile(prepared({ ...chain, nodes: chain.nodes.slice(0, 1), outputs: ['a'] }), whole).kernels[0]?.unit,
    ).toBe('npu');
  });
});

describe('the link between host and device', () => {
  // 1 × 8 × 16 × 16 int8 = 2048 B, pooled 512 B, pooled again 128 B.
  const given: ModelGiven = {
    inputs: { x: image },
    nodes: [
      node('MaxPool', ['x'], 'a', { kernel_shape: [2, 2], strides: [2, 2] }),
      node('Softplus', ['a'], 'b'),
      node('MaxPool', ['b'], 'c', { kernel_shape: [2, 2], strides: [2, 2] }),
    ],
    outputs: ['c'],
  };
  const linked: Target = { ...toyNpu, plan: { ...toyNpu.plan, hostLink: 'flash' } };

  test('each tensor crosses once, where it is needed on the other side', () => {
    const transfers = compile(prepared(given), linked).kernels.map(({ streams }) =>
      streams.filter(({ role }) => role === 'transfer'),
    );
    expect(transfers).toEqual([
      // The model's input comes to the device.
      [{ memory: 'flash', role: 'transfer', readBytes: 2048, writeBytes: 0, transfers: 1 }],
      // `a` goes to the host that runs Softplus.
      [{ memory: 'flash', role: 'transfer', readBytes: 0, writeBytes: 512, transfers: 1 }],
      // `b` comes back, and the result goes out.
      [{ memory: 'flash', role: 'transfer', readBytes: 512, writeBytes: 128, transfers: 2 }],
    ]);
  });

  test('a target without a link transfers nothing', () => {
    const streams = compile(prepared(given), toyNpu).kernels.flatMap((kernel) => kernel.streams);
    expect(streams.filter(({ role }) => role === 'transfer')).toEqual([]);
  });
});

test('an unknown operator is a kernel that says so and counts nothing', () => {
  const schedule = compile(prepared(single({ op: 'Foo', domain: 'com.example', in: ['x'], out: ['y'] })), toyNpu);
  expect(schedule.unknownOperators).toEqual([{ operator: 'com.example.Foo', count: 1 }]);
  expect(schedule.coverage).toBe(0);
  expect(schedule.kernels).toMatchObject([
    {
      operator: 'com.example.Foo',
      macs: 0,
      algorithm: 'none',
      operatorClass: 'control',
      streams: [],
      fallback: { code: 'operator', reason: '`com.example.Foo`: unknown operator: not counted' },
    },
  ]);
});

test('what has a size that only the data decides runs where sizes may change', () => {
  const given: ModelGiven = {
    inputs: { x: ['float32', 1, 8], keep: ['bool', 8] },
    nodes: [node('Compress', ['x', 'keep'], 'a', { axis: 1 }), node('Relu', ['a'], 'y')],
    outputs: ['y'],
  };
  const relu = compile(prepared(given), toyNpu).kernels[1];
  expect(relu?.fallback).toEqual({
    code: 'dynamic-shape',
    reason: '`Relu` has a size that only the data decides, which is not supported',
  });
  // Counted at its largest: all 8 elements are kept.
  expect(relu?.vector).toEqual([{ operation: 'add', elements: 8 }]);
});
