import { describe, expect, test } from 'vitest';
import { inferred, vectorTotals } from './one-node.ts';
import type { OneNode } from './one-node.ts';

describe('signal operators', () => {
  test.each<[string, OneNode, string]>([
    ['transform, axis in an attribute', { op: 'DFT', version: 17, inputs: ['float32[b,16,1]'] }, 'float32[b,16,2]'],
    [
      'one-sided: 16/2 + 1 bins',
      { op: 'DFT', inputs: ['float32[b,16,1]'], attributes: { onesided: 1 } },
      'float32[b,9,2]',
    ],
    [
      'inverse and one-sided: a real signal of 2·(9-1)',
      { op: 'DFT', inputs: ['float32[b,9,2]'], attributes: { onesided: 1, inverse: 1 } },
      'float32[b,16,1]',
    ],
    [
      'a given length along a given axis',
      { op: 'DFT', inputs: ['float32[8,10,1]', 'int64[]', 'int64[]'], values: { 1: [20], 2: [0] } },
      'float32[20,10,2]',
    ],
    [
      'an axis that only a run tells: as many bins as samples, along whichever',
      { op: 'DFT', inputs: ['float32[8,10,1]', '', 'int64[]'] },
      'float32[8,10,2]',
    ],
    // (400 - 160)/80 + 1 = 4 frames of 160/2 + 1 bins
    [
      'frames',
      { op: 'STFT', inputs: ['float32[1,400]', 'int64[]', 'float32[160]'], values: { 1: [80] } },
      'float32[1,4,81,2]',
    ],
    ['window', { op: 'HannWindow', inputs: ['int64[]'], values: { 0: [400] } }, 'float32[400]'],
    [
      'mel filters',
      {
        op: 'MelWeightMatrix',
        inputs: ['int64[]', 'int64[]', 'int64[]', 'float32[]', 'float32[]'],
        values: { 0: [40], 1: [512] },
      },
      'float32[257,40]',
    ],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual([expected]);
  });

  test('transforms count as fast ones', () => {
    // 2 transforms of 16 bins in 4 passes
    expect(vectorTotals({ op: 'DFT', version: 17, inputs: ['float32[2,16,1]'] })).toEqual({ multiply: 256, add: 384 });
  });
});
