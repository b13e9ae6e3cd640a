import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Initializer } from '../../../src/ir/graph.ts';
import type { EditedWeight } from '../../../src/optimizations/optimization.ts';
import type { WeightChange } from '../../../src/optimizations/weights/weight-change.ts';
import { weightErrors } from '../../../src/optimizations/weights/weight-errors.ts';
import type { Weights } from './tensors.ts';
import { edited, gaussian, stored, tensors } from './tensors.ts';

type Decibels = Readonly<Record<string, number | null>>;

const oracle = JSON.parse(readFileSync(new URL('oracle.json', import.meta.url), 'utf8')) as Record<string, Decibels>;

/** The edits that the oracle's words stand for. */
function editsOf(words: string, constant: Initializer, axis: number): readonly EditedWeight[] {
  const [first, second] = words.split(', ');
  const one = edited(constant, changeOf(first!, constant, axis), prunedShape(first!, constant, axis));
  return second === undefined ? [one] : [one, edited(one.to, changeOf(second, constant, axis))];
}

function prunedShape(words: string, { shape }: Initializer, axis: number) {
  return words === 'prune half' ? { shape: shape.with(axis, Math.ceil(shape[axis]! / 2)) } : {};
}

function changeOf(words: string, constant: Initializer, axis: number): WeightChange {
  const [name, ...rest] = words.split(' ');
  switch (name) {
    case 'palettize':
      return { kind: 'palettize', bits: Number(rest[0]) as 4 };
    case 'sparsify':
      return rest[0] === '2:4'
        ? { kind: 'sparsify-two-of-four', axis: 1 - axis }
        : { kind: 'sparsify', share: Number(rest[0]) };
    case 'cast':
      return { kind: 'cast', dtype: rest[0] as 'float16' };
    case 'prune':
      return pruned(constant, axis, Math.ceil(constant.shape[axis]! / 2));
    default: {
      const granularity = rest.includes('tensor') ? {} : { axis };
      const group = rest.includes('group') ? { group: Number(rest.at(-1)) } : {};
      const bits = name === 'int8' ? 8 : 4;
      return { kind: 'quantize', bits, symmetric: !rest.includes('affine'), ...granularity, ...group };
    }
  }
}

function pruned(weight: Initializer, axis: number, kept: number): WeightChange {
  const ranked = [{ weight, axis, start: 0, width: 1 }];
  return { kind: 'prune', axes: [{ axis, runs: [{ channels: weight.shape[axis]!, width: 1, kept, ranked }] }] };
}

function errorOf(weights: Weights, edits: (constant: Initializer) => readonly EditedWeight[]) {
  const { constant, sources } = stored(weights);
  return weightErrors(sources, edits(constant)).get('layer')!;
}

describe('the error of an edit is that of NumPy', () => {
  for (const [name, results] of Object.entries(oracle)) {
    // Output channels: the first axis of a convolution, the columns of a product.
    const axis = name === 'convolution' ? 0 : 1;
    it(name, () => {
      for (const [words, expected] of Object.entries(results)) {
        const { sqnrDecibels } = errorOf(tensors[name]!, (constant) => editsOf(words, constant, axis));
        if (expected === null) expect(sqnrDecibels, words).toBeNull();
        // scikit-learn's k-means finds no better centres.
        else if (words.startsWith('palettize')) expect(sqnrDecibels, words).toBeGreaterThan(expected - 0.01);
        else expect(sqnrDecibels, words).toBeCloseTo(expected, 9);
      }
    });
  }
});

