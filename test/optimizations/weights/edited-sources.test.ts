import { describe, expect, it } from 'vitest';
import { elementChunks, readElements, weightFingerprints } from '../../../src/formats/weights.ts';
import type { ModelSources } from '../../../src/ir/byte-source.ts';
import type { DataType } from '../../../src/ir/data-type.ts';
import type { Initializer } from '../../../src/ir/graph.ts';
import type { EditedWeight } from '../../../src/optimizations/optimization.ts';
import { editedSources } from '../../../src/optimizations/weights/edited-sources.ts';
import { isVirtualFile } from '../../../src/optimizations/weights/edited-weight.ts';
import { weightErrors } from '../../../src/optimizations/weights/weight-errors.ts';
import { edited, gaussian, heavy, stored, tensors, type Into, type Weights } from './tensors.ts';

function read(sources: ModelSources, constant: Initializer | undefined): readonly number[] {
  return [...readElements(constant!, sources)!];
}

function written(weights: Weights, change: EditedWeight['change'], into: Into = {}) {
  const { constant, sources } = stored(weights);
  const weight = edited(constant, change, into);
  const overlay = editedSources(sources, [weight]);
  return { weight, overlay, sources, elements: read(overlay, weight.to) };
}

const ramp: Weights = { shape: [2, 4], elements: new Float64Array([-1, -0.5, 0, 0.5, 1, 1.5, 2, 4]) };

describe('edited weights are read from the overlay', () => {
  it('integers with their scales', () => {
    const change = { kind: 'quantize', bits: 8, symmetric: true, axis: 0 } as const;
    const storage = [{ dtype: 'float32', shape: [2] }] as const;
    const { weight, overlay, elements } = written(ramp, change, { dtype: 'int8', storage });
    // Of 63.5 (twice) and 47.625 steps.
    expect(elements).toEqual([-127, -64, 0, 64, 32, 48, 64, 127]);
    expect(read(overlay, weight.storage[0])).toEqual([Math.fround(1 / 127), Math.fround(4 / 127)]);
  });

  it('integers of 4 bits with scales and zero points of groups', () => {
    const change = { kind: 'quantize', bits: 4, symmetric: false, axis: 1, group: 1 } as const;
    const storage = [
      { dtype: 'float32', shape: [4, 2] },
      { dtype: 'int4', shape: [4, 2] },
    ] as const;
    const { weight, overlay, elements } = written(ramp, change, { dtype: 'int4', storage });
    // Each number alone is one end of its range: 0 is the other one.
    expect(elements).toEqual([-8, -8, -8, 7, 7, 7, 7, 7]);
    expect(read(overlay, weight.storage[0]).slice(0, 4)).toEqual(
      [1 / 15, 1 / 15, 0.5 / 15, 1.5 / 15].map((scale) => Math.fround(scale)),
    );
    expect(read(overlay, weight.storage[1])).toEqual([7, -8, 7, -8, -8, -8, -8, -8]);
  });

  it('indices of every width and their table', () => {
    for (const bits of [1, 2, 3, 4, 6, 8] as const) {
      const storage = [{ dtype: 'float32', shape: [2 ** bits] }] as const;
      const weights: Weights = { shape: [37, 11], elements: heavy(bits, 407) };
      const into: Into = { dtype: `uint${bits}` as DataType, storage };
      const { weight, overlay, sources, elements } = written(weights, { kind: 'palettize', bits }, into);
      const table = read(overlay, weight.storage[0]);
      expect([...table].sort((left, right) => left - right)).toEqual(table);
      const nearest = weights.elements.reduce((sum, element) => {
        return sum + Math.min(...table.map((centre) => (element - centre) ** 2));
      }, 0);
      const signal = weights.elements.reduce((sum, element) => sum + element ** 2, 0);
      const { sqnrDecibels } = weightErrors(sources, [weight]).get('layer')!;
      expect(sqnrDecibels).toBeCloseTo(10 * Math.log10(signal / nearest), 4);
      const looked = elements.map((index) => table[index]!);
      const lost = weights.elements.reduce((sum, element, index) => sum + (element - looked[index]!) ** 2, 0);
      expect(lost).toBeCloseTo(nearest, 6);
      const packing = { table: { bits, entries: 2 ** bits } };
      const unpacked = written(weights, { kind: 'palettize', bits }, { packing, dtype: 'float32' }).elements;
      expect(unpacked).toEqual(looked);
    }
  });

  it('halves that read back as they were rounded', () => {
    const elements = new Float64Array([
      0,
      -0,
      1,
      -2.5,
      65504,
      1e-8,
      6e-8,
      6.1e-5,
      1e5,
      NaN,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
    ]);
    const weights: Weights = { shape: [12], elements };
    const half = written(weights, { kind: 'cast', dtype: 'float16' }, { dtype: 'float16' });
    // NumPy's astype(float16).
    const smallest = 2 ** -24;
    expect(half.elements.slice(0, 7)).toEqual([0, -0, 1, -2.5, 65504, 0, smallest]);
    expect(half.elements[7]).toBeCloseTo(6.1e-5, 7);
    expect(half.elements.slice(8)).toEqual([Infinity, NaN, 1, 1 + 2 ** -9]);
    const brain = written(weights, { kind: 'cast', dtype: 'bfloat16' }, { dtype: 'bfloat16' });
    expect(brain.elements.slice(0, 5)).toEqual([0, -0, 1, -2.5, 65536]);
    expect(brain.elements.slice(9)).toEqual([NaN, 1, 1]);
  });

  it('sparse weights by what is left and a mask', () => {
    const storage = [{ dtype: 'uint1', shape: [2, 4] }] as const;
    const sparse = written(ramp, { kind: 'sparsify', share: 0.5 }, { packing: { kept: 4 }, storage });
    expect(sparse.elements).toEqual([0, 0, 0, 0, 1, 1.5, 2, 4]);
    expect(read(sparse.overlay, sparse.weight.storage[0])).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    const dense = written(ramp, { kind: 'sparsify', share: 0.5 });
    expect(dense.elements).toEqual(sparse.elements);
    const fours = written(ramp, { kind: 'sparsify-two-of-four', axis: 1 }, { packing: { kept: 4 }, storage });
    // Of −0.5 and 0.5 the one in front goes; of all neighbours along the axis the two smallest.
    expect(fours.elements).toEqual([-1, 0, 0, 0.5, 0, 0, 2, 4]);
  });

  it('what a pruned neighbour leaves', () => {
    const producer = stored({ shape: [4, 1], elements: new Float64Array([3, -1, 2, 0.5]) }, 'producer');
    const { constant } = stored(ramp, 'consumer');
    const bytes = producer.sources.get('')!;
    const sources: ModelSources = new Map([
      ['', stored(ramp).sources.get('')!],
      ['producer.bin', bytes],
    ]);
    const ranked = { ...producer.constant, ranges: [{ file: 'producer.bin', offset: 0, byteLength: 32 }] };
    const slices = { weight: ranked, axis: 0, start: 0, width: 1 };
    const runs = [{ channels: 4, width: 1, kept: 2, ranked: [slices] }];
    const change = { kind: 'prune', axes: [{ axis: 1, runs }] } as const;
    const weight = edited(constant, change, { shape: [2, 2] });
    expect(read(editedSources(sources, [weight]), weight.to)).toEqual([-1, 0, 1, 2]);
  });
});

