/**
 * Output feature maps are computed in blocks that fit the unit's buffer: the search for the best block. The rules are
 * those of Arm's published compiler (ethos-u-vela 5.2, Apache-2.0: architecture of Ethos-U55), restated.
 */
import type { Block, BlockQuery } from '../architecture.ts';
import type { Extent, NpuOperation, NpuUnit } from '../operation.ts';
import { bitsOf, elementsOf, roundUp, unitsOf } from '../operation.ts';
import type { BlockGeometry, Machine } from './geometry.ts';
import { clip, dilated, maximumBlock, maximumFilter, neededInput, roundExtent } from './geometry.ts';

/** Output channels are searched in multiples of this as soon as there are more. */
const depthStep = 16;
/** Banks at the start that hold outputs, and at the end that hold tables. */
const outputBanks = 2;
const tableBanks = 2;
const largeBuffer = 16;

/** What the search needs to know of an operation: two with equal ones have equal blocks. */
interface Search {
  readonly unit: NpuUnit;
  readonly input: Extent;
  readonly output: Extent;
  readonly operation: NpuOperation;
  readonly inputBits: number;
  readonly equalDepth: boolean;
  readonly partKernel: boolean;
  readonly wideSums: boolean;
  /** Elementwise: operands side by side in the buffer. */
  readonly operands: 0 | 1 | 2;
  readonly inputDepth: number;
}

export function searchBlock(query: BlockQuery, { geometry }: Machine): Block | undefined {
  const search = searchOf(query, unitsOf[query.operation.operator], geometry);
  return bestBlock(search, geometry);
}

/** As `searchBlock`, for a unit other than the operator's own (the two halves of a product of activations). */
export function searchBlockOn(
  query: BlockQuery,
  unit: NpuUnit,
  inputBits: number,
  { geometry }: Machine,
): Block | undefined {
  return bestBlock({ ...searchOf(query, unit, geometry, inputBits) }, geometry);
}

function searchOf(
  { operation, inputs, output }: BlockQuery,
  unit: NpuUnit,
  geometry: BlockGeometry,
  bits = bitsOf(operation.inputs[0]),
): Search {
  const [first, second] = inputs;
  const input = second !== undefined && elementsOf(second) > elementsOf(first) ? second : first;
  const isPooling = unit === 'pooling';
  const scalar = elementsOf(first) === 1 || (second !== undefined && elementsOf(second) === 1);
  const partKernel = unit === 'convolution' && prefersPartKernel(input, bits, operation);
  return {
    ...{ unit, input, output, operation, partKernel },
    inputBits: bits,
    equalDepth: unit === 'elementwise' || isPooling || unit === 'depthwise',
    wideSums: bits === 16 && !isPooling && operation.scaled,
    operands: unit !== 'elementwise' ? 0 : scalar && bits <= 16 ? 1 : 2,
    inputDepth:
      bits === 16
        ? roundUp(Math.min(input.depth, 16), 4)
        : roundUp(Math.min(input.depth, partKernel ? 16 : 32), geometry.microBlock.inputDepth),
  };
}

/** Part-kernel wins with few channels, or where filling four taps wastes less than filling 32 channels. */
function prefersPartKernel({ depth }: Extent, bits: number, { filter }: NpuOperation): boolean {
  if (depth <= 8) return true;
  const taps = filter.height * filter.width;
  const byDepth = depth / roundUp(depth, bits === 8 ? 32 : 16);
  const byTaps = (depth / roundUp(depth, 8)) * (taps / roundUp(taps, bits === 8 ? 4 : 2));
  return byTaps >= byDepth;
}

interface Candidate {
  readonly output: Extent;
  readonly input: Extent;
  readonly cost: number;
  readonly coverage: number;
}

function bestBlock(search: Search, geometry: BlockGeometry): Block | undefined {
  const micro = geometry.microBlock;
  const limit = roundExtent(clip(search.output, maximumBlock), micro);
  const room = buffer(search, geometry);
  // Rows by columns that did not fit do not fit with more channels either.
  const widest = new Map<number, number>();
  let best: Candidate | undefined;
  for (const depth of depths(search.output.depth, limit.depth, micro.depth)) {
    for (let height = micro.height; height <= limit.height; height += micro.height) {
      const end = Math.min(limit.width, widest.get(height) ?? limit.width);
      for (let width = micro.width; width <= end; width += micro.width) {
        const output = { height, width, depth };
        const input = inputBlock(search, output, micro);
        if (!room.fits(output, input)) {
          // A wider block of this height needs more still.
          widest.set(height, width - micro.width);
          break;
        }
        best = better(candidateOf(search, output, input, micro), best, output);
      }
    }
  }
  if (best === undefined) return undefined;
  const traversal = search.unit === 'depthwise' ? 'depthwise' : search.partKernel ? 'part-kernel' : 'depth-first';
  return { output: best.output, input: best.input, traversal, wideSums: search.wideSums };
}

