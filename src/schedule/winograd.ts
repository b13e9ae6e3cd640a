/** Winograd's convolution: 3x3 filters of stride 1 with fewer multiplications, for transforms before and after. */
import type { LoopNest } from '../operators/work.ts';
import { nestMacs } from '../operators/work.ts';
import type { ComputeUnit } from './target.ts';

const filterSize = 3;

export interface WinogradWork {
  /** Multiply-accumulates in the transformed domain. */
  readonly macs: number;
  /** Elements that the transforms of inputs and outputs write; those of the filters are done once, at load. */
  readonly transformedElements: number;
}

/**
 * F(m x m, 3 x 3) computes tiles of m x m outputs from (m + 2)² products per pair of channels (Lavin and Gray, 2016), the
 * last tile of a row or column as a whole. The unit's tile size with the fewest products; `undefined` where the nest is
 * of another kind, has too few channels, or the direct way has no more products.
 */
export function winogradOf(nest: LoopNest, winograd: NonNullable<ComputeUnit['winograd']>): WinogradWork | undefined {
  const { FY, FX, strideY, strideX, dilationY, dilationX, G, K, C } = nest;
  const plain = FY === filterSize && FX === filterSize && G === 1;
  if (!plain || strideY * strideX * dilationY * dilationX !== 1) return undefined;
  if (Math.min(K, C) < winograd.minimumChannels) return undefined;
  const choices = winograd.outputTiles.map((size) => inTiles(nest, size));
  const best = choices.reduce((least, choice) => (choice.macs < least.macs ? choice : least));
  return best.macs < nestMacs(nest) ? best : undefined;
}

function inTiles({ B, OY, OX, K, C, sequentialSteps }: LoopNest, size: number): WinogradWork {
  const tiles = B * Math.ceil(OY / size) * Math.ceil(OX / size) * sequentialSteps;
  const points = tiles * (size + filterSize - 1) ** 2;
  return { macs: points * K * C, transformedElements: points * (K + C) };
}
