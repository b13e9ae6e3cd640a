import { describe, expect, test } from 'vitest';
import { evaluated, inferred, vectorTotals } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const sum = (attributes: OneNode['attributes'], more: Partial<OneNode> = {}): OneNode => ({
  op: 'ReduceSum',
  inputs: ['float32[b,3,4]'],
  attributes: attributes ?? {},
  ...more,
});

describe('shapes of reductions', () => {
  test.each<[string, OneNode, string]>([
    ['axes as attribute', sum({ axes: [-1] }), 'float32[b,3,1]'],
    ['axes as input', sum({}, { inputs: ['float32[b,3,4]', 'int64[2]'], values: { 1: [0, 1] } }), 'float32[1,1,4]'],
    ['dropped axes', sum({ axes: [1], keepdims: 0 }), 'float32[b,4]'],
    ['all axes', sum({ keepdims: 0 }), 'float32[]'],
    ['no axes on request', sum({ noop_with_empty_axes: 1 }), 'float32[b,3,4]'],
    [
      'an empty list means all',
      sum({}, { inputs: ['float32[b,3,4]', 'int64[0]'], values: { 1: [] } }),
      'float32[1,1,1]',
    ],
    ['axes at run time, kept', sum({}, { inputs: ['float32[b,3,4]', 'int64[1]'] }), 'float32[?,?,?]'],
    ['axes at run time, dropped', sum({ keepdims: 0 }, { inputs: ['float32[b,3,4]', 'int64[2]'] }), 'float32[?]'],
    ['axes outside of the rank', sum({ axes: [3] }), 'float32'],
    ['all of an unknown rank', sum({ keepdims: 0 }, { inputs: ['float32'] }), 'float32[]'],
    ['position', { op: 'ArgMax', inputs: ['float32[b,3]'], attributes: { axis: -1, keepdims: 0 } }, 'int64[b]'],
    ['running sum', { op: 'CumSum', inputs: ['float32[b,3]', 'int64[]'] }, 'float32[b,3]'],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual([expected]);
  });
});

describe('values of reductions', () => {
  test('multiply sizes', () => {
    const given = { op: 'ReduceProd', inputs: ['int64[4]'], attributes: { keepdims: 0 } };
    expect(evaluated({ ...given, values: { 0: [2, 3, 'h', 1] } })).toEqual(['6*h']);
  });

  test('run along one axis', () => {
    // [[1, 5, 2], [4, 0, 3]]
    const rows = (op: string, axes: readonly number[]) =>
      evaluated({ op, inputs: ['int64[2,3]'], attributes: { axes }, values: { 0: [1, 5, 2, 4, 0, 3] } });
    expect(rows('ReduceSum', [0])).toEqual([5, 5, 5]);
    expect(rows('ReduceSum', [1])).toEqual([8, 7]);
    expect(rows('ReduceMax', [1])).toEqual([5, 4]);
    expect(rows('ReduceMin', [0, 1])).toEqual([0]);
  });

  test('are not made of nothing', () => {
    expect(evaluated({ op: 'ReduceMax', inputs: ['int64[0]'], values: { 0: [] } })).toBeUndefined();
  });
});

test('work of reductions is counted per input, and per output where something follows', () => {
  const inputs = ['float32[2,3,4]'];
  expect(vectorTotals({ op: 'ReduceMean', inputs, attributes: { axes: [2] } })).toEqual({ add: 24, multiply: 6 });
  expect(vectorTotals({ op: 'ReduceL2', inputs, attributes: { axes: [2] } })).toEqual({
    add: 24,
    multiply: 24,
    divide: 6,
  });
});
