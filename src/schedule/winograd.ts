/** Winograd's convolution: 3x3 filters of stride 1 with fewer multiplications, for transforms before and after. */
import type { LoopNest } from '../operators/work.ts';
import { nestMacs } from '../operators/work.ts';
import type { ComputeType, ComputeUnit } from './target.ts';

const filterSize = 3;

export interface WinogradWork {
  /** Multiply-accumulates in the transformed domain. */
  readonly macs: number;
  /** Elements that the transforms of inputs and outputs write; those of the filters are done once, at load. */
  readonly transformedElements: number;
  /** Those of the inputs: the products read them from memory. */
  readonly transformedInputs: number;
  /** Elements of the transformed filters for each of the plain ones: they are kept, and read, transformed. */
  readonly filterGrowth: number;
}

type Winograd = NonNullable<ComputeUnit['winograd']>;

/** One set of kernels that a library has. */
export type WinogradForm = Winograd['forms'][number];

/**
 * F(m x m, 3 x 3) computes tiles of m x m outputs from (m + 2)² products per pair of channels (Lavin and Gray, 2016), the
 * last tile of a row or column as a whole. The first form that takes the nest, in its tile size with the fewest products;
 * `undefined` where the nest is of another kind, no form takes it, or the direct way has no more products.
 */
export function winogradOf(nest: LoopNest, type: ComputeType, { forms }: Winograd): WinogradWork | undefined {
  const { FY, FX, strideY, strideX, dilationY, dilationX, G } = nest;
  const plain = FY === filterSize && FX === filterSize && G === 1;
  if (!plain || strideY * strideX * dilationY * dilationX !== 1) return undefined;
  const form = forms.find((one) => takes(one, nest, type));
  if (form === undefined) return undefined;
  const choices = form.outputTiles.map((size) => inTiles(nest, size));
  const best = choices.reduce((least, choice) => (choice.macs < least.macs ? choice : least));
  return best.macs < nestMacs(nest) ? best : undefined;
}

function takes(
  { types, minimumChannels, maximumChannels = Infinity }: WinogradForm,
  { K, C }: LoopNest,
  type: ComputeType,
) {
  return types.includes(type) && Math.min(K, C) >= minimumChannels && Math.max(K, C) <= maximumChannels;
}

function inTiles({ B, OY, OX, K, C, sequentialSteps }: LoopNest, size: number): WinogradWork {
  const tiles = B * Math.ceil(OY / size) * Math.ceil(OX / size) * sequentialSteps;
  const points = (size + filterSize - 1) ** 2;
  return {
    macs: tiles * points * K * C,
    transformedElements: tiles * points * (K + C),
    transformedInputs: tiles * points * C,
    filterGrowth: points / filterSize ** 2,
  };
}

/** Transforms of 8-bit numbers need more bits than those have. */
export function transformedType(type: ComputeType): ComputeType {
  return type === 'int8' ? 'int16' : type;
}
