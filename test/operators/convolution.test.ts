import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const conv = (inputs: readonly string[], attributes: OneNode['attributes'] = {}, more: Partial<OneNode> = {}) => ({
  op: 'Conv',
  inputs,
  attributes,
  ...more,
});

describe('shapes of convolutions', () => {
  test.each<[string, OneNode, string]>([
    // (224 + 2·3 - 7) / 2 + 1 = 112.5, rounded down
    [
      'stem of a ResNet',
      conv(['float32[1,3,224,224]', 'float32[64,3,7,7]'], { strides: [2, 2], pads: [3, 3, 3, 3] }),
      'float32[1,64,112,112]',
    ],
    // the kernel spans 2·(3-1)+1 = 5: 10 - 5 + 1 = 6
    ['dilated', conv(['float32[1,1,10,10]', 'float32[1,1,3,3]'], { dilations: [2, 2] }), 'float32[1,1,6,6]'],
    // ceil(5/2) = 3 whatever the kernel
    [
      'same padding',
      conv(['float32[1,1,5,5]', 'float32[1,1,3,3]'], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
      'float32[1,1,3,3]',
    ],
    // pads beside auto_pad VALID do not count: 5 - 3 + 1 = 3
    [
      'valid padding',
      conv(['float32[1,1,5,5]', 'float32[1,1,3,3]'], { auto_pad: 'VALID', pads: [1, 1, 1, 1] }),
      'float32[1,1,3,3]',
    ],
    // begin pads 2 and 0, end pads 0 and 1: 6+2-3+1 = 6, 6+1-3+1 = 5
    ['uneven pads', conv(['float32[1,1,6,6]', 'float32[1,1,3,3]'], { pads: [2, 0, 0, 1] }), 'float32[1,1,6,5]'],
    ['one axis', conv(['float32[2,8,100]', 'float32[16,8,5]']), 'float32[2,16,96]'],
    ['three axes', conv(['float32[1,1,8,9,10]', 'float32[4,1,3,3,3]']), 'float32[1,4,6,7,8]'],
    [
      'symbols',
      conv(['float32[batch,3,h,w]', 'float32[8,3,3,3]'], { strides: [2, 1], pads: [1, 1, 1, 1] }),
      'float32[batch,8,floor((h+1)/2),w]',
    ],
    [
      'unknown weight, kernel given',
      conv(['float32[1,3,8,8]', 'float32'], { kernel_shape: [3, 3] }),
      'float32[1,?,6,6]',
    ],
    ['unknown input', conv(['float32', 'float32[8,3,3,3]']), 'float32'],
    ['window larger than the input', conv(['float32[1,1,2,9]', 'float32[1,1,5,5]']), 'float32[1,1,?,5]'],
    ['stride of zero', conv(['float32[1,1,9,9]', 'float32[1,1,3,3]'], { strides: [0, 1] }), 'float32[1,1,?,7]'],
    ['integers', { ...conv(['uint8[1,1,4,4]', 'int8[2,1,3,3]']), op: 'ConvInteger' }, 'int32[1,2,2,2]'],
    [
      'quantized: the type of the output zero point',
      {
        ...conv([
          'uint8[1,1,4,4]',
          'float32[]',
          'uint8[]',
          'int8[2,1,3,3]',
          'float32[2]',
          'int8[2]',
          'float32[]',
          'int8[]',
        ]),
        op: 'QLinearConv',
      },
      'int8[1,2,2,2]',
    ],
    [
      'channels last',
      { ...conv(['float32[1,8,8,3]', 'float32[16,3,3,3]']), op: 'NhwcConv', domain: 'com.microsoft' },
      'float32[1,6,6,16]',
    ],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual([expected]);
  });

  test('of transposed convolutions', () => {
    const transposed = (attributes: OneNode['attributes']) =>
      inferred({
        op: 'ConvTranspose',
        inputs: ['float32[1,4,3,h]', 'float32[4,2,3,3]'],
        attributes: attributes ?? {},
      })[0];
    // (3-1)·2 + 3 = 7
    expect(transposed({ strides: [2, 2] })).toBe('float32[1,2,7,2*h+1]');
    // 7 + 1 of output padding - 2 of pads
    expect(transposed({ strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] })).toBe('float32[1,2,6,2*h]');
    expect(transposed({ strides: [2, 2], auto_pad: 'SAME_UPPER' })).toBe('float32[1,2,6,2*h]');
    expect(transposed({ strides: [2, 2], output_shape: [10, 8] })).toBe('float32[1,2,10,8]');
    expect(transposed({ group: 2 })).toBe('float32[1,4,5,h+2]');
  });

  test('of a causal convolution that carries its state', () => {
    const inputs = ['float32[2,8,10]', 'float32[8,1,4]'];
    expect(inferred({ op: 'CausalConvWithState', inputs, outputs: 2 })).toEqual(['float32[2,8,10]', 'float32[2,8,3]']);
    expect(macs({ op: 'CausalConvWithState', inputs, outputs: 2 })).toBe(2 * 8 * 10 * 4);
  });
});

