import { describe, expect, test } from 'vitest';
import { inferred, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

describe('shapes of normalizations', () => {
  test.each<[string, OneNode, readonly string[]]>([
    [
      'batch, trained',
      { op: 'BatchNormalization', inputs: ['float32[b,8,h,w]', ...Array.from({ length: 4 }, () => 'float32[8]')] },
      ['float32[b,8,h,w]'],
    ],
    [
      'batch, in training',
      {
        op: 'BatchNormalization',
        inputs: ['float16[b,8,h,w]', 'float16[8]', 'float16[8]', 'float32[8]', 'float32[8]'],
        outputs: 3,
      },
      ['float16[b,8,h,w]', 'float32[8]', 'float32[8]'],
    ],
    [
      'layer, with statistics',
      { op: 'LayerNormalization', inputs: ['float16[b,s,768]', 'float16[768]'], outputs: 3 },
      ['float16[b,s,768]', 'float32[b,s,1]', 'float32[b,s,1]'],
    ],
    [
      'layer, from an axis on',
      { op: 'LayerNormalization', inputs: ['float32[2,3,4]', 'float32[3,4]'], attributes: { axis: 1 }, outputs: 2 },
      ['float32[2,3,4]', 'float32[2,1,1]'],
    ],
    [
      'with a residual',
      {
        op: 'SkipLayerNormalization',
        domain: 'com.microsoft',
        inputs: ['float32[b,s,64]', 'float32[b,s,64]', 'float32[64]'],
        outputs: 4,
      },
      ['float32[b,s,64]', 'float32[b,s,1]', 'float32[b,s,1]', 'float32[b,s,64]'],
    ],
    [
      'of embeddings',
      {
        op: 'EmbedLayerNormalization',
        domain: 'com.microsoft',
        inputs: ['int32[b,s]', 'int32[b,s]', 'float32[30522,768]', 'float32[512,768]', 'float32[2,768]'],
        outputs: 2,
      },
      ['float32[b,s,768]', 'int32[b]'],
    ],
    ['root mean square', { op: 'RMSNormalization', inputs: ['float32[b,64]', 'float32[64]'] }, ['float32[b,64]']],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual(expected);
  });
});

describe('work of normalizations', () => {
  test('is a scale and a shift where statistics are given', () => {
    expect(vectorTotals({ op: 'BatchNormalization', inputs: ['float32[1,8,4,4]'] })).toEqual({
      multiply: 128,
      add: 128,
    });
  });

  test('takes statistics of each group', () => {
    const layer = { op: 'LayerNormalization', inputs: ['float32[2,10,64]', 'float32[64]'] };
    // 1280 elements in 20 rows
    expect(vectorTotals(layer)).toEqual({ add: 5120, multiply: 3840, divide: 60 });
    expect(work(layer).operatorClass).toBe('normalization');
    const group = { op: 'GroupNormalization', inputs: ['float32[2,8,4]'], attributes: { num_groups: 4 } };
    // 64 elements, 2·4 groups
    expect(vectorTotals(group)).toEqual({ add: 256, multiply: 192, divide: 24 });
  });

  test('adds the residual and the bias', () => {
    const inputs = ['float32[1,10,64]', 'float32[1,10,64]', 'float32[64]', 'float32[64]', 'float32[64]'];
    const skip = { op: 'SkipLayerNormalization', domain: 'com.microsoft', inputs };
    // 640 elements: 4 + 2 additions each
    expect(vectorTotals(skip)).toEqual({ add: 3840, multiply: 1920, divide: 30 });
  });
});

test('softmax counts its five steps', () => {
  const softmax = { op: 'Softmax', inputs: ['float32[2,50]'] };
  expect(inferred(softmax)).toEqual(['float32[2,50]']);
  expect(vectorTotals(softmax)).toEqual({ add: 300, exponential: 100, divide: 100 });
  expect(work(softmax).operatorClass).toBe('softmax');
});
