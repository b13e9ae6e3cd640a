/** Cycles of an Ethos-U55 or U65 for one operation, as Vela 5.2 (Apache-2.0) estimates them; restated. */
import type { Access, Cycles, Query } from '../architecture.ts';
import type { Extent } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';
import type { BlockGeometry, Machine } from './geometry.ts';
import { clip, filterPieces, macsOf } from './geometry.ts';
import { burstBytesOf } from './traffic.ts';

/** Commands of this many blocks are in flight at once. */
const blocksInFlight = 4;
const smallMachineMacs = 32;
const mediumMachineMacs = 128;
const biasBytes = 10;
/** Biases are fetched in pieces of this many bytes. */
const biasFetchBytes = 256;

/**
 * The array works on one block while the output unit finishes the one before: the slower of the two sets the pace, the
 * other shows once. No faster than a quarter of what a block takes to move and compute, which is how many blocks are
 * in flight. Biases and scales are ten bytes a channel, read at the latency of the weights' memory. The first input
 * block and the last output block overlap with nothing.
 */
export function arrayCycles(query: Query, machine: Machine): Cycles {
  const { block, output, weightsPort, operation } = query;
  const clipped = clip(block.output, output.shape);
  const micro = microBlockFor(query, machine.geometry);
  const blocks = elementsOf(countOf(output.shape, micro)) / elementsOf(countOf(clipped, micro));
  const array = Math.trunc(blockCycles(query, clipped, micro, machine));
  const hasBiases = weightsPort !== undefined && (query.unit === 'convolution' || query.unit === 'depthwise');
  const biases = hasBiases ? (biasBytes * clipped.depth * weightsPort.readLatencyCycles) / biasFetchBytes : 0;
  const out = Math.max(Math.ceil(outputRate(query, machine.geometry) * elementsOf(clipped)), biases);
  const moveIn = moveInCycles(query, machine);
  const moveOut = moveCycles(output, 2, query, machine);
  const issue = ((blocks > 1 ? Math.abs(moveOut - moveIn) : 0) + array + out) / blocksInFlight;
  const [arrayPace, outputPace] = [Math.max(array, issue), Math.max(out, issue)];
  const edges = (query.last ? moveOut : 0) + (query.first ? moveIn : 0);
  const total =
    arrayPace > outputPace
      ? Math.trunc(Math.trunc(arrayPace * blocks) + (query.last ? outputPace : 0))
      : Math.trunc(outputPace * blocks + arrayPace);
  const { filter } = operation;
  const products = query.unit === 'depthwise' || query.unit === 'pooling' ? 1 : query.inputs[0].shape.depth;
  return {
    total: total + edges,
    array: Math.min(total + edges, Math.trunc(array * blocks) + edges),
    macs: filter.height * filter.width * elementsOf(output.shape) * products,
  };
}

/** Per-element operations: the output unit's pace, or that of issuing blocks. */
export function elementwiseCycles(query: Query, machine: Machine): Cycles {
  const { output, block } = query;
  const depth = output.bricks ? roundUp(output.shape.depth, 16) : output.shape.depth;
  const elements = elementsOf({ ...output.shape, depth });
  const rate = outputRate(query, machine.geometry);
  const moves = Math.max(moveCycles(output, 2, query, machine), moveInCycles(query, machine));
  const issue = (moves / elementsOf(block.output) + rate) / blocksInFlight;
  return { total: Math.trunc(Math.max(Math.ceil(issue * elements), Math.ceil(rate * elements))), array: 0, macs: 0 };
}

/** Products of activations: an element-wise product and a sum over channels for each column of the result. */
export function productCycles(query: Query, machine: Machine): Cycles {
  const [first, second] = query.inputs;
  const { block, scratchPort } = query;
  if (second === undefined || block.before === undefined || scratchPort === undefined)
    return elementwiseCycles(query, machine);
  const partial: Access = { ...query.output, shape: first.shape, bits: 32, port: scratchPort };
  const product = elementwiseCycles(
    {
      ...query,
      ...{ operator: 'Mul', unit: 'elementwise', block: block.before },
      inputs: [first, { ...second, shape: first.shape }],
      output: partial,
    },
    machine,
  );
  const sum = arrayCycles(
    {
      ...query,
      ...{ operator: 'ReduceSum', unit: 'channel-sum' },
      inputs: [{ ...first, port: scratchPort }],
      output: { ...query.output, shape: { ...first.shape, depth: 1 } },
    },
    machine,
  );
  const columns = second.shape.width;
  return { total: (product.total + sum.total) * columns, array: sum.array * columns, macs: sum.macs * columns };
}

/** One output row of a filter without height: the 2 × 2 micro-block lies down as 1 × 4. */
function microBlockFor({ unit, output, operation }: Query, { microBlock }: BlockGeometry): Extent {
  const { height, width } = output.shape;
  const flat =
    microBlock.height === 2 &&
    unit === 'convolution' &&
    height === 1 &&
    width % 2 === 0 &&
    operation.filter.height === 1;
  return flat ? { height: 1, width: 4, depth: microBlock.depth } : microBlock;
}

