/**
 * The block of the output that an Ethos-U85 computes at once, and the piece of input it takes. Restates the block search
 * of Arm's compiler (see `operation.ts`), which compares 32-bit floats: so do the costs here.
 */
import type { U85Geometry, U85MicroBlock } from '../../target.ts';
import type { BlockQuery, Search } from './block-query.ts';
import { elementwiseBlock } from './elementwise-block.ts';
import { fitArea } from './fit-area.ts';
import { chooseMicroBlock } from './micro-block.ts';
import type { Extent, Filter } from '../operation.ts';
import { roundUp } from '../operation.ts';
import { searchBlock } from './search-block.ts';

/** How weights are walked: all input channels of one tap, few channels of several taps, or one channel at a time. */
export type Traversal = 'depth-first' | 'part-kernel' | 'depthwise';

/** A `Block` of the scheduler with what this machine needs to know of it. */
export interface U85Block {
  readonly output: Extent;
  readonly input: Extent;
  readonly microBlock: U85MicroBlock;
  readonly traversal: Traversal;
  readonly wideSums: boolean;
  readonly sparse: boolean;
}

/** `undefined`: no block fits the buffers, or the machine does not run this. Gathers have none. */
export function chooseBlock(query: BlockQuery, geometry: U85Geometry): U85Block | undefined {
  const known = remembered.get(geometry) ?? new Map<string, U85Block | undefined>();
  remembered.set(geometry, known);
  const key = keyOf(query);
  if (!known.has(key)) known.set(key, findBlock(query, geometry));
  return known.get(key);
}

/** Networks repeat their layers, and time, traffic and weights ask for the same block: as long as a target lives. */
const remembered = new WeakMap<U85Geometry, Map<string, U85Block | undefined>>();

function keyOf({ kind, filter, inputs, output, sparse }: BlockQuery): string {
  const maps = [...inputs, output].map(({ height, width, depth, bits }) => `${height} ${width} ${depth} ${bits}`);
  return `${kind} ${sparse ? 'sparse ' : ''}${Object.values(filter).join(' ')} ${maps.join(' ')}`;
}

function findBlock(query: BlockQuery, geometry: U85Geometry): U85Block | undefined {
  const { kind, inputs, output, filter } = query;
  const partKernel =
    kind === 'convolution' && inputs.length === 1 && prefersPartKernel(inputs[0]!.depth, filter, query.sparse);
  const filter1x1Deep = kind === 'convolution' && filter.height * filter.width === 1 && !partKernel;
  const microBlock = chooseMicroBlock({ operation: query, filter1x1Deep }, geometry);
  if (kind === 'gather' || microBlock === undefined) return undefined;
  const bits = inputs[0]!.bits;
  const summed = kind !== 'pool' && kind !== 'reduce-extreme' && kind !== 'reduce-sum';
  const accumulatorBits = bits > 32 || output.bits > 32 || (bits === 16 && summed) ? 64 : 32;
  const traversal = kind === 'depthwise' ? 'depthwise' : partKernel ? 'part-kernel' : 'depth-first';
  const common = { microBlock, traversal, wideSums: accumulatorBits === 64, sparse: query.sparse } as const;
  const inputDepth = inputBlockDepth({ partKernel, bits, microBlock, sparse: query.sparse }, geometry);
  const sides = sidesOf({ query, geometry, microBlock, accumulatorBits, inputDepth });
  return sides && { ...common, ...sides };
}

function sidesOf(search: Search): Pick<U85Block, 'input' | 'output'> | undefined {
  const { query, geometry, microBlock } = search;
  switch (query.kind) {
    case 'elementwise': {
      const output = elementwiseBlock(query, microBlock, geometry);
      return { output, input: output };
    }
    case 'depthwise':
    case 'pool':
    case 'reduce-extreme':
      return fitArea({ ...search, inputDepth: 0 });
    case 'reduce-sum':
      return fitArea(search);
    case 'convolution':
    case 'matmul':
    case 'resize':
      return searchBlock(search);
    case 'gather':
      return undefined;
  }
}

/** Part-kernel walks fill 16 channels and steps of five taps, depth-first walks 64 channels: the fuller one wins. */
function prefersPartKernel(inputDepth: number, { height, width }: Filter, sparse: boolean): boolean {
  const taps = height * width;
  const [atOnce, least] = sparse ? [10, 4] : [5, 2];
  const stepTaps = Math.floor(taps / atOnce) * atOnce + Math.max(taps % atOnce, least);
  const partKernel = (inputDepth / roundUp(inputDepth, 16)) * (taps / stepTaps);
  return partKernel >= inputDepth / roundUp(inputDepth, sparse ? 128 : 64);
}

function inputBlockDepth(
  {
    partKernel,
    bits,
    microBlock,
    sparse,
  }: { partKernel: boolean; bits: number; microBlock: U85MicroBlock; sparse: boolean },
  { weightDecoders }: U85Geometry,
): number {
  if (partKernel) return 16;
  // The machines with one decoder hold half of the channels where their micro-block is 16 deep.
  if (bits === 32 || (weightDecoders === 1 && microBlock.depth === 16 && !sparse)) return 32;
  return sparse && bits === 8 ? 128 : 64;
}
