import { describe, expect, test } from 'vitest';
import { inferred, vectorTotals } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const pool = (attributes: OneNode['attributes'], input = 'float32[1,2,7,7]'): OneNode => ({
  op: 'MaxPool',
  inputs: [input],
  attributes: { kernel_shape: [3, 3], ...attributes },
});

describe('shapes of pooling', () => {
  test.each<[string, OneNode, readonly string[]]>([
    // (7-3)/2 + 1 = 3
    ['strided', pool({ strides: [2, 2] }), ['float32[1,2,3,3]']],
    // (8-3)/2 = 2.5 rounds up to 3, and one more
    ['ceil mode', pool({ strides: [2, 2], ceil_mode: 1 }, 'float32[1,2,8,8]'), ['float32[1,2,4,4]']],
    // kernel 1, stride 2 over 2: ceil(1/2)+1 = 2, but the second window would start at 2, outside
    [
      'ceil mode leaves out a window that starts outside',
      pool({ kernel_shape: [1, 1], strides: [2, 2], ceil_mode: 1 }, 'float32[1,1,2,2]'),
      ['float32[1,1,1,1]'],
    ],
    // no window of 3 with stride 2 and no end padding can start outside, so the symbol stays plain
    [
      'ceil mode with symbols',
      pool({ strides: [2, 2], ceil_mode: 1 }, 'float32[1,2,h,w]'),
      ['float32[1,2,floor(h/2),floor(w/2)]'],
    ],
    ['same padding', pool({ strides: [2, 2], auto_pad: 'SAME_LOWER' }), ['float32[1,2,4,4]']],
    ['dilated', pool({ dilations: [2, 2] }), ['float32[1,2,3,3]']],
    ['with indices', { ...pool({}), outputs: 2 }, ['float32[1,2,5,5]', 'int64[1,2,5,5]']],
    ['without a kernel', { op: 'AveragePool', inputs: ['float32[1,2,7,7]'] }, ['float32']],
    ['global', { op: 'GlobalAveragePool', inputs: ['float32[batch,8,h,7]'] }, ['float32[batch,8,1,1]']],
    [
      'quantized, channels last',
      {
        op: 'QLinearGlobalAveragePool',
        domain: 'com.microsoft',
        inputs: ['uint8[1,7,7,8]', 'float32[]', 'uint8[]', 'float32[]', 'uint8[]'],
        attributes: { channels_last: 1 },
      },
      ['uint8[1,1,1,8]'],
    ],
    // (2-1)·2 + 2 = 4
    [
      'the way back',
      {
        op: 'MaxUnpool',
        inputs: ['float32[1,1,2,2]', 'int64[1,1,2,2]'],
        attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      },
      ['float32[1,1,4,4]'],
    ],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual(expected);
  });
});

describe('work of pooling', () => {
  test('is one operation for each output and kernel tap', () => {
    // 2·5·5 outputs · 9 taps
    expect(vectorTotals(pool({}))).toEqual({ add: 450 });
    expect(vectorTotals({ ...pool({}), op: 'AveragePool' })).toEqual({ add: 450, multiply: 50 });
  });

  test('reads every input once when global', () => {
    expect(vectorTotals({ op: 'GlobalAveragePool', inputs: ['float32[1,8,7,7]'] })).toEqual({ add: 392, multiply: 8 });
  });
});
