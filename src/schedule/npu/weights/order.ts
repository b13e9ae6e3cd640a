/**
 * The order in which an Ethos-U reads weights: by blocks of output channels, of input channels, by pieces of the filter,
 * with zeros where a block, a micro-block or a group of taps is not full (Vela 5.2's weight encoder, restated).
 */

export type Traversal = 'depth-first' | 'part-kernel' | 'depthwise';

export interface WeightOrder {
  readonly traversal: Traversal;
  readonly activationBits: number;
  /** Output channels of a block, and of a micro-block; input channels of a micro-block. */
  readonly blockDepth: number;
  readonly outputMicroDepth: number;
  readonly inputMicroDepth: number;
  /** Cores read every n-th output channel. */
  readonly cores: number;
  readonly dilationY: number;
  readonly dilationX: number;
}

/** Weights less their zero points, and how far apart neighbours of an axis lie. A depthwise one has one input channel. */
export interface WeightVolume {
  readonly values: Int16Array;
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly strides: { readonly output: number; readonly y: number; readonly x: number; readonly input: number };
}

export interface OutputRange {
  readonly from: number;
  readonly to: number;
  readonly core: number;
}

/** Taps that are walked at once; the hardware cuts larger filters. */
const filterPiece = 8;

interface Walk {
  readonly volume: WeightVolume;
  readonly order: WeightOrder;
  readonly range: OutputRange;
  /** Of this core. */
  readonly outputs: number;
  readonly blockDepth: number;
  readonly emit: (weight: number) => void;
}

/** Calls `emit` for each weight of one core's stream. */
export function walkWeights(
  volume: WeightVolume,
  order: WeightOrder,
  range: OutputRange,
  emit: (weight: number) => void,
): void {
  const { cores } = order;
  const share = (size: number) => Math.floor((size + cores - 1 - range.core) / cores);
  const walk: Walk = {
    ...{ volume, order, range, emit },
    outputs: share(range.to - range.from),
    blockDepth: share(order.blockDepth),
  };
  const inputStep = order.traversal === 'part-kernel' || order.activationBits === 16 ? 16 : 32;
  const inputs = order.traversal === 'depthwise' ? 1 : volume.inputs;
  for (let output = 0; output < walk.outputs; output += walk.blockDepth) {
    for (let input = 0; input < inputs; input += inputStep) walkFilter(walk, output, input, inputStep);
  }
}

function walkFilter(walk: Walk, output: number, input: number, inputStep: number): void {
  const { volume, order } = walk;
  const stepY = Math.max(1, Math.floor(filterPiece / order.dilationY));
  const stepX = Math.max(1, Math.floor(filterPiece / order.dilationX));
  const depth =
    order.traversal === 'depthwise'
      ? order.inputMicroDepth
      : order.traversal === 'part-kernel'
        ? Math.min(inputStep, volume.inputs - input)
        : inputStep;
  for (let y = 0; y < volume.height; y += stepY) {
    for (let x = 0; x < volume.width; x += stepX) {
      const piece = {
        ...{ y, x, output, input, depth },
        height: Math.min(stepY, volume.height - y),
        width: Math.min(stepX, volume.width - x),
      };
      walkPiece(walk, piece);
    }
  }
}

interface Piece {
  readonly y: number;
  readonly x: number;
  readonly height: number;
  readonly width: number;
  readonly output: number;
  readonly input: number;
  readonly depth: number;
}

function walkPiece(walk: Walk, piece: Piece): void {
  const { order, outputs, blockDepth } = walk;
  const partKernel = order.traversal === 'part-kernel';
  const tapsAtOnce = order.traversal === 'depthwise' ? 4 : partKernel ? (order.activationBits === 16 ? 2 : 4) : 1;
  const taps = Math.ceil((piece.height * piece.width) / tapsAtOnce) * tapsAtOnce;
  const blockOutputs = Math.min(blockDepth, outputs - piece.output);
  const outer = partKernel ? piece.depth : 1;
  const inner = partKernel ? 1 : piece.depth;
  for (let outerInput = 0; outerInput < outer; outerInput += order.inputMicroDepth) {
    for (let micro = 0; micro < blockOutputs; micro += order.outputMicroDepth) {
      for (let tap = 0; tap < taps; tap++) {
        for (let innerInput = 0; innerInput < inner; innerInput += order.inputMicroDepth) {
          walkMicroBlock(walk, piece, {
            tap,
            output: piece.output + micro,
            input: piece.input + outerInput + innerInput,
          });
        }
      }
    }
  }
}

function walkMicroBlock(
  { volume, order, range, outputs, emit }: Walk,
  piece: Piece,
  at: { readonly tap: number; readonly output: number; readonly input: number },
): void {
  const { values, strides } = volume;
  const ky = Math.floor(at.tap / piece.width);
  const inFilter = ky < piece.height;
  const base = (piece.y + ky) * strides.y + (piece.x + (at.tap % piece.width)) * strides.x;
  const depth = order.traversal === 'depthwise' ? 1 : order.inputMicroDepth;
  for (let output = at.output; output < at.output + order.outputMicroDepth; output++) {
    const row = base + (range.from + range.core + output * order.cores) * strides.output;
    const inOutputs = inFilter && output < outputs;
    for (let input = at.input; input < at.input + depth; input++) {
      emit(inOutputs && input < volume.inputs ? values[row + input * strides.input]! : 0);
    }
  }
}
