/**
 * What pairs take in the file: scales, zero points, and nodes that the graph does not hold, since what they stand around
 * computes in integers. They are counted by the lengths of their names, and not kept.
 */
import { elementCount } from '../../formats/dense.ts';
import { textBytes } from '../../formats/onnx/encoded-size.ts';
import { bytesOf } from '../../ir/data-type.ts';
import type { Attributes, Initializer } from '../../ir/graph.ts';
import { namedConstantBytes, namedNodeBytes } from '../file-bytes.ts';
import { axisAttributes } from './axis-attributes.ts';
import { derivedName } from './draft.ts';
import type { Draft } from './draft.ts';
import { zeroPointBytes } from './weights.ts';

export interface Scale {
  readonly scale: string;
  readonly zeroPoint: string;
  /** Bytes that either name has beyond one for each character. */
  readonly beyond: number;
}

/** The names of one dequantizer or quantizer, which is named after a tensor as they all are. */
export interface QuantizerNames {
  readonly tensor: string;
  readonly input: string;
  readonly output: string;
}

type Stored = Pick<Initializer, 'shape' | 'fileBytes'>;

/**
 * One scale and zero point of what lies between any two numbers. Behind an activation that gives nothing below 0 the zero
 * point is -128; for all others calibration decides, and it is below 0 as often as not: taken as such.
 */
export function countOffsetScale(draft: Draft, tensor: string): Scale {
  const zeroPoint = derivedName(draft, tensor, 'zero_point');
  return counted(draft, { zeroPoint, scale: derivedName(draft, tensor, 'scale'), beyond: beyondAscii(tensor) }, offset);
}

export const offsetZeroPoint = { dtype: 'int8', shape: [], fileBytes: zeroPointBytes.negative } as const;
export const offsetScale = { dtype: 'float32', shape: [], fileBytes: bytesOf('float32', 1) } as const;
const offset = { zeroPoint: offsetZeroPoint, scale: offsetScale };

/** A scale and a zero point of 0 for the whole of a weight, or for each slice. */
export function countWeightScale(draft: Draft, tensor: string, shape: readonly number[]): Scale {
  const zeroPoint = derivedName(draft, tensor, 'zero_point');
  const names = { zeroPoint, scale: derivedName(draft, tensor, 'scale'), beyond: beyondAscii(tensor) };
  return counted(draft, names, {
    zeroPoint: { shape, fileBytes: elementCount(shape) * zeroPointBytes.zero },
    scale: { shape, fileBytes: bytesOf('float32', elementCount(shape)) },
  });
}

export function countBiasScale(draft: Draft, tensor: string, slices: number): Scale {
  const scale = derivedName(draft, tensor, 'quantized_scale');
  const names = { scale, zeroPoint: derivedName(draft, tensor, 'quantized_zero_point'), beyond: beyondAscii(tensor) };
  const zeroPoint =
    slices > 1
      ? { shape: [slices], fileBytes: bytesOf('int32', slices) }
      : { shape: [], fileBytes: zeroPointBytes.zero };
  return counted(draft, names, { zeroPoint, scale: { shape: [slices], fileBytes: bytesOf('float32', slices) } });
}

function counted(
  { further, scope: { model } }: Draft,
  names: Scale,
  { scale, zeroPoint }: { readonly scale: Stored; readonly zeroPoint: Stored },
): Scale {
  further.bytes +=
    namedConstantBytes(model, names.scale.length + names.beyond, scale) +
    namedConstantBytes(model, names.zeroPoint.length + names.beyond, zeroPoint);
  return names;
}

export function countDequantizer(draft: Draft, names: QuantizerNames, scale: Scale, axis?: number): void {
  countQuantizer(draft, names, scale, { operator: 'DequantizeLinear', attributes: axisAttributes(axis) });
}

export function countQuantizer(
  { further, scope: { model } }: Draft,
  { tensor, input, output }: QuantizerNames,
  { scale, zeroPoint, beyond }: Scale,
  node: { readonly operator: string; readonly attributes: Attributes },
): void {
  const own = beyondAscii(tensor);
  const lengths = {
    name: tensor.length + own + 1 + node.operator.length,
    inputs: [input.length + own, scale.length + beyond, zeroPoint.length + beyond],
    output: output.length + own,
  };
  further.bytes += namedNodeBytes(model, lengths, node);
  further.nodes.set(node.operator, (further.nodes.get(node.operator) ?? 0) + 1);
}

/** All names that are made of one another's have as many. */
function beyondAscii(name: string): number {
  return textBytes(name) - name.length;
}
