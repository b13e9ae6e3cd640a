// Shapes are those that ONNX Runtime 1.32 gave for the same node on its CPU, else those that its schemas state.
import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, type OneNode } from './one-node.ts';

const contrib = (op: string, inputs: readonly string[], rest: Partial<OneNode> = {}): OneNode => ({
  ...{ op, domain: 'com.microsoft', version: 1, inputs },
  ...rest,
});

const grams = { max_ngram_size: 3, n_head_per_ngram: 2 };
const packedMatrices = ['float32[2,5,64]', 'uint8[8,2,16]', 'float32[8,2]', 'uint8[4,2,16]', 'float32[4,2]'];

const shapes: readonly (readonly [OneNode, readonly string[]])[] = [
  [contrib('SampleOp', ['int64[2]']), ['int64[2]']],
  [contrib('BifurcationDetector', ['int64[4]', 'int64[1]', 'int64[]'], { outputs: 2 }), ['int64[?]', 'int64[1]']],
  [contrib('Tokenizer', ['string[2]']), ['string[2,?]']],
  [contrib('NGramHashMapping', ['int64[b,s]'], { attributes: grams, outputs: 2 }), ['int64[b,s,4]', 'int64[b,2]']],
  [
    contrib('VarlenNGramHashMapping', ['int64[t]', 'int64[3]', 'int64[4]', 'int32[3]'], {
      ...{ attributes: { ...grams, state_update_capacity: 5 }, outputs: 4 },
    }),
    ['int64[t,4]', 'int64[2,2]', 'int32[2,2]', 'int64[2,5,2]'],
  ],
  [
    contrib('SpeculativePrefixCommit', ['int64[2,4]', 'int64[8]', 'int32[1]', 'int64[32]', 'int64[4]'], { outputs: 3 }),
    ['int32[2]', 'int64[32]', 'int64[4]'],
  ],
  [
    contrib('GatherPacked', ['uint8[99,18]', 'int64[b,s]'], { attributes: { K: 32, output_dtype: 10 } }),
    ['float16[b,s,32]'],
  ],
  [contrib('QuantizeBFP', ['float32[3,4,5]'], { outputs: 3 }), ['uint8[?]', 'int64[3]', 'int64[3]']],
  [contrib('DequantizeBFP', ['uint8[80]', 'int64[2]'], { values: { 1: [4, 5] } }), ['float32[4,5]']],
  [contrib('BitmaskDropout', ['float32[3,40]'], { outputs: 2 }), ['float32[3,40]', 'uint32[4]']],
  [
    contrib('BitmaskBiasDropout', ['float16[b,8]', 'float16[8]'], { outputs: 2 }),
    ['float16[b,8]', 'uint32[floor((8*b+31)/32)]'],
  ],
  [contrib('HyperConnectionPreMix', ['float32[2,s,4,8]', 'float32[2,s,4]']), ['float32[2,s,8]']],
  [
    contrib('HyperConnectionPreMix', ['float32[2,s,32]', 'float32[2,s,4]'], { attributes: { num_branches: 4 } }),
    ['float32[2,s,8]'],
  ],
  [
    contrib('EngramGate', ['float32[2,3,4,8]', 'float32[2,3,4,8]', 'float32[2,3,8]'], { outputs: 2 }),
    ['float32[2,3,4,8]', 'float32[2,3,4,8]'],
  ],
  [
    contrib('LinearAttentionGate', ['float16[2,3,4]', 'float32[4]', 'float32[4]', 'float16[2,3,4]'], { outputs: 2 }),
    ['float16[2,3,4]', 'float16[2,3,4]'],
  ],
  [
    contrib('RMSNormRotary', ['bfloat16[b,s,4,96]', 'float32[64]'], { attributes: { input_width: 64 }, outputs: 2 }),
    ['bfloat16[b,s,256]', 'float32[b,s,4,64]'],
  ],
  [
    contrib('RMSNormRotary', ['float16[2,5,4,8]'], { attributes: { flatten_batch: 1, output_fp16: 1 } }),
    ['float16[1,10,32]'],
  ],
  [contrib('MoEGroupRouter', ['float16[2,3,8]', 'float32[8]']), ['float16[6,8]']],
  [contrib('GatedDeltaNetStateReplay', ['float32[9]', 'float32[7]', 'float32[5]', 'int64[11]']), ['float32[5]']],
  [contrib('ConvStateReplay', ['float16[9]', 'float16[7]', 'float16[5]', 'int64[8]']), ['float16[5]']],
  [
    contrib('PackedSparseAttentionIndexerMerge', ['int32[2,4]', 'int32[2]', 'int32[n]'], {
      ...{ attributes: { max_output_entries: 9 }, outputs: 3 },
    }),
    ['int32[n,9]', 'int32[n]', 'int32[n]'],
  ],
  [
    contrib(
      'SparseAttentionIndexer',
      [
        'float32[1,3,32]',
        'float32[1,3,8]',
        'float32[8]',
        'float32[8]',
        'float32[64,4]',
        'float32[64,4]',
        '',
        'float32[1,8,8]',
      ],
      { attributes: { policy_mode: 'qsa', compress_ratio: 2, token_budget: 4 }, outputs: 2 },
    ),
    ['int32[1,3,5]', 'float32[1,?,8]'],
  ],
];

