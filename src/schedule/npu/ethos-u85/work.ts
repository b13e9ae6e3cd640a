/**
 * What an Ethos-U85 runs as one operation: a product, a pool or per-element work, with per-element operations chained
 * behind it. Rules and names of this folder follow Arm's published compiler (ethos-u-vela 5.2, Apache-2.0), restated.
 */

/** Height, width and depth of a piece of a feature map, in elements. */
export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
}

/** Parts of the machine that operations run on; which micro-blocks serve them differs. */
export type OperationKind =
  | 'convolution'
  | 'matmul'
  | 'depthwise'
  | 'pool'
  | 'reduce-sum'
  | 'reduce-extreme'
  | 'elementwise'
  | 'resize'
  | 'gather';

export type ElementBits = 8 | 16 | 32 | 64;

export interface FeatureMap extends Extent {
  readonly bits: ElementBits;
  /** Stored in bricks of 16 channels (NHCWB16); otherwise channels last without gaps. */
  readonly bricks: boolean;
  /** The buffer that it lies in; `''` for a scalar that is part of the instruction. */
  readonly buffer: string;
}

export interface Filter {
  readonly height: number;
  readonly width: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
}

export const unitFilter: Filter = { height: 1, width: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1 };

/** What the output unit does per element; several in a row for operations that are chained. */
export type OutputStep =
  | {
      readonly kind: 'arithmetic';
      readonly inputs: 1 | 2;
      readonly inputBits: ElementBits;
      readonly outputBits: ElementBits;
    }
  | { readonly kind: 'divide' }
  /** A clamp or table; `slow` where rows and columns change places. */
  | { readonly kind: 'activation'; readonly slow: boolean };

export interface Weights {
  /** The constant that they are made of. */
  readonly tensor: string;
  /** As the unit reads them: encoded, padding included. */
  readonly encodedBytes: number;
  readonly scaleBytes: number;
  /** Read by the decoder without entropy coding. */
  readonly fast: boolean;
}

export interface Operation {
  readonly kind: OperationKind;
  readonly filter: Filter;
  /** One or two. */
  readonly inputs: readonly FeatureMap[];
  readonly output: FeatureMap;
  /** First of the operation itself, then of what is chained or fused behind it. */
  readonly steps: readonly OutputStep[];
  /** Feature maps that chained operations read beside the chained one. */
  readonly sideInputs: readonly FeatureMap[];
  readonly weights: Weights | null;
  /** Bytes of a look-up table that is loaded before. */
  readonly tableBytes: number;
  /** Runs, one after the other: batches and groups. */
  readonly times: number;
}

export function elementsOf({ height, width, depth }: Extent): number {
  return height * width * depth;
}

/** Elements that are stored, gaps in the last brick of channels included. */
export function storedElements(map: FeatureMap): number {
  return map.height * map.width * (map.bricks ? roundUp(map.depth, brickChannels) : map.depth);
}

export const brickChannels = 16;

export function roundUp(size: number, step: number): number {
  return Math.ceil(size / step) * step;
}

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