describe('work of convolutions', () => {
  test('is batch × positions × filters × channels per group × kernel', () => {
    const stem = conv(['float32[1,3,224,224]', 'float32[64,3,7,7]'], { strides: [2, 2], pads: [3, 3, 3, 3] });
    // 112² · 64 · 3 · 7²: the 118 M of every ResNet's first layer
    expect(macs(stem)).toBe(118_013_952);
    expect(work(stem).operatorClass).toBe('convolution');
    expect(work(stem).vector).toEqual([]);
    expect(work(stem).nests[0]).toMatchObject({ K: 64, C: 3, OY: 112, OX: 112, FY: 7, FX: 7, strideY: 2, strideX: 2 });
  });

  test('tells depthwise, grouped and pointwise ones apart', () => {
    const pads = [1, 1, 1, 1];
    const depthwise = conv(['float32[1,32,8,8]', 'float32[32,1,3,3]', 'float32[32]'], { group: 32, pads });
    expect(work(depthwise).operatorClass).toBe('depthwise-convolution');
    expect(macs(depthwise)).toBe(8 * 8 * 32 * 9);
    // the bias is one addition for each of 32·8·8 outputs
    expect(vectorTotals(depthwise)).toEqual({ add: 2048 });
    const grouped = conv(['float32[1,32,8,8]', 'float32[64,8,3,3]'], { group: 4, pads });
    expect(work(grouped).operatorClass).toBe('convolution');
    expect(macs(grouped)).toBe(8 * 8 * 64 * 8 * 9);
    const pointwise = conv(['float32[1,32,8,8]', 'float32[16,32,1,1]']);
    expect(work(pointwise).operatorClass).toBe('pointwise-convolution');
    // a single input channel without groups is an ordinary convolution
    expect(work(conv(['float32[1,1,8,8]', 'float32[4,1,3,3]'])).operatorClass).toBe('convolution');
  });

  test('folds one and three axes into the nest', () => {
    expect(work(conv(['float32[2,8,100]', 'float32[16,8,5]'])).nests[0]).toMatchObject({ OY: 1, OX: 96, FY: 1, FX: 5 });
    const volume = conv(['float32[1,1,8,9,10]', 'float32[4,1,3,3,3]']);
    expect(work(volume).nests[0]).toMatchObject({ OY: 42, OX: 8, FY: 9, FX: 3 });
    expect(macs(volume)).toBe(6 * 7 * 8 * 4 * 27);
  });

  test('runs over input positions when transposed', () => {
    const transposed = {
      op: 'ConvTranspose',
      inputs: ['float32[1,64,16,16]', 'float32[64,32,2,2]', 'float32[32]'],
      attributes: { strides: [2, 2] },
    };
    // 16² · 64 · 32 · 2²; the bias falls on 32·32² outputs
    expect(macs(transposed)).toBe(2_097_152);
    expect(vectorTotals(transposed)).toEqual({ add: 32_768 });
    const grouped = { ...transposed, inputs: ['float32[1,64,16,16]', 'float32[64,1,2,2]'], attributes: { group: 64 } };
    expect(macs(grouped)).toBe(16 * 16 * 64 * 4);
  });

  test('adds activations, requantization and sampling', () => {
    const inputs = ['float32[1,2,4,4]', 'float32[2,2,1,1]', 'float32[2]', 'float32[1,2,4,4]'];
    const fused = { op: 'FusedConv', domain: 'com.microsoft', inputs, attributes: { activation: 'Sigmoid' } };
    // 32 outputs: bias, residual, sigmoid
    expect(vectorTotals(fused)).toEqual({ add: 64, exponential: 32 });
    const deformed = { op: 'DeformConv', inputs: ['float32[1,2,4,4]', 'float32[3,2,3,3]', 'float32[1,18,2,2]'] };
    expect(inferred(deformed)).toEqual(['float32[1,3,2,2]']);
    // 2 channels · 2² positions · 9 taps = 72 samples of four neighbours
    expect(vectorTotals(deformed)).toEqual({ multiply: 288, add: 216 });
  });
});
