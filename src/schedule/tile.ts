/**
 * Cuts a loop nest into tiles that fit the on-chip memory, so that operands take as little time as possible: they are read
 * again seldom, and in runs that are long enough to fill bursts.
 *
 * The loops over tiles run in one of two orders: with the weights of a tile kept while the input passes (input is read
 * once per tile of output channels), or with an input tile kept while the weights pass (weights are read once per tile of
 * output positions). Sums over tiles of input channels stay on chip, so with several of those both are read again.
 */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from './algorithm.ts';
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

/** How often a nest's operands are read, and in how many contiguous runs. */
export interface Tiling {
  readonly tile: Tile | null;
  /** Input bytes read / input bytes, at least 1; overlapping rows of neighbouring tiles included. */
  readonly inputReads: number;
  readonly weightReads: number;
  readonly inputTransfers: number;
  readonly weightTransfers: number;
  readonly outputTransfers: number;
}

/** Partial sums are kept in 32 bits. */
const sumBytes = 4;

/** Channels are cut in multiples of this while that is possible, since smaller pieces leave vector lanes idle. */
const channelStep = 8;

/**
 * The tiling that takes the least time to read and write; among equals the one with the fewest steps. The search ends with the
 * first tiling that moves everything once, in one run. No loop of the nest may be empty.
 */
export function tileNest(nest: LoopNest, costs: TilingCosts): Tiling {
  const loops = loopsOf(nest);
  const ideal = secondsFor(loops, { inputReads: 1, weightReads: 1 }, { inputRuns: 1, outputRuns: 1 }, costs);
  let best: Candidate | undefined;
  for (const channels of channelTiles(loops, costs)) {
    if (best !== undefined && leastSeconds(loops, channels, costs) > best.seconds) continue;
    for (const candidate of tilesWith(loops, channels, costs)) {
      if (best === undefined || better(candidate, best)) best = candidate;
      if (best.seconds <= ideal) return tilingOf(nest, best);
    }
  }
  return tilingOf(nest, best ?? candidateOf(loops, { OY: 1, OX: 1, K: 1, C: 1 }, costs));
}

type Channels = Pick<Tile, 'K' | 'C'>;

/** Channels of tiles whose weights fit, most first. */
function* channelTiles(loops: Loops, costs: TilingCosts): Generator<Channels> {
  for (const K of pieces(loops.K, channelStep)) {
    // A depthwise tile has the input channels of its outputs.
    for (const C of loops.depthwise ? [1] : pieces(loops.C, channelStep)) {
      const weightBytes = K * C * loops.FY * loops.FX * costs.weightBytesPerElement;
      if (weightBytes < costs.onChipBytes) yield { K, C };
    }
  }
}

/** No tile with these channels takes less, however many rows and columns it has. */
function leastSeconds(loops: Loops, channels: Channels, costs: TilingCosts): number {
  const { OY, OX } = loops;
  const cuts = { ...cutsOf(loops, { OY, OX, ...channels }), halo: 1 };
  const reads = readsOf(loops, cuts, costs);
  return secondsFor(loops, reads, runsOf(loops, { OY, OX, ...channels }, cuts, reads), costs);
}

/** A nest with a depthwise one's groups as output channels, and its operands' sizes for one group. */
interface Loops extends LoopNest {
  readonly depthwise: boolean;
  readonly groups: number;
  readonly inputElements: number;
  readonly weightElements: number;
  readonly outputElements: number;
}

