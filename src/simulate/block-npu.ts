/**
 * Arm Ethos-U: output feature maps are computed in blocks that fit the unit's buffer. The rules are those of Arm's
 * published compiler (ethos-u-vela 5.2, Apache-2.0: its Ethos-U55 performance model and block search), restated. Counts
 * are for one core and 8-bit activations unless `activationBytes` is 2.
 */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from '../schedule/algorithm.ts';
import type { UnitGeometry } from '../schedule/target.ts';
import { roundUp } from './geometry.ts';

export type BlockGeometry = Extract<UnitGeometry, { kind: 'block' }>;

/** Height, width and depth of a piece of a feature map, in elements. */
export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
}

export interface Block {
  readonly output: Extent;
  readonly input: Extent;
  /** The kernel is walked tap by tap with few input channels at a time, instead of channel by channel. */
  readonly partKernel: boolean;
}

/** Largest block, and largest filter that is walked at once (larger ones are cut). */
const maximumBlock: Extent = { height: 32, width: 64, depth: 128 };
const maximumFilter = 8;
/** Blocks deeper than this are searched in multiples of it. */
const depthStep = 16;
const accumulatorBytes = 4;
/** Banks at the start that hold outputs, and at the end that hold tables. */
const outputBanks = 2;
const tableBanks = 2;

export interface BlockWork {
  readonly nest: LoopNest;
  readonly activationBytes: 1 | 2;
}

/**
 * The block with the least traffic per output that fits: input and weights read for all blocks, halved where the whole
 * input stays in the two buffers. `undefined`: none fits.
 */
export function chooseBlock(work: BlockWork, geometry: BlockGeometry): Block | undefined {
  const known = remembered.get(geometry) ?? new Map<string, Block | undefined>();
  remembered.set(geometry, known);
  const key = `${work.activationBytes} ${Object.values(work.nest).join(' ')}`;
  if (!known.has(key)) known.set(key, searchBlock(work, geometry));
  return known.get(key);
}

/** Networks repeat their layers, and time, traffic and energy ask for the same block: as long as a target lives. */
const remembered = new WeakMap<BlockGeometry, Map<string, Block | undefined>>();

function searchBlock({ nest, activationBytes }: BlockWork, geometry: BlockGeometry): Block | undefined {
  const output = outputExtent(nest);
  const micro = geometry.microBlock;
  const partKernel = usesPartKernel(nest, activationBytes);
  const inputDepth = inputBlockDepth(nest, activationBytes, partKernel, micro.depth);
  const limit = {
    height: roundUp(Math.min(output.height, maximumBlock.height), micro.height),
    width: roundUp(Math.min(output.width, maximumBlock.width), micro.width),
    depth: roundUp(Math.min(output.depth, maximumBlock.depth), micro.depth),
  };
  let best: Candidate | undefined;
  for (const depth of depths(output.depth, limit.depth, micro.depth)) {
    for (let height = micro.height; height <= limit.height; height += micro.height) {
      for (let width = micro.width; width <= limit.width; width += micro.width) {
        const block: Block = {
          output: { height, width, depth },
          input: { ...inputExtent(nest, height, width, micro), depth: isDepthwise(nest) ? depth : inputDepth },
          partKernel,
        };
        // A wider block of this height and depth needs more still.
        if (!fits(block, output, activationBytes, geometry)) break;
        const candidate = { block, traffic: trafficPerOutput(nest, output, block) };
        if (best === undefined || better(candidate, best)) best = candidate;
      }
    }
  }
  return best?.block;
}

interface Candidate {
  readonly block: Block;
  readonly traffic: number;
}

/** Less traffic; among equals the last of the small ones (4 x 4 at most), which is the deepest. */
function better(a: Candidate, b: Candidate): boolean {
  if (a.traffic !== b.traffic) return a.traffic < b.traffic;
  const { height, width } = a.block.output;
  return height <= 4 && width <= 4;
}

