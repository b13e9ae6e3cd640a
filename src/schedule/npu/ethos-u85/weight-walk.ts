/**
 * The order in which an Ethos-U85 reads weights: by blocks of output and input channels, by pieces of the filter, by
 * micro-blocks; with zeros where one of these is not full.
 */
import type { OutputRange, WeightOrder, WeightVolume } from '../weights/order.ts';

/** The scheduler's order with what this machine needs beside it; `cores` are its streams. */
export interface U85WeightOrder extends WeightOrder {
  readonly strideY: number;
  readonly strideX: number;
  readonly macs: number;
  readonly sparse: boolean;
}

/** Calls with the next weights of a stream; zeros in a row come as a count. */
export interface WeightSink {
  readonly weight: (weight: number) => void;
  readonly zeros: (count: number) => void;
}

const filterPiece = 8;
/** Output channels that a stream has side by side. */
const interleave = 4;
const inputStep = 8;

interface Walk {
  readonly volume: WeightVolume;
  readonly order: U85WeightOrder;
  readonly range: OutputRange;
  readonly sink: WeightSink;
  readonly depthwise: boolean;
  /** Taps that are walked at once are filled up to a multiple. */
  readonly tapsAtOnce: number;
  /** Input channels that are walked for each tap. */
  readonly innerDepth: number;
  /** Zeros behind each group of taps, in output channels. */
  readonly gap: number;
}

export function walkU85Weights(
  volume: WeightVolume,
  order: U85WeightOrder,
  range: OutputRange,
  sink: WeightSink,
): void {
  const depthwise = order.traversal === 'depthwise';
  const wide = order.activationBits === 16;
  const partKernel = order.traversal === 'part-kernel';
  const walk: Walk = {
    ...{ volume, order, range, sink, depthwise },
    tapsAtOnce: depthwise ? 10 : partKernel ? (wide || order.sparse ? 10 : 5) : 1,
    innerDepth: depthwise ? 1 : partKernel && wide && !order.sparse ? 8 : order.inputMicroDepth,
    gap: depthwise ? gapOf(order.macs, wide) : 0,
  };
  const outputs = range.to - range.from;
  const inputBlocks = depthwise ? 1 : Math.ceil(volume.inputs / order.inputMicroDepth);
  let forward = true;
  for (let output = 0; output < outputs; output += order.blockDepth) {
    for (let block = 0; block < inputBlocks; block++) {
      const place = forward ? block : inputBlocks - 1 - block;
      walkPieces(walk, output, place * order.inputMicroDepth);
    }
    // The next block begins with the input channels that are there.
    forward = !forward;
  }
}

function gapOf(macs: number, wide: boolean): number {
  if (!wide && macs <= 256) return 0;
  return macs <= 512 ? 2 : 6;
}

function walkPieces(walk: Walk, output: number, input: number): void {
  const { volume, order } = walk;
  const stepX = Math.max(1, Math.floor(filterPiece / order.dilationX));
  const stepY = Math.max(1, Math.floor(filterPiece / order.dilationY));
  for (let x = 0; x < volume.width; x += stepX) {
    for (let y = 0; y < volume.height; y += stepY) {
      const width = Math.min(stepX, volume.width - x);
      const height = Math.min(stepY, volume.height - y);
      walkMicroBlocks(walk, { x, y, width, height, output, input });
    }
  }
}

interface Piece {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly output: number;
  readonly input: number;
}

function walkMicroBlocks(walk: Walk, piece: Piece): void {
  const { order, volume, range, depthwise, innerDepth } = walk;
  const inputs = depthwise ? 1 : Math.min(order.inputMicroDepth, volume.inputs - piece.input);
  const outputs = Math.min(order.blockDepth, range.to - range.from - piece.output);
  for (let input = 0; input < inputs; input += innerDepth) {
    for (let output = 0; output < outputs; output += order.outputMicroDepth) {
      walkTaps(walk, { ...piece, input: piece.input + input, output: piece.output + output });
    }
  }
}

/** Taps by their place in the stride, rows back and forth. */
function walkTaps(walk: Walk, piece: Piece): void {
  const { order, sink, tapsAtOnce, innerDepth, gap } = walk;
  const deep = order.traversal === 'depth-first';
  const [strideY, strideX] = deep ? [1, 1] : [order.strideY, order.strideX];
  let left = Math.ceil((piece.width * piece.height) / tapsAtOnce) * tapsAtOnce;
  const perTap = order.outputMicroDepth / order.cores;
  for (let offsetY = 0; offsetY < strideY; offsetY++) {
    for (let offsetX = 0; offsetX < strideX; offsetX++) {
      const rows = Math.floor((piece.height + strideY - 1 - offsetY) / strideY);
      const columns = Math.floor((piece.width + strideX - 1 - offsetX) / strideX);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const turned = row % 2 === 0 ? column : columns - 1 - column;
          left--;
          walkTap(walk, piece, piece.y + offsetY + row * strideY, piece.x + offsetX + turned * strideX);
          if (gap > 0 && left % tapsAtOnce === 0) sink.zeros(gap * perTap);
        }
      }
    }
  }
  if (left > 0) sink.zeros((left + gap) * innerDepth * perTap);
}

function walkTap(
  { volume, order, range, sink, depthwise, innerDepth }: Walk,
  piece: Piece,
  y: number,
  x: number,
): void {
  const { values, strides, inputs } = volume;
  const outputs = range.to - range.from;
  const base = y * strides.y + x * strides.x;
  const step = depthwise ? 1 : order.sparse ? 2 * inputStep : inputStep;
  for (let inner = 0; inner < innerDepth; inner += step) {
    for (let micro = range.core * interleave; micro < order.outputMicroDepth; micro += interleave * order.cores) {
      for (let side = 0; side < interleave; side++) {
        const output = piece.output + micro + side;
        const row = base + (range.from + output) * strides.output;
        for (let input = piece.input + inner; input < piece.input + inner + step; input++) {
          const there = output < outputs && (depthwise || input < inputs);
          sink.weight(there ? values[depthwise ? row : row + input * strides.input]! : 0);
        }
      }
    }
  }
}
