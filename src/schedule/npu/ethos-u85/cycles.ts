/** Cycles of an Ethos-U85 for one work in its blocks: array, output unit, and the pace of issuing blocks. */
import type { U85Geometry } from '../../target.ts';
import type { Cycles } from '../architecture.ts';
import type { U85Block as Block } from './block.ts';
import type { BlockQuery } from './block-query.ts';
import { largestFilter } from './block-query.ts';
import type { Extent, Filter } from '../operation.ts';
import { elementsOf } from '../operation.ts';
import { blockCycles } from './ports.ts';
import type { FeatureMap, OutputStep, Work } from './work.ts';
import { clip, storedElements } from './work.ts';

type ArrayWork = Pick<BlockQuery, 'kind' | 'filter' | 'inputs' | 'output'>;

/** Of the array alone, in these blocks. */
export function arrayCycles(work: ArrayWork, block: Block, geometry: U85Geometry): number {
  const blocks = microBlocksIn(work.output, block).total / microBlocksIn(clip(block.output, work.output), block).total;
  return arrayCyclesPerBlock(work, block, geometry) * blocks;
}

export interface Machine {
  readonly geometry: U85Geometry;
  /** Latency at which scales and biases come in; 0 without. */
  readonly scaleLatencyCycles: number;
  /** Nothing runs before (or after) it that its first input (last output) could be moved under. */
  readonly first: boolean;
  readonly last: boolean;
}

/** Of one run of `work`. */
export function cyclesOf(work: Work, block: Block, machine: Machine): Cycles {
  const isArray = work.kind !== 'elementwise' && work.kind !== 'resize';
  return isArray ? arrayCyclesOf(work, block, machine) : outputCyclesOf(work, block, machine);
}

/**
 * The array works on one block while the output unit finishes the one before: the slower of the two sets the pace, the
 * other shows once. No faster than a quarter of what a block takes to move and compute, which is how many are in flight.
 * The first input block and the last output block overlap with nothing.
 */
function arrayCyclesOf(work: Work, block: Block, machine: Machine): Cycles {
  const { output } = work;
  const clipped = clip(block.output, output);
  const blocks = microBlocksIn(output, block).total / microBlocksIn(clipped, block).total;
  const array = arrayCyclesPerBlock(work, block, machine.geometry);
  const elements = Math.ceil(outputCyclesPerElement(work, machine.geometry) * elementsOf(clipped));
  const out = Math.max(elements, (10 * clipped.depth * machine.scaleLatencyCycles) / 256);
  const moveIn = inputCycles(work, block);
  const moveOut = blockCycles(output, block.output, 'write');
  const issue = ((blocks > 1 ? Math.abs(moveOut - moveIn) : 0) + array + out) / 4;
  const [arrayPace, outputPace] = [Math.max(array, issue), Math.max(out, issue)];
  const ends = (machine.first ? moveIn : 0) + (machine.last ? moveOut : 0);
  const total = pacedCycles(arrayPace, outputPace, blocks, machine.last) + ends;
  return { total, array: array * blocks, macs: stepsOf(work) };
}

/** The slower pace for every block; of the other, the last block's output, or the first block's sums. */
function pacedCycles(array: number, output: number, blocks: number, last: boolean): number {
  if (array > output) return Math.floor(Math.floor(array * blocks) + (last ? output : 0));
  return Math.floor(output * blocks + array);
}

function inputCycles({ inputs }: Work, block: Block): number {
  return Math.max(...inputs.map((map) => blockCycles(map, block.input, 'read')));
}

/** Element-wise work and resizes: the output unit alone, as fast as its blocks come. */
function outputCyclesOf(work: Work, block: Block, machine: Machine): Cycles {
  const { output } = work;
  const elements = storedElements(output);
  const perElement = outputCyclesPerElement(work, machine.geometry);
  const moves = Math.max(blockCycles(output, block.output, 'write'), inputCycles(work, block));
  const issue = (moves / elementsOf(block.output) + perElement) / 4;
  const total = Math.max(Math.ceil(issue * elements), Math.ceil(perElement * elements));
  return { total, array: 0, macs: 0 };
}

interface MicroBlocks {
  readonly area: number;
  readonly depth: number;
  readonly total: number;
}

function microBlocksIn(extent: Extent, { microBlock }: Block): MicroBlocks {
  const area = Math.ceil(extent.height / microBlock.height) * Math.ceil(extent.width / microBlock.width);
  const depth = Math.ceil(extent.depth / microBlock.depth);
  return { area, depth, total: area * depth };
}

function arrayCyclesPerBlock(work: ArrayWork, block: Block, geometry: U85Geometry): number {
  const input = clip(block.input, work.inputs[0]!);
  const micro = microBlocksIn(clip(block.output, work.output), block);
  const walk: Walk = {
    work,
    block,
    micro,
    inputDepth: input.depth,
    weightCycles: Math.floor((32 * block.microBlock.depth) / (8 * geometry.weightDecoders)),
    wait: block.wideSums && geometry.macs <= 128 ? 3 : 2,
  };
  const cycles = filterPieces(work.filter).reduce((sum, taps) => sum + pieceCycles(taps, walk), 0);
  const summed = work.kind === 'convolution' || work.kind === 'matmul' || work.kind === 'reduce-sum';
  return summed ? cycles * Math.ceil(work.inputs[0]!.depth / input.depth) : cycles;
}

