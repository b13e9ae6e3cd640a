/**
 * How often the operands of a nest are read, in how many contiguous runs, and how long that takes, by how the nest is cut.
 * Channels are innermost in memory.
 */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from './algorithm.ts';
import { filledBytes } from './bursts.ts';
import type { Tile } from './schedule.ts';

/** Operand sizes, and what reading them costs. */
export interface TilingCosts {
  readonly inputBytesPerElement: number;
  readonly weightBytesPerElement: number;
  readonly outputBytesPerElement: number;
  readonly onChipBytes: number;
  /** Of inputs and outputs. Weights that are constant lie in the order in which they are read, whatever the tiles. */
  readonly secondsPerActivationByte: number;
  readonly secondsPerWeightByte: number;
  /** Of the activations' memory: a contiguous run moves whole bursts. */
  readonly burstBytes: number;
}

/** A nest with a depthwise one's groups as output channels, and its operands' sizes for one group. */
export interface Loops extends LoopNest {
  readonly depthwise: boolean;
  readonly groups: number;
  readonly inputElements: number;
  readonly weightElements: number;
  readonly outputElements: number;
}

export function loopsOf(nest: LoopNest): Loops {
  return isDepthwise(nest)
    ? { ...nest, K: nest.G * nest.K, depthwise: true, groups: 1, ...sizes(nest, nest.G) }
    : { ...nest, depthwise: false, groups: nest.G, ...sizes(nest, 1) };
}

/** Of one group; `channels`: depthwise groups that count as one. */
function sizes(nest: LoopNest, channels: number): Pick<Loops, 'inputElements' | 'weightElements' | 'outputElements'> {
  const { B, K, C, OY, OX, FY, FX } = nest;
  const area = span(OY, nest.strideY, FY, nest.dilationY) * span(OX, nest.strideX, FX, nest.dilationX);
  return {
    inputElements: B * area * C * channels,
    weightElements: K * C * FY * FX * channels,
    outputElements: B * OY * OX * K * channels,
  };
}

/** Input rows that `outputs` neighbouring output rows need. */
export function span(outputs: number, stride: number, taps: number, dilation: number): number {
  return (outputs - 1) * stride + (taps - 1) * dilation + 1;
}

export type Extent = Pick<Tile, 'OY' | 'OX' | 'K' | 'C'>;

export function cutsOf(loops: Loops, extent: Extent): Cuts {
  const rows = Math.ceil(loops.OY / extent.OY);
  const columns = Math.ceil(loops.OX / extent.OX);
  return {
    halo:
      overlap(loops.OY, extent.OY, loops.strideY, span(1, 1, loops.FY, loops.dilationY)) *
      overlap(loops.OX, extent.OX, loops.strideX, span(1, 1, loops.FX, loops.dilationX)),
    positions: loops.B * rows * columns,
    filters: Math.ceil(loops.K / extent.K),
    depths: Math.ceil(loops.C / extent.C),
  };
}

export interface Reads {
  /** Input bytes read / input bytes, at least 1; overlapping rows of neighbouring tiles included. */
  readonly inputReads: number;
  readonly weightReads: number;
}

export interface Cuts {
  /** Input that all tiles of positions read / input that there is. */
  readonly halo: number;
  /** Tiles of output positions, output channels and input channels. */
  readonly positions: number;
  readonly filters: number;
  readonly depths: number;
}

/** How often the operands are read in the better order of the loops over tiles. */
export function readsOf(loops: Loops, { halo, positions, filters, depths }: Cuts, costs: TilingCosts): Reads {
  if (loops.depthwise) return { inputReads: halo, weightReads: 1 };
  // Sums over parts of the input channels leave no operand in place from one tile to the next.
  if (depths > 1) return { inputReads: halo * filters, weightReads: positions };
  const keepWeights: Reads = { inputReads: halo * filters, weightReads: 1 };
  const keepInput: Reads = { inputReads: halo, weightReads: positions };
  return readingSeconds(loops, keepWeights, costs) <= readingSeconds(loops, keepInput, costs) ? keepWeights : keepInput;
}

/** Without what bursts add. */
export function readingSeconds(loops: Loops, { inputReads, weightReads }: Reads, costs: TilingCosts): number {
  const inputBytes = loops.inputElements * costs.inputBytesPerElement * inputReads;
  const weightBytes = loops.weightElements * costs.weightBytesPerElement * weightReads;
  return inputBytes * costs.secondsPerActivationByte + weightBytes * costs.secondsPerWeightByte;
}

export function writingSeconds({ outputElements }: Loops, costs: TilingCosts): number {
  return outputElements * costs.outputBytesPerElement * costs.secondsPerActivationByte;
}

/** Contiguous runs in which one group's activations are moved. */
export interface Runs {
  readonly inputRuns: number;
  readonly outputRuns: number;
}

/** Channels are innermost in memory: a tile with all of them is one run per row, or in one piece with full rows. */
export function runsOf(
  loops: Loops,
  extent: Extent,
  { positions, filters, depths }: Cuts,
  { inputReads }: Reads,
): Runs {
  const rows = span(extent.OY, loops.strideY, loops.FY, loops.dilationY);
  const columns = span(extent.OX, loops.strideX, loops.FX, loops.dilationX);
  const cutChannels = extent.C < loops.C || (loops.depthwise && extent.K < loops.K);
  const inputTileRuns = cutChannels ? rows * columns : extent.OX < loops.OX ? rows : 1;
  const outputTileRuns = extent.K < loops.K ? extent.OY * extent.OX : extent.OX < loops.OX ? extent.OY : 1;
  // A depthwise tile reads channels of its own; another's input stays, or passes again for each tile of output channels.
  const inputPasses = loops.depthwise || inputReads >= filters ? filters : 1;
  return {
    inputRuns: positions * depths * inputPasses * inputTileRuns,
    outputRuns: positions * filters * outputTileRuns,
  };
}

export function secondsFor(loops: Loops, { inputReads, weightReads }: Reads, runs: Runs, costs: TilingCosts): number {
  const inputBytes = loops.inputElements * costs.inputBytesPerElement * inputReads;
  const outputBytes = loops.outputElements * costs.outputBytesPerElement;
  const weightBytes = loops.weightElements * costs.weightBytesPerElement * weightReads;
  const activationBytes = inBursts(inputBytes, runs.inputRuns, costs) + inBursts(outputBytes, runs.outputRuns, costs);
  return activationBytes * costs.secondsPerActivationByte + weightBytes * costs.secondsPerWeightByte;
}

/** Where each byte moves alone, no run is too short. */
function inBursts(bytes: number, transfers: number, { burstBytes }: TilingCosts): number {
  return burstBytes === 1 ? bytes : filledBytes(bytes, transfers, burstBytes);
}

/** Input rows that all tiles together read / input rows that there are: neighbouring tiles share the filter's rows. */
function overlap(outputs: number, tile: number, stride: number, taps: number): number {
  const tiles = Math.ceil(outputs / tile);
  if (tiles === 1) return 1;
  const whole = (outputs - 1) * stride + taps;
  const read = (outputs - tiles) * stride + taps * tiles;
  return Math.max(1, read / whole);
}
