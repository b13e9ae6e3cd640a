/**
 * What an Ethos-U moves for a loop nest computed in blocks: input areas overlap and are read for every block, weights
 * for every block position, and feature maps are stored in bricks of 16 channels.
 */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from '../schedule/algorithm.ts';
import type { Kernel, Stream } from '../schedule/schedule.ts';
import type { ComputeType, Target } from '../schedule/target.ts';
import type { Block, BlockGeometry } from './block-npu.ts';
import { chooseBlock, outputExtent } from './block-npu.ts';
import { roundUp } from './geometry.ts';

/** Feature maps between operators: height, width / 16 channels, 16 channels (NHCWB16). */
const brickDepth = 16;
/** With fewer channels a feature map comes from outside, channels last, and runs are as deep as an input block. */
const smallestBrick = 4;

export interface BlockTraffic {
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** How often the weights are read. */
  readonly weightReads: number;
}

/** Streams with what blocks read again; each at least what the schedule says. */
export function blockStreams(
  kernel: Kernel,
  type: ComputeType,
  geometry: BlockGeometry,
  target: Target,
): readonly Stream[] {
  const [nest] = kernel.nests;
  const activationBytes = type === 'int8' ? 1 : 2;
  const group = nest === undefined || isDepthwise(nest) ? nest : { ...nest, G: 1 };
  const block = group && chooseBlock({ nest: group, activationBytes }, geometry);
  if (nest === undefined || group === undefined || block === undefined) return kernel.streams;
  const groups = group.G === nest.G ? 1 : nest.G;
  const traffic = trafficOfBlocks(group, block, activationBytes);
  return kernel.streams.map((stream) => inBlocks(stream, traffic, groups, target.plan.activations));
}

/** Weights of a memory outside are fetched once, into a buffer beside the activations, and read again from there. */
function inBlocks(stream: Stream, traffic: BlockTraffic, groups: number, activations: string): Stream {
  const { role, memory, readBytes, writeBytes } = stream;
  // These figures are in whole bursts already: one run.
  switch (role) {
    case 'input':
      return { ...stream, readBytes: Math.max(readBytes, traffic.inputBytes * groups), transfers: 1 };
    case 'output':
      return { ...stream, writeBytes: Math.max(writeBytes, traffic.outputBytes * groups), transfers: 1 };
    case 'weights':
      return { ...stream, readBytes: readBytes * (memory === activations ? traffic.weightReads : 1), transfers: 1 };
    case 'workspace':
    case 'transfer':
      return stream;
  }
}

export function trafficOfBlocks(
  nest: LoopNest,
  { input, output: block }: Block,
  bytesPerElement: number,
): BlockTraffic {
  const output = outputExtent(nest);
  const rows = Math.ceil(output.height / Math.min(block.height, output.height));
  const columns = Math.ceil(output.width / Math.min(block.width, output.width));
  const depths = isDepthwise(nest) ? 1 : Math.ceil(output.depth / Math.min(block.depth, output.depth));
  const channels = isDepthwise(nest) ? nest.G : nest.C;
  const area = Math.min(input.height, inputRows(nest)) * Math.min(input.width, inputColumns(nest));
  // Runs of one input block's depth fill only part of a burst.
  const stored = channels < smallestBrick ? channels * 4 : roundUp(channels, brickDepth);
  return {
    inputBytes: area * stored * rows * columns * depths * bytesPerElement,
    outputBytes: output.height * output.width * roundUp(output.depth, brickDepth) * bytesPerElement,
    weightReads: rows * columns,
  };
}

function inputRows({ B, OY, FY, strideY, dilationY }: LoopNest): number {
  return B * ((OY - 1) * strideY + (FY - 1) * dilationY + 1);
}

function inputColumns({ OX, FX, strideX, dilationX }: LoopNest): number {
  return (OX - 1) * strideX + (FX - 1) * dilationX + 1;
}
