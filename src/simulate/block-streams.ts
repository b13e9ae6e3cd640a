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
  const burst = (id: string) => target.memories.find((memory) => memory.id === id)!.burstBytes;
  return kernel.streams.map((stream) => inBlocks(stream, traffic, groups, burst(stream.memory)));
}

function inBlocks(stream: Stream, traffic: BlockTraffic, groups: number, burst: number): Stream {
  // Bursts are in the figures already: whole ones, as many as there are.
  const withBytes = (readBytes: number, writeBytes: number): Stream => ({
    ...stream,
    readBytes,
    writeBytes,
    transfers: Math.max(1, Math.floor((readBytes + writeBytes) / burst)),
  });
  switch (stream.role) {
    case 'input':
      return withBytes(Math.max(stream.readBytes, traffic.inputBytes * groups), stream.writeBytes);
    case 'output':
      return withBytes(stream.readBytes, Math.max(stream.writeBytes, traffic.outputBytes * groups));
    case 'weights':
      return withBytes(stream.readBytes * traffic.weightReads, stream.writeBytes);
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
