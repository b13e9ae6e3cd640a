/**
 * Cuts a loop nest into tiles that fit the on-chip memory, so that operands take as little time as possible: they are read
 * again seldom, and in runs that are long enough to fill bursts.
 *
 * The loops over tiles run in one of two orders: with the weights of a tile kept while the input passes (input is read
 * once per tile of output channels), or with an input tile kept while the weights pass (weights are read once per tile of
 * output positions). Sums over tiles of input channels stay on chip, so with several of those both are read again.
 */
import type { LoopNest } from '../operators/work.ts';
import type { Cuts, Extent, Loops, Reads, Runs, TilingCosts } from './nest-cuts.ts';
import { cutsOf, loopsOf, readingSeconds, readsOf, runsOf, secondsFor, span, writingSeconds } from './nest-cuts.ts';
import type { Tile } from './schedule.ts';

/** How often a nest's operands are read, and in how many contiguous runs. */
export interface Tiling extends Reads {
  readonly tile: Tile | null;
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

interface Candidate extends Reads, Runs {
  readonly loops: Loops;
  readonly extent: Extent;
  readonly cuts: Cuts;
  readonly onChipBytes: number;
  readonly steps: number;
  readonly seconds: number;
}

/**
 * With these channels: whole rows or narrower parts until all rows fit, and of those that fit the most, or fewer while that
 * may fill bursts better. What is tried with less memory is tried with more, too, so that more hardly ever takes longer:
 * only where all rows fit, and the mean length of their runs lies just above a burst.
 */
function* tilesWith(loops: Loops, channels: Channels, costs: TilingCosts): Generator<Candidate> {
  for (const OX of pieces(loops.OX, 1)) {
    const rows = rowsThatFit(loops, { OY: 1, OX, ...channels }, costs);
    let least = Infinity;
    for (const OY of heights(loops.OY, rows)) {
      const candidate = candidateOf(loops, { OY, OX, ...channels }, costs);
      if (readingSeconds(loops, candidate, costs) + writingSeconds(loops, costs) >= least) break;
      yield candidate;
      least = Math.min(least, candidate.seconds);
    }
    if (rows === loops.OY) break;
  }
}

/** Of tiles of equal height, as many as it takes: each height that is at most `most`, from the largest. */
function* heights(all: number, most: number): Generator<number> {
  for (let height = most; height >= 1; height -= 1) {
    height = Math.ceil(all / Math.ceil(all / height));
    yield height;
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