test.each(shapes)('%o', (node, types) => {
  expect(inferred(node)).toEqual(types);
});

type Counted = readonly [name: string, node: OneNode, types: readonly string[], expected: number];

const counted: readonly Counted[] = [
  [
    'words: filters over windows of characters',
    contrib('WordConvEmbedding', ['int32[3,10]', 'float32[6,1,5,8]', 'float32[6]', 'float32[9,8]'], {
      attributes: { conv_window_size: 5 },
    }),
    ['float32[3,6]'],
    3 * (10 - 5 + 1) * 6 * 5 * 8,
  ],
  [
    'mixing of streams',
    contrib('HyperConnectionPostMix', ['float32[2,3,4,8]', 'float32[2,3,8]', 'float32[2,3,4]', 'float32[2,3,4,4]']),
    ['float32[2,3,4,8]'],
    2 * 3 * 4 * 4 * 8,
  ],
  [
    'a gate network of rank 5',
    contrib(
      'HyperConnectionLowRankMix',
      ['float32[2,3,32]', 'float32[32]', 'float32[32,5]', 'float32[5,32]', 'float32[32,4]'],
      {
        ...{ attributes: { num_branches: 4 }, outputs: 3 },
      },
    ),
    ['float32[2,3,8]', 'float32[2,3,4]', 'float32[2,3,32]'],
    6 * 32 * (5 + 5 + 4),
  ],
  [
    'router and shared expert in one product',
    contrib('RouterGateUpProj', ['float16[2,3,8]', 'float16[8,14]'], { attributes: { router_size: 4 }, outputs: 2 }),
    ['float16[2,3,4]', 'float16[2,3,5]'],
    6 * 8 * 14,
  ],
  [
    'an adapter of rank 4 beside a product',
    contrib('MatMulNBitsQLoRA', [...packedMatrices, 'uint8[8,1,16]', 'float32[8,1]'], { attributes: { K: 64, N: 8 } }),
    ['float32[2,5,8]'],
    10 * (64 * 8 + 64 * 4 + 4 * 8),
  ],
  [
    'weights in a layout of their own',
    contrib('MatMulPacked', ['float16[1,5,64]', 'uint8[8,34]'], { attributes: { K: 64, N: 8 } }),
    ['float16[1,5,8]'],
    5 * 64 * 8,
  ],
  [
    'experts in a layout of their own: up and gate 64 → 32, down 32 → 64',
    contrib('MoEPacked', ['float16[6,64]', 'float16[6,8]', 'uint8[8,32,34]', 'uint8[8,32,34]', 'uint8[8,64,18]'], {
      attributes: { k: 2 },
    }),
    ['float16[6,64]'],
    6 * 2 * 3 * 64 * 32,
  ],
  [
    'a state of keys × values for each head, updated twice over and read',
    contrib('GatedDeltaNet', ['float32[6,2,8]', 'float32[6,2,8]', 'float32[6,4,16]', 'int32[3]'], { outputs: 2 }),
    ['float32[6,4,16]', 'float32[2,4,16,8]'],
    6 * 4 * 8 * 16 * 3,
  ],
  [
    'the same, packed: the state tells the split',
    contrib('GatedDeltaNet', ['float32[6,96]', '', '', '', '', '', 'float32[2,4,16,8]'], { outputs: 2 }),
    ['float32[6,4,16]', 'float32[2,4,16,8]'],
    6 * 4 * 8 * 16 * 3,
  ],
  [
    'a convolution of sequences behind each other',
    contrib('VarlenCausalConvWithState', ['float32[6,8]', 'float32[8,1,4]', 'int32[3]', '', 'float32[2,8,3]'], {
      outputs: 2,
    }),
    ['float32[6,8]', 'float32[2,8,3]'],
    6 * 8 * 4,
  ],
  [
    'a state space model: 2 heads of 64 with states of 128',
    contrib('Mamba2Verify', ['bfloat16[3,648]', 'bfloat16[5,384,3]', 'float32[5,2,128,64]', 'bfloat16[384,4]'], {
      ...{ attributes: { heads: 2 }, outputs: 5 },
    }),
    ['bfloat16[3,128]', 'bfloat16[5,384,3]', 'float32[5,2,128,64]', 'bfloat16[3,384]', 'float32[3,128]'],
    3 * 384 * 4 + 3 * 2 * 2 * 128 * 64,
  ],
  [
    'attention to 4 selected entries',
    contrib(
      'DynamicSparseAttention',
      [
        ...['float32[1,3,32]', 'float32[1,3,16]', 'float32[1,3,16]', 'float32[1,2,8,8]', 'float32[1,2,8,8]', '', ''],
        'int32[3,4]',
      ],
      { attributes: { num_heads: 4, kv_num_heads: 2 }, outputs: 3 },
    ),
    ['float32[1,3,32]', 'float32[1,2,8,8]', 'float32[1,2,8,8]'],
    4 * 3 * 4 * (8 + 8),
  ],
  [
    'and to a window of 16',
    contrib(
      'SparsePagedAttention',
      [
        ...['float16[3,32]', 'float16[3,16]', 'float16[3,16]', 'float16[20,16,2,8]', 'float16[20,16,2,8]'],
        ...['int32[2]', 'int32[1]', 'int32[1,5]', '', 'int32[3,4]'],
      ],
      { attributes: { num_heads: 4, kv_num_heads: 2, attention_mode: 'local_plus_selected', local_window_size: 16 } },
    ),
    ['float16[3,32]'],
    4 * 3 * (4 + 16) * (8 + 8),
  ],
  [
    'a decoder that looks at given keys, with its projections',
    contrib('DecoderAttention', ['float32[3,2,8]', 'float32[7,2,8]', 'float32[8,8]', 'float32[8,16]', 'float32[24]'], {
      attributes: { num_heads: 2 },
    }),
    ['float32[3,2,8]'],
    2 * 3 * 8 * 8 + 2 * 7 * 8 * 16 + 2 * 2 * 3 * 7 * (4 + 4),
  ],
  [
    'a window in 8 bits',
    contrib(
      'QOrderedLongformerAttention',
      [
        ...['int8[1,64,8]', 'float32[]', 'int8[8,24]', 'float32[]', 'float32[24]', 'float32[]', 'float32[]'],
        ...['float16[1,64]', 'int8[8,24]'],
      ],
      { attributes: { num_heads: 2, window: 4 } },
    ),
    ['int8[1,64,8]'],
    2 * 64 * 8 * 24 + 2 * 64 * 9 * (4 + 4),
  ],
  [
    'scores of 12 cached entries for 3 queries of 4 heads',
    contrib(
      'PackedSparseAttentionIndexer',
      [
        ...['float16[3,32]', '', 'float16[8]', 'float16[8]', 'float16[64,4]', 'float16[64,4]', 'int32[2]', 'int32[1]'],
        ...['', '', '', '', 'float16[1,12,8]', 'float16[1,3,8]', '', 'int32[1,2]'],
      ],
      { attributes: { policy_mode: 'csa', index_topk: 6 }, outputs: 4 },
    ),
    ['int32[3,6]', 'int32[3]', 'float16[1,12,8]', 'float16[1,3,8]'],
    3 * 4 * 12 * 8,
  ],
  [
    'an LSTM that attends: gates, memory, query, scores, sum, answer',
    contrib(
      'AttnLSTM',
      [
        ...['float32[5,2,6]', 'float32[1,16,15]', 'float32[1,16,4]', '', '', '', '', ''],
        ...['float32[1,4,3]', 'float32[1,8,3]', 'float32[1,3]', 'float32[2,7,8]', 'int32[2]', 'float32[1,12,9]'],
      ],
      { attributes: { hidden_size: 4 }, outputs: 3 },
    ),
    ['float32[5,1,2,4]', 'float32[1,2,4]', 'float32[1,2,4]'],
    10 * 16 * (15 + 4) + 2 * 7 * 8 * 3 + 10 * (4 * 3 + 7 * 3 + 7 * 8 + 12 * 9),
  ],
];

describe('products', () => {
  test.each(counted)('%s', (_, node, types, expected) => {
    expect(inferred(node)).toEqual(types);
    expect(macs(node)).toBe(expected);
  });
});

test('an adapter’s weights are unpacked, each once', () => {
  const node = contrib('MatMulNBitsQLoRA', [...packedMatrices, 'uint8[8,1,16]', 'float32[8,1]'], {
    attributes: { K: 64, N: 8 },
  });
  const weights = 64 * 8 + 64 * 4 + 4 * 8;
  expect(vectorTotals(node)).toEqual({ convert: weights, multiply: weights, add: 2 * 5 * 8 });
});
