/** Graphics processors run a product as thread blocks, one output tile each, in waves over the multiprocessors. */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from '../schedule/algorithm.ts';
import type { Rounding } from './geometry.ts';
import { stepMacs } from './geometry.ts';

export interface Waves {
  /** Output tiles that the library has kernels for: positions × channels. */
  readonly tiles: readonly (readonly [number, number])[];
  readonly blocksPerMultiprocessor: number;
}

/** Ways to cut the sum over input channels when there are too few tiles to fill the machine. */
const splits = [1, 2, 4, 8, 16];
/** A part of a split sum shorter than this costs more to start than it saves. */
const shortestSplit = 64;

/** The best of the library's tiles and splits: whole waves of whole tiles. */
export function roundToWaves(nest: LoopNest, waves: Waves, multiprocessors: number): Rounding {
  const choices = waves.tiles.flatMap((tile) => splitsOf(nest).map((split) => inWaves(nest, tile, split)));
  return choices.reduce((best, choice) => (choice.paddedMacs < best.paddedMacs ? choice : best));

  function inWaves(work: LoopNest, [tileRows, tileColumns]: readonly [number, number], split: number): Rounding {
    const { positions, channels, groups, reduction } = productOf(work);
    const blocks = groups * Math.ceil(positions / tileRows) * Math.ceil(channels / tileColumns) * split;
    const slots = multiprocessors * waves.blocksPerMultiprocessor;
    const rounds = Math.ceil(blocks / slots);
    const padded = rounds * slots * tileRows * tileColumns * Math.ceil(reduction / split);
    return {
      paddedMacs: Math.max(padded, stepMacs(work)),
      detail: `${blocks} blocks of ${tileRows}x${tileColumns} fill ${blocks} of ${rounds * slots} places`,
    };
  }
}

function splitsOf(nest: LoopNest): readonly number[] {
  const { reduction } = productOf(nest);
  return splits.filter((split) => split === 1 || reduction / split >= shortestSplit);
}

/** A depthwise filter has its channels side by side in a tile and sums over the filter alone. */
function productOf(nest: LoopNest) {
  const positions = nest.B * nest.OY * nest.OX;
  const reduction = nest.C * nest.FY * nest.FX;
  return isDepthwise(nest)
    ? { positions, channels: nest.G * nest.K, groups: 1, reduction }
    : { positions, channels: nest.K, groups: nest.G, reduction };
}
