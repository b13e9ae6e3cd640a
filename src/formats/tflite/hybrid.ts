/** Operators that have a kernel for float activations and weights of a few bits. */
import { bitsPerElement, isQuantizedInteger } from '../../ir/data-type.ts';
import type { FileOperator } from './operator.ts';

/**
 * By builtin code: where the weight stands whose type chooses the kernel. CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED,
 * the recurrent layers (of LSTM the forget gate's, which no variant lacks), BATCH_MATMUL.
 * Source: the `EvalHybrid` functions in tensorflow/lite/kernels.
 */
const weightPositions: ReadonlyMap<number, number> = new Map([
  [3, 1],
  [4, 1],
  [9, 1],
  [16, 2],
  [24, 1],
  [27, 1],
  [35, 1],
  [44, 2],
  [46, 1],
  [52, 2],
  [126, 1],
]);

export function isHybrid({ code, inputTypes }: FileOperator): boolean {
  const weight = inputTypes[weightPositions.get(code) ?? -1]?.dtype;
  return inputTypes[0]?.dtype === 'float32' && !!weight && isQuantizedInteger(weight) && bitsPerElement(weight) <= 8;
}
