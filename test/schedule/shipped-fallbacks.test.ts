// What the accelerators of hardware/ cannot run: the right layer, with the reason that its documentation gives.
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { FallbackCode } from '../../src/schedule/schedule.ts';
import { shippedTargets } from '../simulate/compiled.ts';
import type { ModelGiven, NodeGiven, Tensor } from './models.ts';
import { node, prepared } from './models.ts';

const image: Tensor = ['float32', 1, 16, 16, 16];

/** A model of one node on an image; `weight` is the shape of its second input. */
function single(given: NodeGiven, weight?: readonly number[]): ModelGiven {
  const constants = weight === undefined ? {} : { w: ['float32', ...weight] as Tensor };
  return { inputs: { x: image }, constants, nodes: [given], outputs: given.out };
}

const convolution = (size: number, attributes: NodeGiven['attributes'] = {}, inputs = 16) =>
  single(node('Conv', ['x', 'w'], 'y', attributes), [16, inputs, size, size]);

const transposed = (size: number, stride: number) =>
  single(node('ConvTranspose', ['x', 'w'], 'y', { strides: [stride, stride] }), [16, 16, size, size]);

const resize = (mode: string): ModelGiven => ({
  ...single(node('Resize', ['x', '', 's'], 'y', { mode })),
  values: { s: { dtype: 'float32', elements: [1, 1, 2, 2] } },
});

const unary = (operator: string, attributes: NodeGiven['attributes'] = {}) =>
  single(node(operator, ['x'], 'y', attributes));

const pool = (size: number, stride: number, pads: readonly number[] = [0, 0, 0, 0]) =>
  unary('MaxPool', { kernel_shape: [size, size], strides: [stride, stride], pads });

const deep: ModelGiven = { ...unary('Relu'), inputs: { x: ['float32', 1, 2, 2, 2, 2, 2] } };

/** The size of what `Compress` keeps is known to nobody before it runs. */
const openSize: ModelGiven = {
  inputs: { x: ['float32', 1, 8], keep: ['bool', 8] },
  nodes: [node('Compress', ['x', 'keep'], 'a', { axis: 1 }), node('Relu', ['a'], 'y')],
  outputs: ['y'],
};

const groupNormalization: ModelGiven = {
  ...single({ op: 'GroupNormalization', in: ['x', 's', 'b'], out: ['y'], attributes: { num_groups: 4 } }),
  constants: { s: ['float32', 16], b: ['float32', 16] },
};

const gather: ModelGiven = {
  inputs: { x: image },
  values: { i: { dtype: 'int64', elements: [0, 2] } },
  nodes: [node('Gather', ['x', 'i'], 'y', { axis: 1 })],
  outputs: ['y'],
};

type Case = readonly [target: string, model: ModelGiven, code: FallbackCode, reason: string];

const notSupported = (operator: string) => `\`${operator}\` is not supported`;
const only = (operator: string, what: string, allowed: string) =>
  `\`${operator}\` with ${what} is not supported; ${allowed}`;

