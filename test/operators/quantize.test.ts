import { describe, expect, test } from 'vitest';
import { inferred, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const microsoft = { domain: 'com.microsoft' };

describe('quantization', () => {
  test.each<[string, OneNode, readonly string[]]>([
    [
      'the type of the zero point',
      { op: 'QuantizeLinear', inputs: ['float32[b,8]', 'float32[]', 'int8[]'] },
      ['int8[b,8]'],
    ],
    ['without a zero point', { op: 'QuantizeLinear', inputs: ['float32[b,8]', 'float32[]'] }, ['uint8[b,8]']],
    [
      'an attribute names the type: 22 is int4',
      { op: 'QuantizeLinear', inputs: ['float32[8]', 'float32[]'], attributes: { output_dtype: 22 } },
      ['int4[8]'],
    ],
    ['back: the type of the scale', { op: 'DequantizeLinear', inputs: ['uint8[8]', 'float16[]'] }, ['float16[8]']],
    [
      'by the range of the data',
      { op: 'DynamicQuantizeLinear', inputs: ['float32[b,8]'], outputs: 3 },
      ['uint8[b,8]', 'float32[]', 'uint8[]'],
    ],
    [
      'a quantized sum',
      {
        ...microsoft,
        op: 'QLinearAdd',
        inputs: ['uint8[b,8]', 'float32[]', 'uint8[]', 'uint8[8]', 'float32[]', 'uint8[]', 'float32[]', 'uint8[]'],
      },
      ['uint8[b,8]'],
    ],
    [
      'quantized tensors side by side',
      {
        ...microsoft,
        op: 'QLinearConcat',
        inputs: ['float32[]', 'int8[]', 'int8[1,a,4]', 'float32[]', 'int8[]', 'int8[1,b,4]', 'float32[]', 'int8[]'],
        attributes: { axis: 1 },
      },
      ['int8[1,a+b,4]'],
    ],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual(expected);
  });

  test('is a conversion per element', () => {
    const quantize = { op: 'QuantizeLinear', inputs: ['float32[10]', 'float32[]', 'int8[]'] };
    expect(vectorTotals(quantize)).toEqual({ convert: 10 });
    expect(work(quantize).operatorClass).toBe('quantize');
  });
});
