// Shapes and types are those that ONNX Runtime 1.32 gave for the same node, where it has a kernel or infers them.
import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, type OneNode } from './one-node.ts';

const contrib = (op: string, inputs: readonly string[], rest: Partial<OneNode> = {}): OneNode => ({
  ...{ op, domain: 'com.microsoft', version: 1, inputs },
  ...rest,
});

const cases: readonly (readonly [OneNode, readonly string[]])[] = [
  [contrib('CDist', ['float32[5,3]', 'float32[7,3]']), ['float32[5,7]']],
  [contrib('ExpandDims', ['float32[2,3]', 'int32[]'], { values: { 1: [1] } }), ['float32[2,1,3]']],
  [contrib('GatherND', ['float32[2,3,4]', 'int64[2,2]']), ['float32[2,4]']],
  [contrib('GridSample', ['float32[1,2,5,5]', 'float32[1,3,4,2]']), ['float32[1,2,3,4]']],
  [contrib('Pad', ['float32[2,3]', 'int64[4]'], { values: { 1: [0, 1, 0, 2] } }), ['float32[2,6]']],
  [contrib('Trilu', ['float32[2,4,4]']), ['float32[2,4,4]']],
  [contrib('TransposeMatMul', ['float32[2,3,4]', 'float32[2,5,4]'], { attributes: { transB: 1 } }), ['float32[2,3,5]']],
  [contrib('MatMulInteger16', ['int16[2,3]', 'int16[3,4]']), ['int32[2,4]']],
  [
    contrib('MatMulNBits', ['float32[2,5,64]', 'uint8[8,2,16]', 'float32[16]'], { attributes: { K: 64, N: 8 } }),
    ['float32[2,5,8]'],
  ],
  [
    contrib('MatMulBnb4', ['float32[2,5,64]', 'uint8[256]', 'float32[16]'], { attributes: { K: 64, N: 8 } }),
    ['float32[2,5,8]'],
  ],
  [
    contrib('GatherBlockQuantized', ['uint8[10,16]', 'int64[3]', 'float32[10,1]'], { attributes: { bits: 4 } }),
    ['float32[3,32]'],
  ],
  [
    contrib('QLinearReduceMean', ['uint8[2,3,4]', 'float32[]', 'uint8[]', 'float32[]', 'uint8[]'], {
      attributes: { axes: [1], keepdims: 0 },
    }),
    ['uint8[2,4]'],
  ],
  [contrib('ReduceSumInteger', ['int8[2,3,4]'], { attributes: { axes: [1] } }), ['int32[2,1,4]']],
  [
    contrib('MaxpoolWithMask', ['float32[1,2,6,6]', 'int32[1,2,6,6]'], {
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    }),
    ['float32[1,2,3,3]'],
  ],
  [
    contrib('ConvTransposeWithDynamicPads', ['float32[1,2,5,5]', 'float32[2,3,3,3]', 'int64[4]'], {
      ...{ attributes: { strides: [2, 2] }, values: { 2: [1, 1, 1, 1] } },
    }),
    ['float32[1,3,9,9]'],
  ],
  [contrib('ConvTransposeWithDynamicPads', ['float32[1,2,5,5]', 'float32[2,3,3,3]', 'int64[4]']), ['float32']],
  [
    contrib('CropAndResize', ['float32[1,3,8,8]', 'float32[4,4]', 'int32[4]', 'int32[2]'], { values: { 3: [5, 6] } }),
    ['float32[4,3,5,6]'],
  ],
  [contrib('UnfoldTensor', ['float32[2,9,3]'], { attributes: { dim: 1, size: 3, step: 2 } }), ['float32[2,4,3,3]']],
  [contrib('MurmurHash3', ['int32[4]']), ['uint32[4]']],
  [contrib('MurmurHash3', ['int32[4]'], { attributes: { positive: 0 } }), ['int32[4]']],
  [contrib('NGramRepeatBlock', ['int64[1,5]', 'float32[1,9]']), ['float32[1,9]']],
  [contrib('Rfft', ['float32[2,8]']), ['float32[2,5,2]']],
  [contrib('Irfft', ['float32[2,5,2]']), ['float32[2,8]']],
  [contrib('SwiGLU', ['float32[2,8]']), ['float32[2,4]']],
  [contrib('IsAllFinite', ['float32[3,3]', 'float32[4]']), ['bool[]']],
  [
    contrib('QEmbedLayerNormalization', ['int32[1,3]', 'int32[1,3]', 'uint8[9,4]'], { outputs: 2 }),
    ['float32[1,3,4]', 'int32[1]'],
  ],
  [
    contrib('RelativePositionBias', ['float32[8,2]', 'int64[1]', 'int64[1]'], { values: { 1: [5], 2: ['s'] } }),
    ['float32[1,2,5,s]'],
  ],
  [contrib('RestorePadding', ['float32[t,8]', 'int32[b,s]']), ['float32[b,s,8]']],
  [
    contrib('RemovePadding', ['float32[b,s,8]', 'int32[b]'], { outputs: 4 }),
    ['float32[?,8]', 'int32[b,s]', 'int32[b+1]', 'int32[1]'],
  ],
  [
    contrib('BeamSearch', ['int32[b,9]', 'int32[1]', '', 'int32[1]', 'int32[1]'], { values: { 1: [32], 4: [3] } }),
    ['int32[b,3,32]'],
  ],
  [contrib('GreedySearch', ['int32[b,9]', 'int32[1]'], { values: { 1: [32] } }), ['int32[b,32]']],
  [
    { op: 'ReorderOutput', domain: 'com.microsoft.nchwc', inputs: ['float32[1,16,7,7]'], attributes: { channels: 10 } },
    ['float32[1,10,7,7]'],
  ],
  [
    {
      ...{ op: 'Conv', domain: 'com.microsoft.nchwc', inputs: ['float32[1,16,7,7]', 'float32[32,16,3,3]'] },
      attributes: { pads: [1, 1, 1, 1] },
    },
    ['float32[1,32,7,7]'],
  ],
  [
    { op: 'CastMap', domain: 'ai.onnx.ml', inputs: ['float32[1]'], attributes: { map_form: 'SPARSE', max_map: 7 } },
    ['float32[1,7]'],
  ],
  [
    { op: 'DictVectorizer', domain: 'ai.onnx.ml', inputs: ['int64[1]'], attributes: { string_vocabulary: ['a', 'b'] } },
    ['int64[1,2]'],
  ],
];

