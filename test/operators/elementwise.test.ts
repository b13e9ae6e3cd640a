import { describe, expect, test } from 'vitest';
import { operators } from '../../src/operators/index.ts';
import { evaluated, inferred, macs, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const add = (...inputs: string[]): OneNode => ({ op: 'Add', inputs });

describe('shapes of element-wise operators', () => {
  test.each<[string, OneNode, string]>([
    ['broadcast', add('float32[b,1,4]', 'float32[3,1]'), 'float32[b,3,4]'],
    ['a symbol against a number above 1', add('float32[s,4]', 'float32[8,4]'), 'float32[8,4]'],
    ['two symbols', add('float32[s]', 'float32[t]'), 'float32[max(s,t)]'],
    ['an unknown rank', add('float32[2,3]', 'float32'), 'float32'],
    [
      'before opset 7, aligned by an attribute',
      { ...add('float32[2,3,4]', 'float32[3]'), version: 6, attributes: { axis: 1, broadcast: 1 } },
      'float32[2,3,4]',
    ],
    ['any number of operands', { op: 'Max', inputs: ['float32[1,3]', 'float32[2,1]', 'float32[]'] }, 'float32[2,3]'],
    ['comparison', { op: 'Less', inputs: ['float32[2,1]', 'float32[3]'] }, 'bool[2,3]'],
    ['power: the type of the base', { op: 'Pow', inputs: ['float32[2]', 'int64[]'] }, 'float32[2]'],
    ['slopes', { op: 'PRelu', inputs: ['float32[1,8,h,w]', 'float32[8,1,1]'] }, 'float32[1,8,h,w]'],
    ['bounds', { op: 'Clip', inputs: ['float32[2,3]', 'float32', 'float32[]'] }, 'float32[2,3]'],
    ['test for infinity', { op: 'IsInf', inputs: ['float16[2]'] }, 'bool[2]'],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual([expected]);
  });
});

describe('work of element-wise operators', () => {
  test('is counted per output element', () => {
    expect(vectorTotals({ op: 'Mul', inputs: ['float32[2,1]', 'float32[1,3]'] })).toEqual({ multiply: 6 });
    expect(macs({ op: 'Mul', inputs: ['float32[2,1]', 'float32[1,3]'] })).toBe(0);
    expect(vectorTotals({ op: 'HardSwish', inputs: ['float32[10]'] })).toEqual({ add: 30, multiply: 20 });
    expect(work({ op: 'Sigmoid', inputs: ['float32[10]'] }).operatorClass).toBe('elementwise');
  });

  test('grows with the operands of a variadic one', () => {
    expect(vectorTotals({ op: 'Sum', inputs: ['float32[4]', 'float32[4]', 'float32[4]'] })).toEqual({ add: 8 });
  });
});

describe('values', () => {
  const ints = (op: string, a: readonly (number | string)[], b: readonly (number | string)[]) =>
    evaluated({ op, inputs: [`int64[${a.length}]`, `int64[${b.length}]`], values: { 0: a, 1: b } });

  test.each<[string, readonly (number | string)[], readonly (number | string)[], readonly (number | string)[]]>([
    ['Add', [1, 2], [10], [11, 12]],
    ['Sub', ['batch', 3], [1, 3], ['batch-1', 0]],
    ['Mul', ['batch'], [2, 0], ['2*batch', 0]],
    ['Div', [-7, 7], [2], [-3, 3]],
    ['Div', ['h'], [2], ['floor(h/2)']],
    ['Div', [1], [0], ['?']],
    ['Mod', [-7, 7], [3], [2, 1]],
    ['Pow', [2, 3], [10, 2], [1024, 9]],
    ['Pow', ['h'], [2], ['h*h']],
    ['Max', ['h', 4], [2, 5], ['max(2,h)', 5]],
    // sizes are at least 1
    ['Max', ['h'], [1], ['h']],
    ['Min', ['h'], [-1], [-1]],
    ['Min', [4], [9], [4]],
    ['Equal', ['h', 'h', 2], ['h', -1, 2], [1, 0, 1]],
    ['Greater', ['h'], [5], ['?']],
    ['Greater', ['h'], [-1], [1]],
    ['Less', ['h'], [0], [0]],
    ['LessOrEqual', [2, 3], [2], [1, 0]],
  ])('%s of %j and %j', (op, a, b, expected) => {
    expect(ints(op, a, b)).toEqual(expected);
  });

  test('round to single precision', () => {
    const product = evaluated({ op: 'Mul', inputs: ['float32[]', 'float32[]'], values: { 0: [0.1], 1: [3] } });
    expect(product).toEqual([Math.fround(0.1 * 3)]);
  });

  test('are not followed where an integer overflows', () => {
    expect(evaluated({ op: 'Add', inputs: ['int8[]', 'int8[]'], values: { 0: [127], 1: [1] } })).toEqual(['?']);
  });

  test('keep fractions of a symbol until they are rounded', () => {
    const half = contextValue('Mul', 'h', 0.5);
    expect(half).toEqual(['0.5*h']);
    expect(contextValue('Div', 'h', 4)).toEqual(['0.25*h']);
  });

  test('of one operand', () => {
    const unary = (op: string, values: readonly (number | string)[], type = 'float32') =>
      evaluated({ op, inputs: [`${type}[${values.length}]`], values: { 0: values } });
    expect(unary('Floor', [1.5, -1.5])).toEqual([1, -2]);
    expect(unary('Ceil', [1.5, 'h'])).toEqual([2, 'h']);
    expect(unary('Round', [0.5, 1.5, -2.5])).toEqual([0, 2, -2]);
    expect(unary('Sqrt', [16])).toEqual([4]);
    expect(unary('Neg', ['h', 0], 'int64')).toEqual(['-h', 0]);
    expect(unary('Not', [0, 1], 'bool')).toEqual([1, 0]);
    expect(unary('Exp', ['h'])).toEqual(['?']);
    expect(unary('Sigmoid', [0])).toBeUndefined();
  });

  test('between bounds', () => {
    const clip = (inputs: readonly string[], values: NonNullable<OneNode['values']>) =>
      evaluated({ op: 'Clip', inputs, values });
    expect(clip(['int64[3]', 'int64[]', 'int64[]'], { 0: [-5, 3, 50], 1: [0], 2: [10] })).toEqual([0, 3, 10]);
    expect(clip(['int64[2]', '', 'int64[]'], { 0: [3, 50], 2: [10] })).toEqual([3, 10]);
    expect(clip(['int64[2]', 'int64[]'], { 0: [-3, 5] })).toBeUndefined();
  });

  test('need all operands', () => {
    expect(evaluated({ op: 'Add', inputs: ['int64[1]', 'int64[1]'], values: { 0: [1] } })).toBeUndefined();
  });

  test('are not followed beyond 4096 elements', () => {
    const column = Array.from({ length: 100 }, () => 1);
    const given = { op: 'Add', inputs: ['int64[100,1]', 'int64[1,100]'], values: { 0: column, 1: column } };
    expect(evaluated(given)).toBeUndefined();
  });
});

function contextValue(op: string, a: string, b: number) {
  return evaluated({ op, inputs: ['float32[1]', 'float32[1]'], values: { 0: [a], 1: [b] } });
}

test('every operator says in one line what it computes and how it is counted', () => {
  const lines = operators.map(({ documentation }) => documentation);
  expect(lines.filter((line) => line.length < 10 || line.includes('\n') || !line.endsWith('.'))).toEqual([]);
});

test('no operator stands twice', () => {
  const keys = operators.map(({ domain, name }) => `${domain}:${name}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});