describe('the overlay', () => {
  it('follows chains under one name', () => {
    const { constant, sources } = stored(ramp);
    const sparse = edited(constant, { kind: 'sparsify', share: 0.5 });
    const integers = edited(sparse.to, { kind: 'quantize', bits: 8, symmetric: true }, { dtype: 'int8' });
    const overlay = editedSources(sources, [sparse, integers]);
    expect(read(overlay, sparse.to)).toEqual([0, 0, 0, 0, 1, 1.5, 2, 4]);
    expect(read(overlay, integers.to)).toEqual([0, 0, 0, 0, 32, 48, 64, 127]);
    // And the file is there as it was.
    expect(read(overlay, constant)).toEqual([...ramp.elements]);
  });

  it('gives edited weights fingerprints of their own', () => {
    const { constant, sources } = stored(tensors.product!);
    const weight = edited(constant, { kind: 'sparsify', share: 0.5 });
    const digest = (from: ModelSources, of: Initializer) => weightFingerprints([of], from).get('weight')!.digest;
    const overlay = editedSources(sources, [weight]);
    expect(digest(overlay, weight.to)).not.toBe(digest(sources, constant));
    expect(digest(overlay, constant)).toBe(digest(sources, constant));
  });

  it('names files as no path of a model can be named', () => {
    const { constant } = stored(ramp);
    const { to } = edited(constant, { kind: 'sparsify', share: 0.5 });
    expect(isVirtualFile(to.ranges[0]!.file)).toBe(true);
    expect(['', 'weights.bin', '../x', constant.name].some(isVirtualFile)).toBe(false);
  });

  it('has nothing for weights that cannot be read', () => {
    const { constant } = stored(ramp);
    const folded: Initializer = { ...constant, ranges: [], foldedFrom: ['a'] };
    const weight = edited(folded, { kind: 'sparsify', share: 0.5 });
    expect(weight.to.available).toBe(false);
    expect(readElements(weight.to, editedSources(new Map(), [weight]))).toBeUndefined();
  });

  it('reads constants that were moved about', () => {
    const { constant, sources } = stored(ramp);
    const view = { ...constant, ranges: [], foldedFrom: ['weight'] };
    const turned: Initializer = { ...view, shape: [4, 2], movedFrom: { constant, permutation: [1, 0] } };
    const shaped: Initializer = { ...view, shape: [2, 2, 2], movedFrom: { constant: turned } };
    const sparse = edited(shaped, { kind: 'sparsify', share: 0 });
    expect(read(editedSources(sources, [sparse]), sparse.to)).toEqual([-1, 1, -0.5, 1.5, 0, 2, 0.5, 4]);
  });

  it('is the same for weights in several chunks', () => {
    const weights: Weights = { shape: [300, 331], elements: gaussian(9, 300 * 331) };
    const change = { kind: 'sparsify-two-of-four', axis: 0 } as const;
    const { elements } = written(weights, change);
    const [rows, columns] = weights.shape as [number, number];
    const wrong = elements.filter((element, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      const four = [0, 1, 2, 3].map((step) => Math.abs(weights.elements[((row & ~3) + step) * columns + column]!));
      const larger = four.filter((each) => each > Math.abs(weights.elements[index]!)).length;
      return element !== (larger < 2 ? weights.elements[index] : 0) && row < rows;
    });
    expect(wrong).toEqual([]);
  });
});

it('what is left of a sparse weight cannot be read, instead of too much of it', () => {
  const { constant, sources } = stored(ramp);
  const indices = { ...constant, dtype: 'int64', shape: [2] } as const;
  const weight = edited({ ...constant, nonZeros: 2, indices }, { kind: 'quantize', bits: 8, symmetric: true });
  const sparse = { ...weight, to: { ...weight.to, nonZeros: 2 } };
  expect([...elementChunks(sparse.to, editedSources(sources, [sparse]))]).toEqual([]);
});