test.each(cases)('%o', (node, types) => {
  expect(inferred(node)).toEqual(types);
});

describe('attention of ONNX Runtime', () => {
  test('of one token: the past grows by it, or stays as large as its buffer', () => {
    const inputs = [
      'float32[2,1,8]',
      'float32[2,1,8]',
      'float32[2,1,8]',
      '',
      '',
      'float32[2,2,5,4]',
      'float32[2,2,5,4]',
    ];
    const grown = contrib('DecoderMaskedMultiHeadAttention', inputs, { attributes: { num_heads: 2 }, outputs: 3 });
    expect(inferred(grown)).toEqual(['float32[2,1,8]', 'float32[2,2,6,4]', 'float32[2,2,6,4]']);
    expect(macs(grown)).toBe(2 * 2 * 6 * (4 + 4));
    const shared = contrib('DecoderMaskedMultiHeadAttention', [...inputs, 'int32[1]'], {
      ...{ attributes: { num_heads: 2, past_present_share_buffer: 1 }, values: { 7: [3] }, outputs: 3 },
    });
    expect(inferred(shared)).toEqual(['float32[2,1,8]', 'float32[2,2,5,4]', 'float32[2,2,5,4]']);
    expect(macs(shared)).toBe(2 * 2 * 4 * (4 + 4));
  });

  test('over packed tokens: rows of the padded batch, with the projections', () => {
    const packed = contrib(
      'PackedAttention',
      ['float32[t,8]', 'float32[8,24]', 'float32[24]', 'int32[2,5]', 'int32[3]'],
      {
        attributes: { num_heads: 2 },
      },
    );
    expect(inferred(packed)).toEqual(['float32[t,8]']);
    expect(macs(packed)).toBe(2 * 5 * 8 * 24 + 2 * 2 * 5 * 5 * (4 + 4));
  });

  test('to a window: itself and so many tokens on both sides', () => {
    const node = contrib(
      'LongformerAttention',
      [
        'float32[1,64,8]',
        'float32[8,24]',
        'float32[24]',
        'float32[1,64]',
        'float32[8,24]',
        'float32[24]',
        'int32[1,64]',
      ],
      { attributes: { num_heads: 2, window: 4 } },
    );
    expect(macs(node)).toBe(2 * 64 * 8 * 24 + 2 * 64 * 9 * (4 + 4));
  });

  test('to pages: all that the table of a sequence has room for', () => {
    const cache = 'float16[20,16,2,4]';
    const inputs = [
      'float16[3,16]',
      'float16[3,8]',
      'float16[3,8]',
      cache,
      cache,
      'int32[2]',
      'int32[1]',
      'int32[1,5]',
    ];
    const node = contrib('PagedAttention', inputs, { attributes: { num_heads: 4, kv_num_heads: 2 }, outputs: 3 });
    expect(inferred(node)).toEqual(['float16[3,16]', cache, cache]);
    expect(macs(node)).toBe(4 * 3 * (5 * 16) * (4 + 4));
  });
});