describe('weights whose error is not known', () => {
  const changes: readonly WeightChange[] = [
    { kind: 'quantize', bits: 8, symmetric: true },
    { kind: 'quantize', bits: 4, symmetric: false, axis: 1, group: 2 },
    { kind: 'cast', dtype: 'float16' },
    { kind: 'palettize', bits: 2 },
    { kind: 'sparsify', share: 0.5 },
    { kind: 'sparsify-two-of-four', axis: 0 },
  ];

  it('NaN and infinities', () => {
    for (const hostile of [NaN, Infinity, -Infinity]) {
      const elements = gaussian(1, 16);
      elements[5] = hostile;
      for (const change of changes) {
        const error = errorOf({ shape: [4, 4], elements }, (constant) => [edited(constant, change)]);
        expect(error).toEqual({ sqnrDecibels: null, reason: '1 of the weights is not finite' });
      }
      const all = new Float64Array(16).fill(hostile);
      for (const change of changes) {
        const error = errorOf({ shape: [4, 4], elements: all }, (constant) => [edited(constant, change)]);
        expect(error.reason).toBe('16 of the weights are not finite');
      }
    }
  });

  it('too large for the type', () => {
    const elements = new Float64Array([1, 65519, 65520, -1e6]);
    const into = (dtype: 'float16' | 'bfloat16') =>
      errorOf({ shape: [4], elements }, (constant) => [edited(constant, { kind: 'cast', dtype })]);
    expect(into('float16')).toEqual({ sqnrDecibels: null, reason: '2 weights are too large for float16' });
    expect(into('bfloat16').sqnrDecibels).toBeGreaterThan(40);
  });

  it('no elements at all', () => {
    const elements = new Float64Array(0);
    for (const change of changes) {
      const error = errorOf({ shape: [0, 4], elements }, (constant) => [edited(constant, change)]);
      expect(error).toEqual({ sqnrDecibels: null });
    }
  });

  it('bytes that are not there', () => {
    const { constant } = stored(tensors.product!);
    const absent = weightErrors(new Map(), [edited(constant, changes[0]!)]).get('layer');
    expect(absent).toEqual({ sqnrDecibels: null, reason: 'the weights are not available' });
  });

  it('fewer bytes than the shape asks for', () => {
    const error = errorOf(tensors.one!, (constant) => [edited({ ...constant, shape: [2, 3] }, changes[0]!)]);
    expect(error).toEqual({ sqnrDecibels: null, reason: 'the file does not hold the weights that it declares' });
  });

  it('computed when the model is loaded', () => {
    const folded = (constant: Initializer): Initializer => ({ ...constant, ranges: [], foldedFrom: ['a', 'b'] });
    const error = errorOf(tensors.one!, (constant) => [edited(folded(constant), changes[0]!)]);
    expect(error).toEqual({ sqnrDecibels: null, reason: 'the weights are computed when the model is loaded' });
  });
});

describe('several weights', () => {
  it('count without biases', () => {
    const { constant, sources } = stored({ shape: [4], elements: new Float64Array([3, 1, 1, 1]) });
    const change = { kind: 'sparsify', share: 0.5 } as const;
    const bias = edited(constant, change);
    const row = edited({ ...constant, shape: [1, 4], ranges: [...constant.ranges] }, change);
    const matrix = edited({ ...constant, shape: [2, 2], ranges: [...constant.ranges] }, { ...change, share: 0.25 });
    const errorOfAll = (...weights: readonly EditedWeight[]) =>
      weightErrors(sources, weights).get('layer')!.sqnrDecibels;
    expect(errorOfAll(bias)).toBeCloseTo(10 * Math.log10(12 / 2), 12);
    expect(errorOfAll(bias, matrix)).toBeCloseTo(10 * Math.log10(12 / 1), 12);
    expect(errorOfAll(matrix, row, bias)).toBeCloseTo(10 * Math.log10(12 / 1), 12);
    expect(errorOfAll(bias, row)).toBeCloseTo(10 * Math.log10(12 / 2), 12);
  });

  it('count together where one node uses them', () => {
    const { constant, sources } = stored({ shape: [4], elements: new Float64Array([3, 1, 1, 1]) });
    const half = edited(constant, { kind: 'sparsify', share: 0.5 });
    const none = edited({ ...constant, ranges: [...constant.ranges] }, { kind: 'sparsify', share: 0 });
    // 24 in both together, 2 of it lost.
    const error = weightErrors(sources, [half, none]).get('layer')!;
    expect(error.sqnrDecibels).toBeCloseTo(10 * Math.log10(24 / 2), 12);
  });

  it('are measured behind the last edit, with what was pruned as zeros', () => {
    const elements = new Float64Array([1, 10, 2, 20, 3, 30.4]);
    const { constant, sources } = stored({ shape: [3, 2], elements });
    const first = edited(constant, pruned(constant, 1, 1), { shape: [3, 1] });
    const again = edited(first.to, pruned(first.to, 0, 2), { shape: [2, 1] });
    const rounded = edited(again.to, { kind: 'quantize', bits: 8, symmetric: true });
    const error = weightErrors(sources, [first, again, rounded]).get('layer')!;
    // Steps of 30.4 / 127 from 0: 20 becomes 84 of them.
    const lost = 1 + 4 + 9 + 100 + (20 - (84 * 30.4) / 127) ** 2;
    const signal = 1 + 100 + 4 + 400 + 9 + 30.4 ** 2;
    expect(error.sqnrDecibels).toBeCloseTo(10 * Math.log10(signal / lost), 9);
  });
});