/** Cycles of the multiply-accumulate array for the whole nest in these blocks, and how many blocks (fractional). */
export function arrayCycles({ nest, activationBytes }: BlockWork, block: Block, geometry: BlockGeometry) {
  const output = outputExtent(nest);
  const clipped = clip(block.output, output);
  const micro = microBlockFor(nest, output, geometry.microBlock);
  const inBlock = countOf(clipped, micro);
  const whole = countOf(output, micro);
  const blocks = whole.total / inBlock.total;
  const inputDepth = Math.min(block.input.depth, nest.C);
  let cycles = 0;
  for (const taps of filterPieces(nest)) {
    cycles += pieceCycles({ nest, activationBytes }, taps, inBlock, {
      partKernel: block.partKernel,
      inputDepth,
      weightCycles: (32 * micro.depth) / 8,
    });
  }
  if (!isDepthwise(nest)) cycles *= Math.ceil(nest.C / inputDepth);
  return { cyclesPerBlock: cycles, blocks, blockElements: clipped.height * clipped.width * clipped.depth };
}

interface Walk {
  readonly partKernel: boolean;
  readonly inputDepth: number;
  /** Cycles in which the weights of one block of outputs are read. */
  readonly weightCycles: number;
}

interface MicroBlocks {
  readonly area: number;
  readonly depth: number;
  readonly total: number;
}

/** One piece of the filter over one block: steps of four taps (depthwise, part-kernel) or one (depth first). */
function pieceCycles({ nest, activationBytes }: BlockWork, taps: number, micro: MicroBlocks, walk: Walk): number {
  const { partKernel, inputDepth, weightCycles } = walk;
  const areaCycles = 4 * micro.area * (isDepthwise(nest) ? activationBytes : 1);
  const tapsAtOnce = isDepthwise(nest) ? 4 : partKernel ? 4 / activationBytes : 1;
  const steps = Math.ceil(taps / tapsAtOnce);
  const depthRounds = partKernel && !isDepthwise(nest) ? Math.ceil(inputDepth / 8) : 1;
  // With a single micro-block the array waits two cycles for its own sum before the next step.
  const waits = micro.area > 1 ? 0 : micro.depth === 1 ? 2 * steps : 2 * (steps - 1) * micro.depth;
  return (Math.max(weightCycles, areaCycles) * steps * micro.depth + waits) * depthRounds;
}

export function outputExtent(nest: LoopNest): Extent {
  return { height: nest.OY * nest.B, width: nest.OX, depth: isDepthwise(nest) ? nest.G * nest.K : nest.K };
}

/** Input rows and columns that a block of outputs needs, rounded to micro-blocks. */
function inputExtent(nest: LoopNest, height: number, width: number, micro: Extent) {
  const tapsY = Math.min((nest.FY - 1) * nest.dilationY + 1, maximumFilter);
  const tapsX = Math.min((nest.FX - 1) * nest.dilationX + 1, maximumFilter);
  return {
    height: roundUp((height - 1) * nest.strideY + tapsY, micro.height),
    width: roundUp((width - 1) * nest.strideX + tapsX, micro.width),
  };
}

/** Part-kernel wins with few channels, or where filling four taps wastes less than filling 32 channels. */
function usesPartKernel(nest: LoopNest, activationBytes: number): boolean {
  if (isDepthwise(nest)) return false;
  if (nest.C <= 8) return true;
  const taps = nest.FY * nest.FX;
  const byDepth = nest.C / roundUp(nest.C, 32 / activationBytes);
  const byTaps = (nest.C / roundUp(nest.C, 8)) * (taps / roundUp(taps, 4 / activationBytes));
  return byTaps >= byDepth;
}

function inputBlockDepth(nest: LoopNest, activationBytes: number, partKernel: boolean, microDepth: number): number {
  if (activationBytes === 2) return roundUp(Math.min(nest.C, 16), 4);
  return roundUp(Math.min(nest.C, partKernel ? 16 : 32), Math.max(8, microDepth));
}

