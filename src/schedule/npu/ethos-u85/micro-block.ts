/** Which of the machine's micro-blocks an operation is computed in. */
import type { U85Geometry, U85MicroBlock, U85MicroBlockUse } from '../../target.ts';
import type { Extent } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';
import type { BlockQuery } from './block-query.ts';

/** What is searched a block for. `filter1x1Deep`: a convolution of one tap, walked depth first. */
export interface MicroBlockQuery {
  readonly operation: Pick<BlockQuery, 'kind' | 'inputs' | 'output'>;
  readonly filter1x1Deep: boolean;
}

/** Of those that can run the operation the one that pads the output least; among equals the first. */
export function chooseMicroBlock(
  { operation, filter1x1Deep }: MicroBlockQuery,
  geometry: U85Geometry,
): U85MicroBlock | undefined {
  const { output } = operation;
  let best: U85MicroBlock | undefined;
  let leastWaste = Infinity;
  for (const block of geometry.microBlocks) {
    if (!serves(block, operation, filter1x1Deep)) continue;
    const waste = elementsOf(roundedTo(output, block)) - elementsOf(output);
    if (waste >= leastWaste) continue;
    best = block;
    leastWaste = waste;
  }
  return best;
}

function serves(block: U85MicroBlock, { kind, inputs }: MicroBlockQuery['operation'], filter1x1Deep: boolean): boolean {
  const bits = inputs[0]!.bits;
  // Pools that only restore 32-bit sums take their input by another way, at the rules of bytes.
  const uses = bits === 8 || (kind === 'pool' && bits >= 32) ? block.int8 : bits === 16 ? block.int16 : block.int32;
  const use: U85MicroBlockUse = kind === 'gather' ? 'elementwise' : kind;
  return uses.includes(use) || (use === 'convolution' && filter1x1Deep && uses.includes('pointwise'));
}

/**
 * Smallest piece of input that the buffer holds for a micro-block, by the bits of all channels that an input block has:
 * up to 128, up to 256, more.
 */
export function inputUnit({ inputUnits }: U85MicroBlock, inputDepth: number, bits: number): Extent {
  const depthBits = inputDepth * bits;
  const [height, width, words] = inputUnits[depthBits > 256 ? 2 : depthBits > 128 ? 1 : 0];
  return { height, width, depth: (words * 128) / bits };
}

function roundedTo(extent: Extent, step: Extent): Extent {
  return {
    height: roundUp(extent.height, step.height),
    width: roundUp(extent.width, step.width),
    depth: roundUp(extent.depth, step.depth),
  };
}