function loopsOf(nest: LoopNest): Loops {
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
function span(outputs: number, stride: number, taps: number, dilation: number): number {
  return (outputs - 1) * stride + (taps - 1) * dilation + 1;
}

/** The whole, then halves, quarters, … in multiples of `step`; below one step, halves of it. */
function pieces(size: number, step: number): number[] {
  const found: number[] = [];
  for (let piece = size; ; piece = nextPiece(piece, step)) {
    found.push(piece);
    if (piece <= 1) return found;
  }
}

function nextPiece(piece: number, step: number): number {
  const half = Math.ceil(piece / 2);
  return half > step ? Math.min(piece - 1, Math.ceil(half / step) * step) : Math.min(half, step);
}

type Extent = Pick<Tile, 'OY' | 'OX' | 'K' | 'C'>;

interface Candidate extends Reads, Runs {
  readonly loops: Loops;
  readonly extent: Extent;
  readonly cuts: Cuts;
  readonly onChipBytes: number;
  readonly steps: number;
  readonly seconds: number;
}

/** With these channels: as many rows as fit, whole or in narrower parts until all rows do. */
function* tilesWith(loops: Loops, { K, C }: Channels, costs: TilingCosts): Generator<Candidate> {
  for (const OX of pieces(loops.OX, 1)) {
    const rows = rowsThatFit(loops, { OY: 1, OX, K, C }, costs);
    if (rows < 1) continue;
    // As many tiles, of equal height.
    const OY = Math.ceil(loops.OY / Math.ceil(loops.OY / rows));
    yield candidateOf(loops, { OY, OX, K, C }, costs);
    if (OY === loops.OY) break;
  }
}

/** On-chip bytes grow by the same amount with each row, so the limit can be computed. */
function rowsThatFit(loops: Loops, one: Extent, costs: TilingCosts): number {
  if (onChipBytes(loops, { ...one, OY: loops.OY }, costs) <= costs.onChipBytes) return loops.OY;
  const first = onChipBytes(loops, one, costs);
  // Two rows of two are not cut, so they say nothing about what a further row of a cut takes.
  if (loops.OY <= 2) return first <= costs.onChipBytes ? 1 : 0;
  const step = onChipBytes(loops, { ...one, OY: 2 }, costs) - first;
  // Two buffers as soon as the rows are cut; never all rows, which did not fit.
  return Math.min(loops.OY - 1, Math.floor((costs.onChipBytes - first) / step) + 1);
}

function onChipBytes(loops: Loops, { OY, OX, K, C }: Extent, costs: TilingCosts): number {
  const rows = span(OY, loops.strideY, loops.FY, loops.dilationY);
  const columns = span(OX, loops.strideX, loops.FX, loops.dilationX);
  const channels = loops.depthwise ? K / (loops.K / loops.G) : C;
  const input = rows * columns * channels * costs.inputBytesPerElement;
  const weights = K * C * loops.FY * loops.FX * costs.weightBytesPerElement;
  const cutC = C < loops.C;
  const cutInput = OY < loops.OY || OX < loops.OX || cutC || loops.B > 1 || (loops.depthwise && K < loops.K);
  const output = OY * OX * K * (cutC ? sumBytes : costs.outputBytesPerElement);
  const cutWeights = K < loops.K || cutC;
  return Math.ceil(input * (cutInput ? 2 : 1) + weights * (cutWeights ? 2 : 1) + output);
}

function candidateOf(loops: Loops, extent: Extent, costs: TilingCosts): Candidate {
  const cuts = cutsOf(loops, extent);
  const reads = readsOf(loops, cuts, costs);
  const runs = runsOf(loops, extent, cuts, reads);
  return {
    ...{ loops, extent, cuts },
    onChipBytes: onChipBytes(loops, extent, costs),
    steps: loops.groups * cuts.positions * cuts.filters * cuts.depths,
    ...reads,
    ...runs,
    seconds: secondsFor(loops, reads, runs, costs),
  };
}

function cutsOf(loops: Loops, extent: Extent): Cuts {
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

type Reads = Pick<Tiling, 'inputReads' | 'weightReads'>;

interface Cuts {
  /** Input that all tiles of positions read / input that there is. */
  readonly halo: number;
  /** Tiles of output positions, output channels and input channels. */
  readonly positions: number;
  readonly filters: number;
  readonly depths: number;
}

/** How often the operands are read in the better order of the loops over tiles. */
function readsOf(loops: Loops, { halo, positions, filters, depths }: Cuts, costs: TilingCosts): Reads {
  if (loops.depthwise) return { inputReads: halo, weightReads: 1 };
  // Sums over parts of the input channels leave no operand in place from one tile to the next.
  if (depths > 1) return { inputReads: halo * filters, weightReads: positions };
  const keepWeights: Reads = { inputReads: halo * filters, weightReads: 1 };
  const keepInput: Reads = { inputReads: halo, weightReads: positions };
  return readingSeconds(loops, keepWeights, costs) <= readingSeconds(loops, keepInput, costs) ? keepWeights : keepInput;
}

/** Runs are as long in both orders, and outputs the same. */
function readingSeconds(loops: Loops, { inputReads, weightReads }: Reads, costs: TilingCosts): number {
  const inputBytes = loops.inputElements * costs.inputBytesPerElement * inputReads;
  const weightBytes = loops.weightElements * costs.weightBytesPerElement * weightReads;
  return inputBytes * costs.secondsPerActivationByte + weightBytes * costs.secondsPerWeightByte;
}

/** Contiguous runs in which one group's activations are moved. */
interface Runs {
  readonly inputRuns: number;
  readonly outputRuns: number;
}

/** Channels are innermost in memory: a tile with all of them is one run per row, or in one piece with full rows. */
function runsOf(loops: Loops, extent: Extent, { positions, filters, depths }: Cuts, { inputReads }: Reads): Runs {
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

function secondsFor(loops: Loops, { inputReads, weightReads }: Reads, runs: Runs, costs: TilingCosts): number {
  const inputBytes = loops.inputElements * costs.inputBytesPerElement * inputReads;
  const outputBytes = loops.outputElements * costs.outputBytesPerElement;
  const weightBytes = loops.weightElements * costs.weightBytesPerElement * weightReads;
  const activationBytes = inBursts(inputBytes, runs.inputRuns, costs) + inBursts(outputBytes, runs.outputRuns, costs);
  return activationBytes * costs.secondsPerActivationByte + weightBytes * costs.secondsPerWeightByte;
}

/** As `simulate/memory.ts` counts them. */
function inBursts(bytes: number, transfers: number, { burstBytes }: TilingCosts): number {
  const runs = Math.max(1, Math.min(transfers, bytes));
  return runs * Math.ceil(bytes / runs / burstBytes) * burstBytes;
}

/** Input rows that all tiles together read / input rows that there are: neighbouring tiles share the filter's rows. */
function overlap(outputs: number, tile: number, stride: number, taps: number): number {
  const tiles = Math.ceil(outputs / tile);
  if (tiles === 1) return 1;
  const whole = (outputs - 1) * stride + taps;
  const read = (outputs - tiles) * stride + taps * tiles;
  return Math.max(1, read / whole);
}

function better(a: Candidate, b: Candidate): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.steps < b.steps);
}

function tilingOf({ sequentialSteps }: LoopNest, candidate: Candidate): Tiling {
  const { loops, extent, cuts, onChipBytes: bytes, inputReads, weightReads, inputRuns, outputRuns } = candidate;
  const wholeWeights = extent.K === loops.K && extent.C === loops.C;
  // Weights that stay on chip serve all steps of a recurrence.
  const weightPasses = wholeWeights ? 1 : sequentialSteps;
  const weightLoads = Math.max(1, Math.round(weightReads));
  return {
    tile: { ...extent, steps: candidate.steps * sequentialSteps, onChipBytes: bytes },
    inputReads,
    weightReads: weightReads * weightPasses,
    inputTransfers: loops.groups * inputRuns * sequentialSteps,
    weightTransfers: loops.groups * cuts.filters * cuts.depths * weightLoads * weightPasses,
    outputTransfers: loops.groups * outputRuns * sequentialSteps,
  };
}