function depths(outputDepth: number, limit: number, step: number): number[] {
  const found: number[] = [];
  const align = (depth: number) => (depth < outputDepth ? roundUp(depth, depthStep) : depth);
  for (let depth = align(Math.max(step, Math.min(limit, depthStep))); depth <= limit; depth = align(depth + step)) {
    found.push(depth);
  }
  return found;
}

/** Input and accumulators are double buffered, in banks that come in granules. */
function fits(
  { output: block, input }: Block,
  output: Extent,
  activationBytes: number,
  geometry: BlockGeometry,
): boolean {
  const { bufferBanks, bankBytes, microBlock } = geometry;
  // Granules grow with the machine, by the outputs that its micro-block has side by side.
  const inputGranule = 2 * microBlock.height * microBlock.width;
  const accumulatorGranule = 4 * microBlock.height * microBlock.width;
  const height = output.height === 1 && microBlock.height === 2 ? 1 : block.height;
  const inputBytes = input.height * input.width * roundUp(input.depth * activationBytes, 8);
  const sumBytes = height * block.width * roundUp(block.depth, 8) * accumulatorBytes;
  const banks = (bytes: number, granule: number) => roundUp(2 * Math.ceil(bytes / bankBytes), granule);
  const endBanks = bufferBanks > 16 ? tableBanks : 0;
  return outputBanks + banks(inputBytes, inputGranule) + banks(sumBytes, accumulatorGranule) + endBanks <= bufferBanks;
}

function trafficPerOutput(nest: LoopNest, output: Extent, { output: block, input }: Block): number {
  const rounds = {
    height: Math.ceil(output.height / block.height),
    width: Math.ceil(output.width / block.width),
    depth: Math.ceil(output.depth / block.depth),
  };
  const inputDepth = isDepthwise(nest) ? nest.G : nest.C;
  const pieces = Math.ceil(nest.FX / maximumFilter) * Math.ceil(nest.FY / maximumFilter);
  const area = (output.height / block.height) * (output.width / block.width);
  const inputs = input.height * input.width * inputDepth * pieces * area * (isDepthwise(nest) ? 1 : rounds.depth);
  const filters = nest.FY * nest.FX * inputDepth * rounds.height * rounds.width;
  const weights = isDepthwise(nest) ? filters : filters * output.depth;
  const perOutput = (inputs + weights) / (output.height * output.width * output.depth);
  return inputElements(nest, inputDepth) < 2 * input.height * input.width * input.depth ? perOutput / 2 : perOutput;
}

function inputElements(nest: LoopNest, depth: number): number {
  return nest.B * nest.OY * nest.strideY * (nest.OX * nest.strideX) * depth;
}

function clip(block: Extent, output: Extent): Extent {
  return {
    height: Math.min(block.height, output.height),
    width: Math.min(block.width, output.width),
    depth: Math.min(block.depth, output.depth),
  };
}

function countOf(extent: Extent, micro: Extent): MicroBlocks {
  const area = Math.ceil(extent.height / micro.height) * Math.ceil(extent.width / micro.width);
  const depth = Math.ceil(extent.depth / micro.depth);
  return { area, depth, total: area * depth };
}

/** One output row of a filter without height: the 2 × 2 micro-block lies down as 1 × 4. */
function microBlockFor(nest: LoopNest, output: Extent, micro: Extent): Extent {
  const flat =
    micro.height === 2 && output.height === 1 && output.width % 2 === 0 && nest.FY === 1 && !isDepthwise(nest);
  return flat ? { height: 1, width: 4, depth: micro.depth } : micro;
}

/** Taps of each piece that a filter larger than the limit is cut into. */
function filterPieces({ FY, FX }: LoopNest): number[] {
  const pieces: number[] = [];
  for (let x = 0; x < FX; x += maximumFilter) {
    for (let y = 0; y < FY; y += maximumFilter) {
      pieces.push(Math.min(FX - x, maximumFilter) * Math.min(FY - y, maximumFilter));
    }
  }
  return pieces;
}
