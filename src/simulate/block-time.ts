/** Cycles of an Ethos-U for one loop nest: array, output unit, and the limit at which blocks can be issued. */
import type { Memory } from '../schedule/target.ts';
import type { Block, BlockGeometry, BlockWork, Extent } from './block-npu.ts';
import { arrayCycles, chooseBlock, outputExtent } from './block-npu.ts';

/** What the unit sees of the memories at its ports, in its own clock. */
export interface Ports {
  readonly activationBytesPerCycle: number;
  readonly activationLatencyCycles: number;
  readonly weightLatencyCycles: number;
}

export interface BlockCycles {
  readonly block: Block;
  /** Everything, output unit and issue limit included. */
  readonly total: number;
  /** As if the output unit and the issuing of blocks took no time. */
  readonly arrayOnly: number;
}

export function portsOf(activations: Memory, weights: Memory, clockHertz: number): Ports {
  return {
    activationBytesPerCycle: (activations.bandwidthBytesPerSecond * activations.efficiency) / clockHertz,
    activationLatencyCycles: activations.latencySeconds * clockHertz,
    weightLatencyCycles: weights.latencySeconds * clockHertz,
  };
}

/**
 * The array works on one block while the output unit finishes the one before: the slower of the two sets the pace, the
 * other shows once. No faster than a quarter of what a block takes to move and compute, which is how many blocks are
 * in flight. Biases and scales are ten bytes a channel, read at the latency of the weights' memory. The first input
 * block and the last output block overlap with nothing. `undefined`: no block fits the buffer.
 */
export function blockCycles(
  work: BlockWork,
  geometry: BlockGeometry,
  ports: Ports,
  outputCyclesPerElement: number,
): BlockCycles | undefined {
  const block = chooseBlock(work, geometry);
  if (block === undefined) return undefined;
  const { cyclesPerBlock: array, blocks, blockElements } = arrayCycles(work, block, geometry);
  const output = outputExtent(work.nest);
  const biases = (10 * Math.min(block.output.depth, output.depth) * ports.weightLatencyCycles) / 256;
  const out = Math.max(Math.ceil(outputCyclesPerElement * blockElements), biases);
  const moveIn = moveCycles(block.input, inputOf(work), work.activationBytes, ports);
  const moveOut = moveCycles(block.output, output, work.activationBytes, ports);
  const issue = ((blocks > 1 ? Math.abs(moveOut - moveIn) : 0) + array + out) / 4;
  const [arrayPace, outputPace] = [Math.max(array, issue), Math.max(out, issue)];
  const total = Math.max(arrayPace, outputPace) * blocks + Math.min(arrayPace, outputPace) + moveIn + moveOut;
  return { block, total, arrayOnly: array * blocks + moveIn + moveOut };
}

function inputOf({ nest }: BlockWork): Extent {
  const depth = nest.C === 1 ? nest.G : nest.C;
  return { height: nest.OY * nest.strideY, width: nest.OX * nest.strideX, depth };
}

/** One block between memory and buffer, only what of it lies in the feature map. */
function moveCycles(block: Extent, whole: Extent, bytesPerElement: number, ports: Ports): number {
  const elements =
    Math.min(block.height, whole.height) * Math.min(block.width, whole.width) * Math.min(block.depth, whole.depth);
  return ports.activationLatencyCycles + (elements * bytesPerElement) / ports.activationBytesPerCycle;
}

/**
 * Pooling has no weights: `max(4, window)` steps of four cycles for each micro-block of outputs and byte of an element.
 * `windowElements` is the sum over all outputs; `outputShape` is channels first, the last two are rows and columns.
 */
export function poolCycles(
  outputShape: readonly number[],
  windowElements: number,
  activationBytes: 1 | 2,
  { microBlock, outputCyclesPerElement }: BlockGeometry,
): number {
  const elements = outputShape.reduce((product, size) => product * size, 1);
  const [columns, rows] = outputShape.length > 2 ? [outputShape.at(-1)!, outputShape.at(-2)!] : [1, 1];
  const depth = elements / (rows * columns);
  const microBlocks =
    Math.ceil(rows / microBlock.height) * Math.ceil(columns / microBlock.width) * Math.ceil(depth / microBlock.depth);
  const window = windowElements / elements;
  const array = Math.max(4, window) * 4 * activationBytes * microBlocks;
  return Math.max(array, outputCyclesPerElement.maximum * elements);
}