function countOf(extent: Extent, micro: Extent): Extent {
  return {
    height: Math.ceil(extent.height / micro.height),
    width: Math.ceil(extent.width / micro.width),
    depth: Math.ceil(extent.depth / micro.depth),
  };
}

/** Cycles of the multiply-accumulate array for one block. */
function blockCycles(query: Query, clipped: Extent, micro: Extent, { geometry, cores }: Machine): number {
  const { unit, block, inputs } = query;
  const count = countOf(clipped, micro);
  const inputDepth = Math.min(block.input.depth, inputs[0].shape.depth);
  let cycles = 0;
  for (const { taps } of filterPieces(query.operation.filter)) {
    const walk = { query, count, taps, weightCycles: (32 * micro.depth) / 8, macs: macsOf(geometry) };
    const { steps, walked } = pieceCycles(walk);
    const rounds = unit === 'convolution' && block.traversal === 'part-kernel' ? Math.ceil(inputDepth / 8) : 1;
    cycles += (walked + waits(walk, steps)) * rounds;
  }
  if (unit === 'convolution' || unit === 'channel-sum') cycles *= Math.ceil(inputs[0].shape.depth / inputDepth);
  return cycles / cores;
}

interface Walk {
  readonly query: Query;
  readonly count: Extent;
  readonly taps: number;
  /** Cycles in which the weights of one micro-block of output channels are read. */
  readonly weightCycles: number;
  readonly macs: number;
}

/** One piece of the filter over one block: steps of four taps (depthwise, part-kernel) or one (depth first). */
function pieceCycles({ query, count, taps, weightCycles, macs }: Walk): { steps: number; walked: number } {
  const { unit, block, inputs } = query;
  const { bits } = inputs[0];
  const area = count.height * count.width;
  if (unit === 'pooling') {
    const walked = Math.max(4, taps) * area * count.depth;
    return { steps: 1, walked: macs === smallMachineMacs ? walked : walked * Math.trunc(bits / 2) };
  }
  const atOnce = unit === 'depthwise' ? 4 : block.traversal === 'part-kernel' ? (bits === 16 ? 2 : 4) : 1;
  const steps = Math.ceil(taps / atOnce);
  const areaCycles = 4 * area * (unit === 'depthwise' ? bits / 8 : 1);
  return { steps, walked: Math.max(weightCycles, areaCycles) * steps * count.depth };
}

/** With a single micro-block side by side the array waits for its own sum before the next step. */
function waits({ query, count, macs }: Walk, steps: number): number {
  const { wideSums } = query.block;
  const small = macs === smallMachineMacs;
  const delay = small ? (wideSums ? 7 : 3) : wideSums && macs <= mediumMachineMacs ? 3 : 2;
  const narrow = (count.width === 1 || count.height === 1) && count.depth > 1;
  const extra = small && wideSums && narrow ? delay * count.depth : 0;
  if (count.width * count.height !== 1) return extra;
  return extra + (count.depth === 1 ? delay * steps : steps > 1 ? delay * (steps - 1) * count.depth : 0);
}

/** Cycles of the output unit per element: the slower of writing it and of the activation fused behind. */
function outputRate({ unit, operator, operation, inputs, output, block }: Query, geometry: BlockGeometry): number {
  const cycles = geometry.outputCyclesPerElement;
  const activation =
    operation.activation === 'lookup' ? cycles.lookup : operation.activation === 'clamp' ? cycles.clamp : 0;
  return Math.max(activation, written());

  function written(): number {
    if (unit === 'elementwise' && inputs[0].bits === 32)
      return inputs.length > 1 ? cycles.wideBinary : cycles.wideUnary;
    if (operator === 'Mul' && output.bits === 32) return cycles.wideProduct;
    if (operator === 'Mul' || (unit !== 'elementwise' && block.wideSums)) return cycles.multiply;
    if (operator === 'Add' || operator === 'Sub') return cycles.add;
    return operator === 'MaxPool' ? cycles.maximum : cycles.plain;
  }
}

function moveInCycles(query: Query, machine: Machine): number {
  const cycles = query.inputs.map((input, operand) => moveCycles(input, operand as 0 | 1, query, machine));
  return Math.max(...cycles);
}

/** One block between memory and buffer, only what of it lies in the feature map. */
function moveCycles({ shape, port }: Access, operand: 0 | 1 | 2, query: Query, { cores }: Machine): number {
  const block = operand === 2 ? query.block.output : query.block.input;
  const bytes = burstBytesOf(query, operand, elementsOf(clip(block, shape)), cores);
  return (operand === 2 ? port.writeLatencyCycles : port.readLatencyCycles) + Math.trunc(bytes / port.bytesPerCycle);
}
