/** What pull requests, exporters and quantizers change, and what is said of it. */
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../../src/ir/graph.ts';
import { groups, matched, type Draft, type Network } from './networks.ts';

const ints = (...values: number[]): Attribute => ({ kind: 'ints', values });
const int = (value: number): Attribute => ({ kind: 'int', value });
const string = (value: string): Attribute => ({ kind: 'string', value });

/** Of the node `one` between two layers. */
function wordsOf(one: Draft, other: Draft): readonly string[] {
  const network = (draft: Draft): Network => ({
    first: { operator: 'Conv', from: ['x'], weights: ['filters'] },
    one: { ...draft, from: ['first'] },
    last: { operator: 'Conv', from: ['one'], weights: ['others'] },
  });
  return matched(network(one), network(other)).matches.find(({ base }) => base.includes('one'))!.changes;
}

describe('attributes', () => {
  test('a default that an exporter writes out is no change', () => {
    const bare: Draft = { operator: 'LSTM', from: [], weights: ['gates'] };
    const written = { direction: string('forward'), layout: int(0), input_forget: int(0) };
    expect(wordsOf(bare, { ...bare, attributes: written })).toEqual([]);
    expect(wordsOf(bare, { ...bare, attributes: { direction: string('reverse') } })).toEqual([
      'direction forward→reverse',
    ]);
    const pool: Draft = { operator: 'MaxPool', from: [], attributes: { strides: ints(1, 1) } };
    expect(wordsOf(pool, { ...pool, attributes: { strides: ints(2, 2) } })).toEqual(['stride 1→2']);
    expect(wordsOf(pool, { ...pool, attributes: {} })).toEqual([]);
    const norm: Draft = { operator: 'LayerNormalization', from: [], weights: ['gains'] };
    const epsilon: Attribute = { kind: 'float', value: Math.fround(1e-5) };
    expect(wordsOf(norm, { ...norm, attributes: { epsilon, stash_type: int(1), axis: int(-1) } })).toEqual([]);
  });

  test('what a newer opset hands in as an input is what the attribute was', () => {
    const old: Draft = { operator: 'ReduceMean', from: [], attributes: { axes: ints(2) } };
    expect(wordsOf(old, { operator: 'ReduceMean', from: [], setting: 2 })).toEqual([]);
    expect(wordsOf(old, { operator: 'ReduceMean', from: [], setting: 3 })).toEqual(['axes 2→3']);
  });
});

describe('quantized spellings', () => {
  test('scales and zero points are no weights', () => {
    const conv: Draft = { operator: 'Conv', from: [], weights: ['filters of it', 'bias'] };
    // x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B
    const weights = [
      'number 1',
      'number 2',
      'filters in int8',
      'number 3',
      'number 4',
      'number 5',
      'number 6',
      'bias 8',
    ];
    const quantized: Draft = { operator: 'QLinearConv', from: [], weights, dtype: 'int8' };
    expect(wordsOf(conv, quantized)).toEqual(['Conv → QLinearConv', 'dtype float32→int8']);
  });

  test('sums of integers are no quantization to 32 bits, and a transposed matrix is no other width', () => {
    const gemm: Draft = { operator: 'Gemm', from: [], weights: ['tall floats'], transB: 1 };
    const product: Draft = { operator: 'MatMulInteger', from: [], weights: ['wide integers'], dtype: 'int32' };
    expect(wordsOf(gemm, product)).toEqual(['Gemm → MatMulInteger']);
    expect(wordsOf(gemm, { operator: 'MatMul', from: [], weights: ['tall floats 2'] })).toEqual([
      ...['Gemm → MatMul', 'narrowed 32→16', 'input channels 16→32'],
    ]);
  });
});

describe('activations', () => {
  const gelu: Network = {
    product: { operator: 'MatMul', from: ['x'], weights: ['w1'] },
    div: { operator: 'Div', from: ['product'], weights: ['number root'] },
    erf: { operator: 'Erf', from: ['div'] },
    one: { operator: 'Add', from: ['erf'], weights: ['number one'] },
    gate: { operator: 'Mul', from: ['product', 'one'] },
    half: { operator: 'Mul', from: ['gate'], weights: ['number half'] },
    last: { operator: 'MatMul', from: ['half'], weights: ['w2'] },
  };

  test('a spelled one is named although a part of it is a part of the other, too', () => {
    const silu: Network = {
      product: gelu.product!,
      sigmoid: { operator: 'Sigmoid', from: ['product'] },
      gate: { operator: 'Mul', from: ['product', 'sigmoid'] },
      last: { ...gelu.last!, from: ['gate'] },
    };
    expect(matched(gelu, silu).matches.flatMap(({ changes }) => changes)).toContain('activation Gelu → Swish');
  });

  test('steps in another order are the same steps', () => {
    const other: Network = {
      ...{ product: gelu.product!, div: gelu.div!, erf: gelu.erf!, one: gelu.one! },
      half: { operator: 'Mul', from: ['product'], weights: ['number half'] },
      gate: { operator: 'Mul', from: ['half', 'one'] },
      last: { ...gelu.last!, from: ['gate'] },
    };
    expect(groups(matched(gelu, other))).toEqual(expect.arrayContaining(['gate → gate', 'half → half']));
  });
});

test('a split that is done in front of a transposition is the same one', () => {
  const parts = [8, 8];
  const base: Network = {
    product: { operator: 'MatMul', from: ['x'], weights: ['w1'] },
    turn: { operator: 'Transpose', from: ['product'] },
    split: { operator: 'Split', from: ['turn'], channels: parts },
    sum: { operator: 'Mul', from: ['split', 'split.1'] },
    last: { operator: 'MatMul', from: ['sum'], weights: ['w2'] },
  };
  const head: Network = {
    product: base.product!,
    split: { operator: 'Split', from: ['product'], channels: [4, 4], attributes: { axis: int(2) } },
    turn: { operator: 'Transpose', from: ['split'], channels: [8] },
    turn2: { operator: 'Transpose', from: ['split.1'], channels: [8] },
    sum: { operator: 'Mul', from: ['turn', 'turn2'] },
    last: base.last!,
  };
  expect(groups(matched(base, head))).toContain('split → split');
});

test('a scale does not become a bias', () => {
  const network = (steps: Network): Network => ({
    product: { operator: 'MatMul', from: ['x'], weights: ['w1'] },
    ...steps,
    last: { operator: 'MatMul', from: ['step'], weights: ['w2'] },
  });
  const scaled = network({
    scale: { operator: 'Mul', from: ['product'], weights: ['number'] },
    step: { operator: 'Softmax', from: ['scale'] },
  });
  const shifted = network({
    soft: { operator: 'Softmax', from: ['product'] },
    step: { operator: 'Add', from: ['soft'], weights: ['bias'] },
  });
  expect(groups(matched(scaled, shifted))).not.toContain('scale → step');
});
