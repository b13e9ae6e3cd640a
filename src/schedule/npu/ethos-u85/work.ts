/**
 * What an Ethos-U85 runs as one operation: a product, a pool or per-element work, with per-element operations chained
 * behind it. Rules and names of this folder follow Arm's published compiler (ethos-u-vela 5.2, Apache-2.0), restated.
 */

import type { Port } from '../architecture.ts';
import type { Extent, Filter } from '../operation.ts';
import { roundUp } from '../operation.ts';

/** Parts of the machine that operations run on; which micro-blocks serve them differs. */
export type WorkKind =
  | 'convolution'
  | 'matmul'
  | 'depthwise'
  | 'pool'
  | 'reduce-sum'
  | 'reduce-extreme'
  | 'elementwise'
  | 'resize'
  | 'gather';

export interface FeatureMap extends Extent {
  readonly bits: number;
  /** Stored in bricks of 16 channels (NHCWB16); otherwise channels last without gaps. */
  readonly bricks: boolean;
  readonly port: Port;
}

/** What the output unit does per element; several in a row for operations that are chained. */
export type OutputStep =
  | {
      readonly kind: 'arithmetic';
      readonly inputs: number;
      readonly inputBits: number;
      readonly outputBits: number;
    }
  | { readonly kind: 'divide' }
  /** A clamp or table; `slow` where rows and columns change places. */
  | { readonly kind: 'activation'; readonly slow: boolean };

/** What blocks, cycles and traffic depend on. */
export interface Work {
  readonly kind: WorkKind;
  readonly filter: Filter;
  /** One or two. */
  readonly inputs: readonly FeatureMap[];
  readonly output: FeatureMap;
  /** First of the operation itself, then of what is chained or fused behind it. */
  readonly steps: readonly OutputStep[];
}

/** Elements that are stored, gaps in the last brick of channels included. */
export function storedElements(map: FeatureMap): number {
  return map.height * map.width * (map.bricks ? roundUp(map.depth, brickChannels) : map.depth);
}

export const brickChannels = 16;

export function roundDown(size: number, step: number): number {
  return size - (size % step);
}

export function clip(piece: Extent, whole: Extent): Extent {
  return {
    height: Math.min(piece.height, whole.height),
    width: Math.min(piece.width, whole.width),
    depth: Math.min(piece.depth, whole.depth),
  };
}
