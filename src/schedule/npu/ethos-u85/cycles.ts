/** Cycles of an Ethos-U85 for one operation in its blocks: array, output unit, and the pace of issuing blocks. */
import type { U85Geometry } from '../target.ts';
import type { Block } from './block.ts';
import { largestFilter } from './block-query.ts';
import type { FeatureMap, Filter, Operation, OutputStep } from './operation.ts';
import { clip, elementsOf, storedElements } from './operation.ts';
import type { Port } from './ports.ts';
import { blockCycles } from './ports.ts';

export interface Cycles {
  /** Everything that the unit does itself. */
  readonly total: number;
  /** As if only the array took time. */
  readonly array: number;
  /** MACs, of a pool comparisons, at one a cycle of each multiplier. */
  readonly steps: number;
}

export interface Machine {
  readonly geometry: U85Geometry;
  /** By the name of a buffer. */
  readonly portOf: (buffer: string) => Port;
  /** Latency at which scales and biases come in; 0 without. */
  readonly scaleLatencyCycles: number;
}

/** Of one run of `operation`. */
export function cyclesOf(operation: Operation, block: Block, machine: Machine): Cycles {
  const isArray = operation.kind !== 'elementwise' && operation.kind !== 'resize';
  return isArray ? arrayOperation(operation, block, machine) : outputOperation(operation, block, machine);
}

/**
 * The array works on one block while the output unit finishes the one before: the slower of the two sets the pace, the
 * other shows once. No faster than a quarter of what a block takes to move and compute, which is how many are in flight.
 * The first input block and the last output block overlap with nothing.
 */
function arrayOperation(operation: Operation, block: Block, machine: Machine): Cycles {
  const { output } = operation;
  const clipped = clip(block.output, output);
  const blocks = microBlocksIn(output, block).total / microBlocksIn(clipped, block).total;
  const array = arrayCyclesPerBlock(operation, block, machine.geometry);
  const elements = Math.ceil(outputCyclesPerElement(operation, machine.geometry) * elementsOf(clipped));
  const out = Math.max(elements, (10 * clipped.depth * machine.scaleLatencyCycles) / 256);
  const moveIn = inputCycles(operation, block, machine);
  const moveOut = blockCycles(output, block.output, 'write', machine.portOf(output.buffer));
  const issue = ((blocks > 1 ? Math.abs(moveOut - moveIn) : 0) + array + out) / 4;
  const [arrayPace, outputPace] = [Math.max(array, issue), Math.max(out, issue)];
  const paced = Math.floor(Math.max(arrayPace, outputPace) * blocks);
  const total = Math.floor(paced + Math.min(arrayPace, outputPace)) + moveIn + moveOut;
  return { total, array: array * blocks, steps: stepsOf(operation) };
}

function inputCycles({ inputs }: Operation, block: Block, { portOf }: Machine): number {
  return Math.max(...inputs.map((map) => blockCycles(map, block.input, 'read', portOf(map.buffer))));
}

/** Element-wise work and resizes: the output unit alone, as fast as its blocks come. */
function outputOperation(operation: Operation, block: Block, machine: Machine): Cycles {
  const { output } = operation;
  const elements = storedElements(output);
  const perElement = outputCyclesPerElement(operation, machine.geometry);
  const moves = Math.max(
    blockCycles(output, block.output, 'write', machine.portOf(output.buffer)),
    inputCycles(operation, block, machine),
  );
  const issue = (moves / elementsOf(block.output) + perElement) / 4;
  const total = Math.max(Math.ceil(issue * elements), Math.ceil(perElement * elements));
  return { total, array: 0, steps: 0 };
}

interface MicroBlocks {
  readonly area: number;
  readonly depth: number;
  readonly total: number;
}

function microBlocksIn(extent: { height: number; width: number; depth: number }, { microBlock }: Block): MicroBlocks {
  const area = Math.ceil(extent.height / microBlock.height) * Math.ceil(extent.width / microBlock.width);
  const depth = Math.ceil(extent.depth / microBlock.depth);
  return { area, depth, total: area * depth };
}

function arrayCyclesPerBlock(operation: Operation, block: Block, geometry: U85Geometry): number {
  const input = clip(block.input, operation.inputs[0]!);
  const micro = microBlocksIn(clip(block.output, operation.output), block);
  const walk: Walk = {
    operation,
    block,
    micro,
    inputDepth: input.depth,
    weightCycles: Math.floor((32 * block.microBlock.depth) / (8 * geometry.weightDecoders)),
    wait: block.accumulatorBits === 64 && geometry.macs <= 128 ? 3 : 2,
  };
  const cycles = filterPieces(operation.filter).reduce((sum, taps) => sum + pieceCycles(taps, walk), 0);
  const summed = operation.kind === 'convolution' || operation.kind === 'matmul' || operation.kind === 'reduce-sum';
  return summed ? cycles * Math.ceil(operation.inputs[0]!.depth / input.depth) : cycles;
}

interface Walk {
  readonly operation: Operation;
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
  const { steps, cycles } = stepCycles(taps, walk);
  let waits = 0;
  if (micro.area === 1) waits = micro.depth === 1 ? wait * steps : steps > 1 ? wait * (steps - 1) * micro.depth : 0;
  if (block.traversal === 'part-kernel') waits *= Math.ceil(inputDepth / 8);
  return cycles + waits;
}

function stepCycles(taps: number, { operation, block, micro, inputDepth, weightCycles }: Walk) {
  const { kind, inputs } = operation;
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

/** Steps of chained operations follow each other; an activation runs beside the arithmetic in front of it. */
export function outputCyclesPerElement({ kind, steps, inputs, output }: Operation, geometry: U85Geometry): number {
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

function stepsOf({ kind, filter, inputs, output }: Operation): number {
  const taps = filter.height * filter.width * elementsOf(output);
  return kind === 'convolution' || kind === 'matmul' || kind === 'reduce-sum' ? taps * inputs[0]!.depth : taps;
}
