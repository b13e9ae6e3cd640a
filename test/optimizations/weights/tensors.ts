/** Pseudo-random weights, the same as those of oracle.py to the last bit, as constants of a file. */
import type { ModelSources } from '../../../src/ir/byte-source.ts';
import { bufferSource } from '../../../src/ir/byte-source.ts';
import type { DataType } from '../../../src/ir/data-type.ts';
import type { Initializer, WeightPacking } from '../../../src/ir/graph.ts';
import type { EditedWeight } from '../../../src/optimizations/optimization.ts';
import { editedInitializer, storageInitializer } from '../../../src/optimizations/weights/edited-weight.ts';
import type { WeightChange } from '../../../src/optimizations/weights/weight-change.ts';

export interface Weights {
  readonly shape: readonly number[];
  readonly elements: Float64Array;
}

/** A linear congruential generator (Numerical Recipes): exact in doubles on every machine. */
export function uniforms(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = Number((1664525n * BigInt(state) + 1013904223n) % 4294967296n);
    return state / 2 ** 32;
  });
}

/** The sum of twelve uniform numbers, which needs no function that machines round differently. */
export function gaussian(seed: number, count: number): Float64Array {
  const parts = uniforms(seed, 12 * count);
  return Float64Array.from({ length: count }, (_, index) => {
    let total = 0;
    for (let part = 0; part < 12; part += 1) total += parts[12 * index + part]!;
    return Math.fround(total - 6);
  });
}

export function heavy(seed: number, count: number): Float64Array {
  const spread = uniforms(seed + 1, count);
  return gaussian(seed, count).map((element, index) => Math.fround(element / (spread[index]! + 0.01)));
}

export const tensors: Readonly<Record<string, Weights>> = {
  convolution: { shape: [16, 8, 3, 3], elements: gaussian(1, 16 * 8 * 3 * 3) },
  product: { shape: [64, 48], elements: heavy(2, 64 * 48) },
  offset: { shape: [40, 30], elements: gaussian(3, 40 * 30).map((element) => Math.fround(element + 3)) },
  'empty channel': {
    shape: [4, 6],
    elements: gaussian(5, 4 * 6).map((element, index) => (Math.floor(index / 6) === 1 ? 0 : element)),
  },
  constant: { shape: [4, 8], elements: new Float64Array(32).fill(0.5) },
  zeros: { shape: [4, 8], elements: new Float64Array(32) },
  one: { shape: [1, 1], elements: new Float64Array([Math.fround(0.3)]) },
  'few values': { shape: [20, 20], elements: uniforms(7, 400).map((element) => Math.floor(element * 5)) },
  large: { shape: [100, 200], elements: gaussian(8, 100 * 200).map((element) => element * 1e-3) },
};

/** A file that holds the weights as doubles, and the constant in it. */
export function stored(
  { shape, elements }: Weights,
  name = 'weight',
): { constant: Initializer; sources: ModelSources } {
  const bytes = new Uint8Array(new Float64Array(elements).buffer);
  const constant: Initializer = {
    ...{ name, dtype: 'float64', shape, encoding: 'raw' },
    ranges: [{ file: '', offset: 0, byteLength: bytes.length }],
    fileBytes: bytes.length,
    available: true,
  };
  return { constant, sources: new Map([['', bufferSource(bytes)]]) };
}

export interface Into {
  readonly dtype?: DataType;
  readonly shape?: readonly number[];
  readonly packing?: WeightPacking;
  readonly storage?: readonly { readonly dtype: DataType; readonly shape: readonly number[] }[];
}

/** An edit of one weight, as an optimization would describe it. */
export function edited(from: Initializer, change: WeightChange, into: Into = {}): EditedWeight {
  const { dtype = from.dtype, shape = from.shape, packing, storage = [] } = into;
  const tensor = { name: from.name, dtype, shape, ...(packing === undefined ? {} : { packing }) };
  return {
    node: 'layer',
    from,
    to: editedInitializer(from, tensor),
    change,
    storage: storage.map((one, index) => storageInitializer(from, { name: `${from.name}/${index}`, ...one })),
  };
}
