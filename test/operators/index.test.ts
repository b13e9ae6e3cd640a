import { describe, expect, test } from 'vitest';
import { findOperator, operators } from '../../src/operators/index.ts';

describe('the list of operators', () => {
  test('has each operator once', () => {
    const keys = operators.map(({ domain, name }) => `${domain}:${name}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test('has a line of documentation for each', () => {
    const silent = operators.filter(({ documentation }) => !/^\S.{8,}\.$/s.test(documentation));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('knows ONNX by either name of its domain, and no other domain by ONNX’s names', () => {
    expect(findOperator('ai.onnx', 'Relu')).toBe(findOperator('', 'Relu'));
    expect(findOperator('com.example', 'Relu')).toBeUndefined();
  });
});