const fallbacks: readonly Case[] = [
  ['coral-edge-tpu', unary('HardSwish'), 'operator', notSupported('HardSwish')],
  ['coral-edge-tpu', resize('cubic'), 'attribute', only('Resize', 'mode=cubic', 'nearest and linear are')],
  ['coral-edge-tpu', groupNormalization, 'operator', notSupported('GroupNormalization')],
  ['max78000', convolution(5), 'kernel-size', only('Conv', 'a 5x5 kernel', '1x1 and 3x3 are')],
  ['max78000', convolution(2), 'kernel-size', only('Conv', 'a 2x2 kernel', '1x1 and 3x3 are')],
  ['max78000', convolution(3, { strides: [2, 2] }), 'attribute', only('Conv', 'stride 2', '1 is')],
  ['max78000', convolution(3, { dilations: [2, 2] }), 'attribute', only('Conv', 'dilation 2', '1 is')],
  ['max78000', convolution(3, { group: 16 }, 1), 'attribute', only('Conv', '16 groups', '1 is')],
  ['max78000', pool(2, 2, [1, 1, 1, 1]), 'attribute', only('MaxPool', 'pads=1', '0 is')],
  ['max78000', unary('Sigmoid'), 'operator', notSupported('Sigmoid')],
  ['apple-neural-engine-a14', groupNormalization, 'operator', notSupported('GroupNormalization')],
  ['apple-neural-engine-a14', gather, 'operator', notSupported('Gather')],
  ['apple-neural-engine-a14', convolution(3, { dilations: [2, 2] }), 'attribute', only('Conv', 'dilation 2', '1 is')],
  ['apple-neural-engine-a15', pool(3, 3), 'attribute', only('MaxPool', 'strides=3', '1 and 2 are')],
  ['apple-neural-engine-a15', resize('cubic'), 'attribute', only('Resize', 'mode=cubic', 'nearest and linear are')],
  ['snapdragon-8-gen-2-hexagon', unary('Mish'), 'operator', notSupported('Mish')],
  ['snapdragon-8-gen-2-hexagon', resize('cubic'), 'attribute', only('Resize', 'mode=cubic', 'nearest and linear are')],
  ['snapdragon-8-gen-3-hexagon', deep, 'rank', '`Relu` on a tensor of rank 6 is not supported; up to 5 is'],
  ['rk3588-rknn', unary('Erf'), 'operator', notSupported('Erf')],
  ['rk3588-rknn', transposed(3, 3), 'attribute', only('ConvTranspose', 'strides=3', '2, 4 and 8 are')],
  [
    'rk3588-rknn',
    convolution(33, { pads: [16, 16, 16, 16] }),
    'kernel-size',
    only('Conv', 'a 33x33 kernel', 'up to 31x31 is'),
  ],
  ['rk3588-rknn', unary('Softmax', { axis: 3 }), 'attribute', only('Softmax', 'axis=3', '1 is')],
  ['hailo-8', gather, 'operator', notSupported('Gather')],
  ['hailo-8', convolution(17, { pads: [8, 8, 8, 8] }), 'kernel-size', only('Conv', 'a 17x17 kernel', 'up to 16x16 is')],
  ['hailo-8', resize('cubic'), 'attribute', only('Resize', 'mode=cubic', 'nearest and linear are')],
  ['stm32n6-neural-art', unary('Softmax'), 'operator', notSupported('Softmax')],
  ['stm32n6-neural-art', resize('linear'), 'attribute', only('Resize', 'mode=linear', 'nearest is')],
];

function fallbackOf(id: string, model: ModelGiven, kernel = 0) {
  const target = shippedTargets.find(({ hardware }) => hardware === id)!;
  const found = compile(prepared(model), target).kernels[kernel]!;
  const { fallbackUnit } = target.support;
  if (found.fallback !== null && fallbackUnit !== undefined) expect(found.unit).toBe(fallbackUnit);
  return found.fallback;
}

describe('falls back', () => {
  test.each(fallbacks)('%s %#', (id, model, code, reason) => {
    const fallback = fallbackOf(id, model);
    expect(fallback).toEqual({ code, reason });
  });

  test.each(shippedTargets.filter(({ support }) => !support.anyOperator).map((target) => [target.id, target] as const))(
    '%s: what only the data sizes',
    (_, target) => {
      const relu = compile(prepared(openSize), target).kernels.find(({ operator }) => operator === 'Relu');
      expect(relu?.fallback).toEqual({
        code: 'dynamic-shape',
        reason: '`Relu` has a size that only the data decides, which is not supported',
      });
    },
  );
});

describe('runs on the main unit', () => {
  const runs: readonly (readonly [string, ModelGiven])[] = [
    ['max78000', convolution(3)],
    ['max78000', convolution(1)],
    ['max78000', pool(2, 2)],
    ['apple-neural-engine-a14', unary('HardSwish')],
    ['apple-neural-engine-a14', pool(13, 2)],
    ['snapdragon-8-gen-2-hexagon', groupNormalization],
    ['snapdragon-8-gen-3-hexagon', convolution(3, { group: 16 }, 1)],
    ['rk3588-rknn', transposed(4, 2)],
    ['hailo-8', resize('linear')],
    ['stm32n6-neural-art', convolution(3, { group: 16 }, 1)],
    ['jetson-nano', resize('cubic')],
    ['jetson-agx-orin', groupNormalization],
    ['nvidia-t4-tensorrt', unary('Erf')],
    ['nvidia-a100-tensorrt', gather],
  ];
  test.each(runs)('%s %#', (id, model) => {
    expect(fallbackOf(id, model)).toBeNull();
  });
});

test('a MAX78000 has its weights on the chip or runs them elsewhere', () => {
  const constants = { v: ['float32', 512, 16, 3, 3], w: ['float32', 512, 512, 3, 3] } as const;
  const model: ModelGiven = {
    inputs: { x: image },
    constants,
    nodes: [node('Conv', ['x', 'v'], 'a'), node('Conv', ['a', 'w'], 'y')],
    outputs: ['y'],
  };
  expect(fallbackOf('max78000', model)).toBeNull();
  expect(fallbackOf('max78000', model, 1)).toEqual({
    code: 'weights-too-large',
    reason: '`Conv` has 2.25 MiB of weights, too large for 432 KiB of weights',
  });
});
