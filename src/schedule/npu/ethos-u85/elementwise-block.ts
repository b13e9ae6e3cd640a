/** Blocks of per-element work: what the output buffer and the chaining buffers hold. */
import type { U85Geometry, U85MicroBlock } from '../../target.ts';
import type { BlockQuery } from './block-query.ts';
import { accumulatorDepth, largestBlock } from './block-query.ts';
import type { Extent } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';

/** Buffers for chained operands, in bricks of 16 elements. */
const chainSlots = 6;
const brickElements = 16;

export function elementwiseBlock({ inputs, output }: BlockQuery, micro: U85MicroBlock, geometry: U85Geometry): Extent {
  const bits = inputs[0]!.bits;
  const granule = { height: micro.height, width: micro.width, depth: accumulatorDepth };
  const whole = roundTo(output, granule);
  const limit = {
    height: Math.min(whole.height, largestBlock.height),
    width: Math.min(whole.width, largestBlock.width),
    depth: Math.min(whole.depth, largestBlock.depth),
  };
  const columns = Math.floor(Math.floor((geometry.outputBytes * 8) / bits) / granule.depth);
  const needed = tileOf(whole.width, granule.width, roundUp(Math.min(columns, limit.width), granule.width));
  const least = Math.max(needed, granule.width);
  const plain = share(granule.depth, limit.depth, columns, least);
  const block = {
    height: tileOf(whole.height, granule.height, limit.height),
    width: plain.available,
    depth: plain.value,
  };
  const chained = Math.floor(Math.floor(geometry.chainBytes / chainSlots) / ((brickElements * bits) / 8));
  const chainColumns = Math.floor(chained / micro.height);
  return roundTo(broadcastBlock(block, { inputs, output, micro, limit, whole, chainColumns, least }), granule);
}

interface Broadcast extends Pick<BlockQuery, 'inputs' | 'output'> {
  readonly micro: Extent;
  readonly limit: Extent;
  readonly whole: Extent;
  readonly chainColumns: number;
  readonly least: number;
}

/** An operand that is smaller than the output is kept in the chaining buffer, which bounds the block. */
function broadcastBlock(block: Extent, { inputs, output, ...limits }: Broadcast): Extent {
  if (inputs.length < 2 || inputs.some((input) => elementsOf(input) === 1)) return block;
  const { micro, limit, whole, chainColumns, least } = limits;
  const smaller = (key: keyof Extent) => inputs.some((input) => input[key] < output[key]);
  if (smaller('depth')) {
    const depth = tileOf(whole.depth, accumulatorDepth, limit.depth);
    if (smaller('height') || smaller('width')) return { ...block, width: chainColumns, depth };
    const { value, available } = share(micro.height, limit.height, chainColumns, least);
    return { height: value, width: available, depth };
  }
  if (!smaller('height')) return block;
  const { value, available } = share(brickElements, limit.depth, chainColumns, least);
  return { ...block, width: available, depth: value };
}

/** The tile itself where it divides the range, else tiles of about equal size, no more of them than needed. */
function tileOf(range: number, granule: number, tile: number): number {
  if (range % tile === 0) return tile;
  const tiles = Math.floor(range / tile);
  return Math.max(roundUp(Math.floor(range / (tiles + 1)), granule), granule);
}

/** Gives what is left of `available` beside `required` to `value`, up to its limit, in whole multiples. */
function share(value: number, limit: number, available: number, required: number) {
  const excess = Math.min(Math.floor(available / required), Math.floor(limit / value));
  return excess >= 2 ? { value: value * excess, available: Math.floor(available / excess) } : { value, available };
}

function roundTo(extent: Extent, step: Extent): Extent {
  return {
    height: roundUp(extent.height, step.height),
    width: roundUp(extent.width, step.width),
    depth: roundUp(extent.depth, step.depth),
  };
}
