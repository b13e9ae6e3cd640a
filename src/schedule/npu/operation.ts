/**
 * What an NPU executes: the operators of the graph after the compiler has lowered them, each on feature maps of rows,
 * columns and channels. One kernel of the schedule stands for any number of these.
 */
import type { Initializer } from '../../ir/graph.ts';

/** Rows, columns and channels. */
export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
}

export interface Filter {
  readonly height: number;
  readonly width: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
}

export const unitFilter: Filter = { height: 1, width: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1 };

/** Which part of the machine does it, and in which order it walks. */
export type NpuUnit =
  | 'convolution'
  | 'depthwise'
  | 'pooling'
  | 'channel-sum'
  | 'elementwise'
  | 'transpose'
  | 'product'
  | 'resize'
  | 'extreme';

export type NpuOperator =
  | 'Conv2D'
  | 'DepthwiseConv2D'
  | 'FullyConnected'
  | 'MaxPool'
  | 'AvgPool'
  | 'ReduceSum'
  | 'Add'
  | 'Sub'
  | 'Mul'
  | 'Minimum'
  | 'Maximum'
  | 'Abs'
  | 'LeakyRelu'
  | 'CLZ'
  | 'SHL'
  | 'Asr'
  | 'MemoryCopy'
  | 'Quantize'
  | 'Activation'
  | 'Transpose'
  | 'MatMul'
  | 'Resize'
  | 'ReduceMax';

export const unitsOf: Readonly<Record<NpuOperator, NpuUnit>> = {
  Conv2D: 'convolution',
  FullyConnected: 'convolution',
  DepthwiseConv2D: 'depthwise',
  MaxPool: 'pooling',
  AvgPool: 'pooling',
  // What only moves or maps elements runs as a pool of one element.
  MemoryCopy: 'pooling',
  Quantize: 'pooling',
  Activation: 'pooling',
  ReduceSum: 'channel-sum',
  Add: 'elementwise',
  Sub: 'elementwise',
  Mul: 'elementwise',
  Minimum: 'elementwise',
  Maximum: 'elementwise',
  Abs: 'elementwise',
  LeakyRelu: 'elementwise',
  CLZ: 'elementwise',
  SHL: 'elementwise',
  Asr: 'elementwise',
  Transpose: 'transpose',
  MatMul: 'product',
  Resize: 'resize',
  ReduceMax: 'extreme',
};

/** A feature map, or a constant beside the weights. */
export interface NpuTensor {
  readonly name: string;
  readonly bits: number;
  readonly constant: boolean;
  readonly graphInput: boolean;
  readonly graphOutput: boolean;
  /** Never stored in bricks. */
  readonly linear?: boolean;
}

/** How an operation sees a tensor: as a whole of this shape, or a part of it. */
export interface Connection {
  readonly tensor: NpuTensor;
  readonly shape: Extent;
  readonly slice?: { readonly shape: Extent; readonly depthOffset: number };
  /** Every second column and row. */
  readonly stepX?: number;
  readonly stepY?: number;
  /** In place of the tensor's, where the operation reads its bits as another type. */
  readonly bits?: number;
}

/** Constant weights: where they are and how their axes lie. */
export interface NpuWeights {
  readonly initializer: Initializer;
  /** Output channels first; a depthwise one has one input channel. */
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly strides: { readonly output: number; readonly y: number; readonly x: number; readonly input: number };
  /** One for all output channels, or one for each. */
  readonly zeroPoints: readonly number[];
  /** Taps are this many places apart, with zeros between them; absent: 1. */
  readonly zerosY?: number;
  readonly zerosX?: number;
  /** All weights have this value, in place of the initializer's elements (filters that the compiler makes up). */
  readonly filledWith?: number;
  /** Of four neighbouring input channels two at most are not zero, everywhere. */
  readonly sparse?: boolean;
}

/** An operation behind another one, which does not store its result. */
export interface ChainedOperation {
  readonly operator: NpuOperator;
  readonly activation: NpuOperation['activation'];
  readonly inputBits: number;
  readonly outputBits: number;
  readonly operands: number;
  /** What it reads beside the result before. */
  readonly sideInput?: Connection;
  readonly tableBytes: number;
}

export interface NpuOperation {
  /** Name of the tensor that it makes, as Arm's compiler reports it. */
  readonly name: string;
  /** Position of the kernel that it belongs to. */
  readonly kernel: number;
  readonly operator: NpuOperator;
  /** One or two, and what it needs for itself; an operation of the processor may have more. */
  readonly inputs: readonly [Connection, ...Connection[]];
  readonly output: Connection;
  readonly filter: Filter;
  readonly resampling: 'none' | 'nearest' | 'zeros';
  readonly activation: 'none' | 'clamp' | 'lookup';
  /** Bytes of the table that an activation looks up. */
  readonly tableBytes: number;
  readonly weights: NpuWeights | null;
  /** Its sums are scaled to the output's type. */
  readonly scaled: boolean;
  /** Writes its result where another operator joins it with others. */
  readonly joined: boolean;
  /** Made from the same operator as the one before, and never apart from it. */
  readonly follows: boolean;
  /** Runs on the processor: takes part in lifetimes only. */
  readonly onProcessor: boolean;
  /** Per-element operations that take its result before it is stored, in their order; `output` is the last one's. */
  readonly chained?: readonly ChainedOperation[];
  /** Kernels of the operations that became part of this one. */
  readonly taken?: readonly number[];
  /** Bits of its own result where that is chained. */
  readonly heldBits?: number;
}

/** Of chained operations, which are asked for again and again. */
const knownReads = new WeakMap<NpuOperation, readonly Connection[]>();

/** Everything that it reads, of chained operations too. */
export function readsOf(operation: NpuOperation): readonly Connection[] {
  const { inputs, chained } = operation;
  if (chained === undefined) return inputs;
  let reads = knownReads.get(operation);
  if (reads === undefined) {
    reads = [...inputs, ...chained.flatMap(({ sideInput }) => sideInput ?? [])];
    knownReads.set(operation, reads);
  }
  return reads;
}

export function partOf({ shape, slice }: Connection): Extent {
  return slice?.shape ?? shape;
}

export function bitsOf({ tensor, bits }: Connection): number {
  return bits ?? tensor.bits;
}

export function elementsOf({ height, width, depth }: Extent): number {
  return height * width * depth;
}

export function sameExtent(a: Extent, b: Extent): boolean {
  return a.height === b.height && a.width === b.width && a.depth === b.depth;
}

export function roundUp(size: number, step: number): number {
  return Math.ceil(size / step) * step;
}

/** For binary operations: the operand that the result's rows follow when it is computed piece by piece. */
export function primaryInput({ inputs, output }: NpuOperation): 0 | 1 {
  const [first, second] = inputs;
  if (second === undefined) return 0;
  if (first.tensor.constant && !second.tensor.constant) return 1;
  return !sameExtent(first.shape, output.shape) && sameExtent(second.shape, output.shape) ? 1 : 0;
}
