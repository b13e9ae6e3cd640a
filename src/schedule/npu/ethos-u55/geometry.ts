/** The shape of an Ethos-U55 or U65 as its target file gives it, and what follows from it. */
import type { UnitGeometry } from '../../target.ts';
import type { Extent, Filter } from '../operation.ts';
import { roundUp } from '../operation.ts';

export type BlockGeometry = Extract<UnitGeometry, { kind: 'block' }>;

/** A machine: one core's geometry, and how many cores share the output channels. */
export interface Machine {
  readonly geometry: BlockGeometry;
  readonly cores: number;
}

/** Largest block, and largest filter that is walked at once (larger ones are cut). */
export const maximumBlock: Extent = { height: 32, width: 64, depth: 128 };
export const maximumFilter = 8;

/** Multiply-accumulates a cycle of one core: eight input channels for each output of a micro-block. */
export function macsOf({ microBlock }: BlockGeometry): number {
  return microBlock.height * microBlock.width * microBlock.depth * 8;
}

export function dilated({ height, width, dilationY, dilationX }: Filter): { height: number; width: number } {
  return { height: (height - 1) * dilationY + 1, width: (width - 1) * dilationX + 1 };
}

/** Pieces that a filter larger than the limit is cut into. */
export function filterPieces(filter: Filter): readonly { readonly taps: number }[] {
  const pieces: { taps: number }[] = [];
  for (let x = 0; x < filter.width; x += maximumFilter) {
    for (let y = 0; y < filter.height; y += maximumFilter) {
      pieces.push({ taps: Math.min(filter.width - x, maximumFilter) * Math.min(filter.height - y, maximumFilter) });
    }
  }
  return pieces;
}

/** Rows or columns of input that `outputs` of them need. */
export function neededInput(
  outputs: number,
  stride: number,
  taps: number,
  resampling: 'none' | 'nearest' | 'zeros',
): number {
  const upscale = resampling === 'none' ? 1 : 2;
  const rounding = resampling === 'nearest' ? 1 : 0;
  return Math.ceil(((outputs - 1) * stride + taps + rounding) / upscale);
}

export function clip(block: Extent, whole: Extent): Extent {
  return {
    height: Math.min(block.height, whole.height),
    width: Math.min(block.width, whole.width),
    depth: Math.min(block.depth, whole.depth),
  };
}

export function roundExtent(extent: Extent, step: Extent): Extent {
  return {
    height: roundUp(extent.height, step.height),
    width: roundUp(extent.width, step.width),
    depth: roundUp(extent.depth, step.depth),
  };
}
