/**
 * What an operator computes, as the schedule and the simulator see it: loop nests and element-wise work, no operator
 * names. A new operator says what its loops are and is tiled and costed with no other change.
 */
import type { Fields } from '../ir/alike.ts';
import { printerOf } from '../ir/alike.ts';

/**
 * A nest of multiply-accumulates: for each of B batches and G groups, an output of K × OY × OX elements, each the sum
 * over C × FY × FX products (K and C are per group). A matrix product M×K' by K'×N is OY = M, OX = 1, K = N, C = K'.
 */
export interface LoopNest {
  readonly B: number;
  readonly G: number;
  readonly K: number;
  readonly C: number;
  readonly OY: number;
  readonly OX: number;
  readonly FY: number;
  readonly FX: number;
  /** Input steps per output step, and spacing of the filter's taps; 1 for matrix products. */
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  /** Which of the node's inputs is streamed over (activations) and which is the stationary operand (weights). */
  readonly streamedInput: number;
  readonly stationaryInput: number;
  /** The nest runs this often one after the other, each run needing the last one's result (recurrent layers). */
  readonly sequentialSteps: number;
}

const nestFields: Fields<LoopNest> = {
  ...{ B: true, G: true, K: true, C: true, OY: true, OX: true, FY: true, FX: true },
  ...{ strideY: true, strideX: true, dilationY: true, dilationX: true },
  ...{ streamedInput: true, stationaryInput: true, sequentialSteps: true },
};
const printNest = printerOf(nestFields);
const nestKeys = new WeakMap<LoopNest, string>();

/** Equal for nests that are alike. */
export function nestKey(nest: LoopNest): string {
  const key = nestKeys.get(nest) ?? printNest(nest);
  nestKeys.set(nest, key);
  return key;
}

/** Kinds of per-element work that cost differently on every machine. */
export type VectorOperation =
  | 'move' // copy, transpose, gather: bytes, no arithmetic
  | 'add' // add, subtract, compare, select, minimum, maximum, relu, clip, abs
  | 'multiply'
  | 'divide' // divide, reciprocal, square root, modulo
  | 'exponential' // exp, log, tanh, sigmoid, erf, softmax's inner step, pow, sin, cos
  | 'convert' // casts, quantize, dequantize
  | 'sort'; // top-k, sort, non-maximum suppression: per compared element

export interface VectorWork {
  readonly operation: VectorOperation;
  /** Elements times operations per element, for one run of the node. */
  readonly elements: number;
}

/** Rows of a target's efficiency table: operators of one class run at one rate, never one rate for a chip. */
export type OperatorClass =
  | 'convolution' // spatial filter, more than one input channel per group
  | 'pointwise-convolution' // 1x1
  | 'depthwise-convolution' // one input channel per group
  | 'transposed-convolution'
  | 'fully-connected' // one operand constant, few rows
  | 'matmul' // matrix products, batched or of two activations
  | 'recurrent'
  | 'pooling'
  | 'elementwise'
  | 'reduction'
  | 'normalization'
  | 'softmax'
  | 'resize'
  | 'data-movement' // transpose, concat, split, slice, gather, pad, tile
  | 'view' // reshape, squeeze, flatten: no bytes move
  | 'quantize'
  | 'sort'
  | 'control';

export interface Work {
  readonly operatorClass: OperatorClass;
  readonly nests: readonly LoopNest[];
  readonly vector: readonly VectorWork[];
}

/** Multiply-accumulates of one nest, all sequential steps included. */
export function nestMacs(nest: LoopNest): number {
  const { B, G, K, C, OY, OX, FY, FX, sequentialSteps } = nest;
  return B * G * K * C * OY * OX * FY * FX * sequentialSteps;
}

export function workMacs(work: Work): number {
  return work.nests.reduce((sum, nest) => sum + nestMacs(nest), 0);
}