interface Walk {
  readonly work: ArrayWork;
  readonly block: Block;
  readonly micro: MicroBlocks;
  /** Channels of the input block. */
  readonly inputDepth: number;
  /** In which the weights of one micro-block come in. */
  readonly weightCycles: number;
  /** For a sum that is needed again at once. */
  readonly wait: number;
}

/** One piece of the filter over one block. */
function pieceCycles(taps: number, walk: Walk): number {
  const { micro, wait, block, inputDepth } = walk;
  const { steps, cycles: dense } = stepCycles(taps, walk);
  const cycles = block.sparse ? Math.floor(dense / 2) : dense;
  let waits = 0;
  if (micro.area === 1) waits = micro.depth === 1 ? wait * steps : steps > 1 ? wait * (steps - 1) * micro.depth : 0;
  if (block.traversal === 'part-kernel') waits *= Math.ceil(inputDepth / 8);
  return cycles + waits;
}

function stepCycles(taps: number, { work, block, micro, inputDepth, weightCycles }: Walk) {
  const { kind, inputs } = work;
  const bytes = inputs[0]!.bits / 8;
  if (kind === 'pool' || kind === 'reduce-extreme')
    return { steps: 1, cycles: Math.max(4, taps) * micro.total * bytes * 4 };
  if (kind === 'depthwise') {
    const steps = Math.ceil(taps / 4);
    return { steps, cycles: Math.max(weightCycles, 4 * micro.area * bytes) * steps * micro.depth };
  }
  if (block.traversal === 'part-kernel') {
    const steps = Math.ceil(taps / (bytes === 2 ? 2 : 4));
    const rounds = Math.ceil(inputDepth / 8);
    return { steps, cycles: Math.max(weightCycles, 4 * micro.area) * steps * micro.depth * rounds };
  }
  const areaCycles = Math.floor(inputDepth / 8) * micro.area;
  return { steps: taps, cycles: Math.max(weightCycles, areaCycles) * taps * micro.depth * bytes };
}

/** Taps of each piece that a filter larger than the limit is cut into. */
function filterPieces({ height, width }: Filter): number[] {
  const pieces: number[] = [];
  for (let x = 0; x < width; x += largestFilter) {
    for (let y = 0; y < height; y += largestFilter) {
      pieces.push(Math.min(width - x, largestFilter) * Math.min(height - y, largestFilter));
    }
  }
  return pieces;
}

/** Steps of chained works follow each other; an activation runs beside the arithmetic in front of it. */
export function outputCyclesPerElement({ kind, steps, inputs, output }: Work, geometry: U85Geometry): number {
  const rates = steps.map((step, index) => {
    if (kind === 'resize' && index === 0) return resizeCycles(inputs[0]!, output, geometry);
    return { chained: step.kind !== 'activation', cycles: stepRate(step, leavesUnit(steps, index), geometry) };
  });
  let sum = 0;
  let current = 0;
  for (const { chained, cycles } of rates) {
    if (chained) sum += current;
    current = chained ? cycles : Math.max(current, cycles);
  }
  return sum + current;
}

/** True where no arithmetic is chained behind the step, so that its result is written. */
function leavesUnit(steps: readonly OutputStep[], index: number): boolean {
  return !steps.slice(index + 1).some(({ kind }) => kind !== 'activation');
}

function stepRate(step: OutputStep, leaves: boolean, geometry: U85Geometry): number {
  if (step.kind === 'divide') return 33;
  if (step.kind === 'activation') return geometry.activationCyclesPerElement[step.slow ? 'slow' : 'fast'];
  const { inputs, inputBits, outputBits } = step;
  const cycles = geometry.outputCyclesPerElement;
  if (!leaves && (outputBits === 32 || inputBits === 32)) return cycles.chained;
  if (outputBits === 64) return cycles.int64;
  if (inputs === 2 && inputBits === 32) return outputBits === 32 ? cycles.pair : cycles.chained;
  return outputBits === 32 ? cycles.int32 : outputBits === 16 ? cycles.int16 : cycles.int8;
}

function resizeCycles(input: FeatureMap, output: FeatureMap, geometry: U85Geometry) {
  const ratio = (key: 'height' | 'width') => Math.floor((output[key] + Math.floor(input[key] / 2)) / input[key]);
  const enlarges = Math.min(ratio('height'), ratio('width')) >= Math.floor(geometry.macs / 512);
  const table = enlarges ? geometry.enlargeCyclesPerElement : geometry.resizeCyclesPerElement;
  return { chained: true, cycles: table[input.bits === 8 ? 'int8' : 'int16'] };
}

function stepsOf({ kind, filter, inputs, output }: Work): number {
  const taps = filter.height * filter.width * elementsOf(output);
  return kind === 'convolution' || kind === 'matmul' || kind === 'reduce-sum' ? taps * inputs[0]!.depth : taps;
}
