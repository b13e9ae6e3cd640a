/** What the searches for a block share: the question, limits of the machine, the input that an output block needs. */
import type { U85Geometry, U85MicroBlock } from '../../target.ts';
import type { Extent, Filter } from '../operation.ts';
import { roundUp } from '../operation.ts';
import type { FeatureMap, Work } from './work.ts';

/** What a block is chosen for; feature maps may be smaller than the operation's where it is cut into stripes. */
export interface BlockQuery extends Pick<Work, 'kind' | 'filter'> {
  readonly inputs: readonly Sized[];
  readonly output: Sized;
  /** Of four neighbouring weights of a tap two at most are walked. */
  readonly sparse: boolean;
}

export type Sized = Pick<FeatureMap, 'height' | 'width' | 'depth' | 'bits'>;

export interface Search {
  readonly query: BlockQuery;
  readonly geometry: U85Geometry;
  readonly microBlock: U85MicroBlock;
  readonly accumulatorBits: 32 | 64;
  /** Input channels of a block; 0: those of its outputs. */
  readonly inputDepth: number;
}

/** Sums are allocated in steps of this many channels. */
export const accumulatorDepth = 16;
export const largestBlock: Extent = { height: 128, width: 128, depth: 1024 };
/** A filter that is larger is walked in pieces of this. */
export const largestFilter = 8;

/** Rows, columns and channels of input that a block of outputs needs, in whole `unit`s. */
export function inputPiece(output: Extent, filter: Filter, unit: Extent, inputDepth: number): Extent {
  const tapsY = Math.min((filter.height - 1) * filter.dilationY + 1, largestFilter);
  const tapsX = Math.min((filter.width - 1) * filter.dilationX + 1, largestFilter);
  return {
    height: roundUp((output.height - 1) * filter.strideY + tapsY, unit.height),
    width: roundUp((output.width - 1) * filter.strideX + tapsX, unit.width),
    depth: roundUp(inputDepth === 0 ? output.depth : inputDepth, unit.depth),
  };
}

/** The block's extent, but no more than the machine can and no less than one step. */
export function largestOf(output: Extent, step: Extent, micro: Extent): Extent {
  const limit = (key: keyof Extent) =>
    roundUp(Math.max(Math.min(output[key], largestBlock[key]), step[key]), micro[key]);
  return { height: limit('height'), width: limit('width'), depth: limit('depth') };
}
