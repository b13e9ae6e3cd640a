import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const microsoft = { domain: 'com.microsoft' };
const matmul = (left: string, right: string, more: Partial<OneNode> = {}): OneNode => ({
  op: 'MatMul',
  inputs: [left, right],
  ...more,
});

describe('shapes of matrix products', () => {
  test.each<[string, OneNode, string]>([
    ['two matrices', matmul('float32[2,3]', 'float32[3,4]'), 'float32[2,4]'],
    ['batches broadcast', matmul('float32[b,1,s,64]', 'float32[12,64,s]'), 'float32[b,12,s,s]'],
    ['a vector on the left', matmul('float32[3]', 'float32[5,3,4]'), 'float32[5,4]'],
    ['a vector on the right', matmul('float32[5,2,3]', 'float32[3]'), 'float32[5,2]'],
    ['two vectors', matmul('float32[3]', 'float32[3]'), 'float32[]'],
    ['an unknown operand', matmul('float32[2,3]', 'float32'), 'float32'],
    ['a scalar, which is wrong', matmul('float32[]', 'float32[3]'), 'float32'],
    [
      'transposed',
      { ...matmul('float32[3,2]', 'float32[4,3]'), op: 'Gemm', attributes: { transA: 1, transB: 1 } },
      'float32[2,4]',
    ],
    [
      'fused and transposed',
      { ...matmul('float32[8,s,64]', 'float32[8,s,64]'), ...microsoft, op: 'FusedMatMul', attributes: { transB: 1 } },
      'float32[8,s,s]',
    ],
    ['integers', { op: 'MatMulInteger', inputs: ['uint8[2,3]', 'int8[3,4]'] }, 'int32[2,4]'],
    [
      'quantized: the type of the output zero point',
      {
        op: 'QLinearMatMul',
        inputs: ['uint8[2,3]', 'float32[]', 'uint8[]', 'int8[3,4]', 'float32[]', 'int8[]', 'float32[]', 'int8[]'],
      },
      'int8[2,4]',
    ],
    [
      'quantized without an output zero point',
      { ...microsoft, op: 'QGemm', inputs: ['uint8[2,3]', 'float32[]', 'uint8[]', 'int8[3,4]', 'float32[]', 'int8[]'] },
      'float32[2,4]',
    ],
    [
      'weights of four bits',
      {
        ...microsoft,
        op: 'MatMulNBits',
        inputs: ['float16[1,s,64]', 'uint8[128,2,16]', 'float16[256]'],
        attributes: { K: 64, N: 128, bits: 4, block_size: 32 },
      },
      'float16[1,s,128]',
    ],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual([expected]);
  });
});

describe('work of matrix products', () => {
  test('keeps a right operand without batch stationary over all rows', () => {
    const projection = matmul('float32[2,128,768]', 'float32[768,3072]', { constant: [1] });
    expect(macs(projection)).toBe(2 * 128 * 768 * 3072);
    expect(work(projection).nests[0]).toMatchObject({ G: 1, OY: 256, K: 3072, C: 768, stationaryInput: 1 });
    expect(work(projection).operatorClass).toBe('matmul');
  });

  test('makes a group of each matrix of two batches', () => {
    const scores = matmul('float32[1,12,128,64]', 'float32[1,12,64,128]');
    expect(macs(scores)).toBe(12 * 128 * 128 * 64);
    expect(work(scores).nests[0]).toMatchObject({ B: 1, G: 12, OY: 128, K: 128, C: 64 });
  });

  test('gives a constant left operand the stationary place', () => {
    const given = matmul('float32[10,20]', 'float32[4,20,30]', { constant: [0] });
    expect(work(given).nests[0]).toMatchObject({ OY: 120, K: 10, C: 20, streamedInput: 1, stationaryInput: 0 });
    expect(macs(given)).toBe(4 * 10 * 20 * 30);
  });

  test('is fully connected with a constant operand and at most 8 rows', () => {
    const rows = (count: number, constant: readonly number[]) =>
      work({ op: 'Gemm', inputs: [`float32[${count},2048]`, 'float32[2048,1000]', 'float32[1000]'], constant });
    expect(rows(8, [1]).operatorClass).toBe('fully-connected');
    expect(rows(9, [1]).operatorClass).toBe('matmul');
    expect(rows(8, []).operatorClass).toBe('matmul');
  });

  test('counts vectors', () => {
    expect(macs(matmul('float32[3]', 'float32[3]'))).toBe(3);
    expect(macs(matmul('float32[5,2,3]', 'float32[3]'))).toBe(30);
  });

  test('adds bias, activation and unpacking as vector work', () => {
    const gemm = { op: 'Gemm', inputs: ['float32[2,8]', 'float32[8,4]', 'float32[4]'] };
    expect(macs(gemm)).toBe(64);
    expect(vectorTotals(gemm)).toEqual({ add: 8 });
    const fused = { ...gemm, ...microsoft, op: 'FusedGemm', attributes: { activation: 'Relu' } };
    expect(vectorTotals(fused)).toEqual({ add: 16 });
    const packed = {
      ...microsoft,
      op: 'MatMulNBits',
      inputs: ['float16[1,4,64]', 'uint8[128,2,16]', 'float16[256]'],
      attributes: { K: 64, N: 128, bits: 4, block_size: 32 },
    };
    expect(macs(packed)).toBe(4 * 64 * 128);
    expect(vectorTotals(packed)).toEqual({ convert: 8192, multiply: 8192 });
  });
});