describe('weights of a few bits', () => {
  test('a mixture: k experts for each token, whatever the packing', () => {
    const whole = contrib('MoE', ['float32[6,8]', 'float32[6,4]', 'float32[4,16,8]', '', 'float32[4,8,16]'], {
      attributes: { k: 2 },
    });
    expect(inferred(whole)).toEqual(['float32[6,8]']);
    expect(macs(whole)).toBe(6 * 2 * 2 * 16 * 8);
    const packed = contrib(
      'QMoE',
      ['float32[6,8]', 'float32[6,4]', 'uint8[4,16,4]', 'float32[4,16]', '', 'uint8[4,8,8]', 'float32[4,8]'],
      { attributes: { k: 2, expert_weight_bits: 4 } },
    );
    expect(macs(packed)).toBe(macs(whole));
  });

  test('gate and up projection, and one output', () => {
    const node = contrib(
      'MatMulNBitsMlp',
      ['float16[1,5,64]', '', '', 'uint8[32,2,16]', 'float16[32,2]', '', 'uint8[32,2,16]', 'float16[32,2]'],
      { attributes: { K: 64, N: 32 } },
    );
    expect(inferred(node)).toEqual(['float16[1,5,32]']);
    expect(macs(node)).toBe(2 * 5 * 64 * 32);
  });

  test('queries, keys, values and the sum that goes on', () => {
    const weights = ['uint8[64,2,16]', 'float16[64,2]', '', 'uint8[16,2,16]', 'float16[16,2]', '', 'uint8[16,2,16]'];
    const node = contrib('MatMulNBitsQkv', ['float16[1,5,64]', 'float16[1,5,64]', 'float16[64]', ...weights], {
      ...{ attributes: { K: 64, Nq: 64, Nkv: 16 }, outputs: 4 },
    });
    expect(inferred(node)).toEqual(['float16[1,5,64]', 'float16[1,5,16]', 'float16[1,5,16]', 'float16[1,5,64]']);
    expect(macs(node)).toBe(5 * 64 * (64 + 16 + 16));
  });
});

describe('training', () => {
  test('Adam gives the new tensors and their states, not their gradients', () => {
    const [x, y] = ['float32[3]', 'float64[2,2]'];
    const node: OneNode = {
      ...{ op: 'Adam', domain: 'ai.onnx.preview.training', version: 1, outputs: 6 },
      inputs: ['float32[]', 'int64[]', x, y, x, y, x, y, x, y],
    };
    expect(inferred(node)).toEqual([x, y, x, y, x, y]);
    expect(vectorTotals(node)).toMatchObject({ add: 5 * 7 });
  });

  test('a gradient has the shape of what it is by', () => {
    const node: OneNode = {
      op: 'Gradient',
      domain: 'ai.onnx.preview.training',
      inputs: ['float32[3,4]', 'float32[2]'],
    };
    expect(inferred(node)).toEqual(['float32[3,4]']);
  });
});

test('FlexAttention: grouped heads', () => {
  const key = 'float32[1,2,7,8]';
  const node: OneNode = { op: 'FlexAttention', domain: 'ai.onnx.preview', inputs: ['float32[1,4,5,8]', key, key] };
  expect(inferred(node)).toEqual(['float32[1,4,5,8]']);
  expect(macs(node)).toBe(4 * 5 * 7 * (8 + 8));
});

test('ArrayFeatureExtractor picks as many columns as there are indices, whatever their shape', () => {
  const node = (indices: string): OneNode => ({
    ...{ op: 'ArrayFeatureExtractor', domain: 'ai.onnx.ml', inputs: ['int64[3]', indices] },
  });
  expect(inferred(node('int64[n,1]'))).toEqual(['int64[1,n]']);
  expect(inferred(node('int64[7]'))).toEqual(['int64[1,7]']);
});