/** Lower cost; among equals of at most 4 x 4 outputs the one whose input covers most, the last of them. */
function better(candidate: Candidate, best: Candidate | undefined, { height, width }: Extent): Candidate {
  if (best === undefined || candidate.cost < best.cost) return { ...candidate, coverage: Infinity };
  if (candidate.cost > best.cost) return best;
  return height <= 4 && width <= 4 && candidate.coverage <= best.coverage ? candidate : best;
}

function depths(outputDepth: number, limit: number, step: number): number[] {
  const found: number[] = [];
  const align = (depth: number) => (depth < outputDepth ? roundUp(depth, depthStep) : depth);
  for (let depth = align(Math.max(step, Math.min(limit, depthStep))); depth <= limit; depth = align(depth + step)) {
    found.push(depth);
  }
  return found;
}

/** Input rows and columns that a block of outputs needs, rounded to micro-blocks. */
function inputBlock({ operation, equalDepth, inputDepth }: Search, output: Extent, micro: Extent): Extent {
  const { filter, resampling } = operation;
  const taps = dilated(filter);
  const rows = neededInput(output.height, filter.strideY, Math.min(taps.height, maximumFilter), resampling);
  const columns = neededInput(output.width, filter.strideX, Math.min(taps.width, maximumFilter), resampling);
  return {
    height: roundUp(rows, micro.height),
    width: roundUp(columns, micro.width),
    depth: equalDepth ? output.depth : inputDepth,
  };
}

/** Input and sums are double buffered, in banks that come in granules. */
function buffer(search: Search, geometry: BlockGeometry) {
  const { bufferBanks, bankBytes, microBlock, granules } = geometry;
  const { inputBits, wideSums, operands, operation } = search;
  const wide = inputBits === 32;
  const inputGranule = wide ? granules.input32 : inputBits === 16 ? granules.input16 : granules.input8;
  const sumGranule = wideSums ? granules.sum40 : granules.sum32;
  const endBanks = Math.max(operation.tableBytes > 0 ? tableBanks : 0, bufferBanks > largeBuffer ? tableBanks : 0);
  const flat = search.output.height === 1 && operation.filter.height === 1 && microBlock.height === 2;
  const banks = (bytes: number, granule: number) => roundUp(2 * Math.ceil(bytes / bankBytes), granule);
  const free = bufferBanks - outputBanks - endBanks;
  return {
    fits(output: Extent, input: Extent): boolean {
      const inputBytes = input.height * input.width * roundUp((input.depth * inputBits) / 8, 8);
      const inputBanks = banks(inputBytes, inputGranule);
      if (operands > 0) return inputBanks * operands <= free;
      const height = flat ? 1 : output.height;
      const sumBytes = (height * output.width * roundUp(output.depth, 8) * (wideSums ? 40 : 32)) / 8;
      return inputBanks + banks(sumBytes, sumGranule) <= free;
    },
  };
}

/** Input and weights read for all blocks, per output; halved where the whole input stays in the two buffers. */
function candidateOf(search: Search, output: Extent, input: Extent, micro: Extent): Candidate {
  const { unit, operation, output: whole, input: inputWhole, equalDepth } = search;
  const { filter } = operation;
  const flat = whole.height === 1 && filter.height === 1 && micro.height === 2;
  const height = flat ? Math.min(output.height, whole.height) : output.height;
  const rounds = Math.ceil(whole.height / height) * Math.ceil(whole.width / output.width);
  const depthRounds = Math.ceil(whole.depth / output.depth);
  const taps = dilated(filter);
  const pieces = Math.ceil(taps.width / maximumFilter) * Math.ceil(taps.height / maximumFilter);
  const hasWeights = unit === 'convolution' || unit === 'depthwise';
  // In single precision and in this order, as ties decide.
  const single = Math.fround;
  const filters = hasWeights ? single(filter.height * filter.width * inputWhole.depth * rounds) : 0;
  const outputs = single(single(whole.depth / output.depth) * output.depth);
  const weights = unit === 'depthwise' ? filters : single(filters * outputs);
  const perBlock = single(input.height * input.width * inputWhole.depth * pieces);
  const area = single(single(perBlock * single(whole.height / height)) * single(whole.width / output.width));
  const inputs = equalDepth ? area : single(area * depthRounds);
  const elements = elementsOf(whole);
  const relative = single(unit === 'elementwise' ? elements / elementsOf(output) : single(inputs + weights) / elements);
  const cost = elementsOf(inputWhole) < elementsOf(input) * 2 ? relative / 2 : relative;
  const covered = Math.min(inputWhole.height, input.height) * Math.min(inputWhole.width, input.width);
  return { output, input, cost, coverage: (inputWhole.height * inputWhole.width) / Math.max(1, covered) };
}
