import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const microsoft = { domain: 'com.microsoft' };

/** 2 samples, 8 heads of 64 for the queries, 2 for keys and values, 10 queries, 20 keys. */
const grouped: OneNode = {
  op: 'Attention',
  inputs: ['float16[2,8,10,64]', 'float16[2,2,20,64]', 'float16[2,2,20,32]'],
};

describe('attention of ai.onnx', () => {
  test('keeps the layout of its queries', () => {
    expect(inferred(grouped)).toEqual(['float16[2,8,10,32]']);
    const packed = {
      op: 'Attention',
      inputs: ['float32[b,s,512]', 'float32[b,t,128]', 'float32[b,t,64]'],
      attributes: { q_num_heads: 8, kv_num_heads: 2 },
    };
    expect(inferred(packed)).toEqual(['float32[b,s,256]']);
  });

  test('appends to the past', () => {
    const given = {
      ...grouped,
      inputs: [...grouped.inputs, '', 'float16[2,2,p,64]', 'float16[2,2,p,32]'],
      outputs: 4,
    };
    expect(inferred(given)).toEqual([
      'float16[2,8,10,32]',
      'float16[2,2,p+20,64]',
      'float16[2,2,p+20,32]',
      'float16[2,8,10,p+20]',
    ]);
  });

  test('multiplies queries by keys and scores by values, for each head', () => {
    expect(macs(grouped)).toBe(2 * 8 * 10 * 20 * (64 + 32));
    // 3200 scores: scaled, then the softmax's five steps
    expect(vectorTotals(grouped)).toEqual({ multiply: 3200, add: 9600, exponential: 3200, divide: 3200 });
    expect(work(grouped).nests.map(({ stationaryInput }) => stationaryInput)).toEqual([1, 2]);
  });

  test('by a state reads and updates it for each token', () => {
    const given = {
      op: 'LinearAttention',
      inputs: ['float32[1,6,16]', 'float32[1,6,8]', 'float32[1,6,4]'],
      attributes: { q_num_heads: 2, kv_num_heads: 1, update_rule: 'linear' },
      outputs: 2,
    };
    expect(inferred(given)).toEqual(['float32[1,6,8]', 'float32[1,1,8,4]']);
    // 6 tokens · (1 head updates + 2 heads read) · 8 · 4
    expect(macs(given)).toBe(6 * 3 * 32);
    expect(macs({ ...given, attributes: { ...given.attributes, update_rule: 'delta' } })).toBe(6 * 4 * 32);
  });
});

describe('attention of ONNX Runtime', () => {
  const projected: OneNode = {
    ...microsoft,
    op: 'Attention',
    inputs: ['float32[b,s,768]', 'float32[768,2304]', 'float32[2304]'],
    attributes: { num_heads: 12 },
    outputs: 2,
  };

  test('with projections', () => {
    expect(inferred(projected)).toEqual(['float32[b,s,768]', 'float32[2,b,12,s,64]']);
    const numbers = { ...projected, inputs: ['float32[1,128,768]', 'float32[768,2304]', 'float32[2304]'] };
    // 128·768·2304 for the projections, 12·128·128·(64+64) for the attention: one layer of BERT without its output
    expect(macs(numbers)).toBe(128 * 768 * 2304 + 12 * 128 * 128 * 128);
  });

  test('with 8-bit projections gives floats', () => {
    const inputs = ['uint8[1,8,64]', 'int8[64,192]', 'float32[192]', 'float32[]', 'float32[]'];
    expect(inferred({ ...projected, op: 'QAttention', inputs, attributes: { num_heads: 4 }, outputs: 1 })).toEqual([
      'float32[1,8,64]',
    ]);
  });

  test('with separate or packed operands', () => {
    const multiHead = (inputs: readonly string[]) =>
      inferred({ ...microsoft, op: 'MultiHeadAttention', inputs, attributes: { num_heads: 8 } })[0];
    expect(multiHead(['float32[b,s,512]', 'float32[b,t,512]', 'float32[b,t,256]'])).toBe('float32[b,s,256]');
    expect(multiHead(['float32[b,s,8,3,64]'])).toBe('float32[b,s,512]');
  });

  test('with groups of query heads', () => {
    const given = {
      ...microsoft,
      op: 'GroupQueryAttention',
      inputs: ['float16[1,s,4096]', 'float16[1,s,1024]', 'float16[1,s,1024]', 'float16[1,8,p,128]'],
      attributes: { num_heads: 32, kv_num_heads: 8 },
      outputs: 3,
    };
    expect(inferred(given)).toEqual(['float16[1,s,4096]', 'float16[1,8,p+s,128]', 'float16[1,8,p+s,128]']);
    // all three side by side: (32 + 2·8)·128 = 6144
    const packed = { ...given, inputs: ['float16[1,1,6144]', '', '', 'float16[1,8,99,128]'] };
    expect(inferred(packed)[0]).toBe('float16[1,1,4096]');
    expect(macs(packed)).toBe(32 * 100 * 256);
  });
});

test('fused biases, residuals and gates', () => {
  expect(inferred({ ...microsoft, op: 'BiasGelu', inputs: ['float32[b,s,64]', 'float32[64]'] })).toEqual([
    'float32[b,s,64]',
  ]);
  const split = { ...microsoft, op: 'BiasSplitGelu', inputs: ['float32[1,4,64]', 'float32[64]'] };
  expect(inferred(split)).toEqual(['float32[1,4,32]']);
  expect(vectorTotals(split)).toEqual({ add: 384, multiply: 512, exponential: 128 });
});
