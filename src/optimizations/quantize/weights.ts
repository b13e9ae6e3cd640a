/** Weights as the edited file stores them. */
import { elementCount } from '../../formats/dense.ts';
import { bitsPerElement, bytesOf, isFloat, isQuantizedInteger } from '../../ir/data-type.ts';
import type { DataType } from '../../ir/data-type.ts';
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import type { EditedGraph, EditedWeight } from '../optimization.ts';
import { originsOf } from '../rewriting.ts';
import type { WeightChange } from '../weights/weight-change.ts';
import { addConstant, nameFor, newConstant, setConstant, withEnding } from './draft.ts';
import type { Draft } from './draft.ts';

/** Why a constant cannot be quantized; undefined where it can. `what`: "its weights". */
export function whyNotFloat(constant: Initializer | undefined, graph: Graph, what: string): string | undefined {
  if (constant === undefined) return `${what} are not constant`;
  const { dtype } = constant;
  if (isQuantizedInteger(dtype)) return `${what} are already ${dtype}`;
  if (!isFloat(dtype)) return `${what} are ${dtype}, not floats`;
  const bits = storedBits(constant, graph);
  return bits < bitsPerElement(dtype) ? `${what} are already stored in ${bits} bits` : undefined;
}

/** Per element; less than the type has where an edit changed the file alone. */
export function storedBits(constant: Initializer, graph: Graph): number {
  const elements = constant.nonZeros ?? elementCount(constant.shape);
  const fileBytes = originsOf(constant, graph).reduce((total, origin) => total + origin.fileBytes, 0);
  return elements === 0 || fileBytes === 0 ? bitsPerElement(constant.dtype) : Math.round((8 * fileBytes) / elements);
}

export interface Storing {
  readonly node: Node;
  readonly from: Initializer;
  readonly dtype: DataType;
  readonly change: WeightChange;
  /** Absent: `<name>_quantized`. */
  readonly name?: string;
  /** Absent: that of `from`. */
  readonly shape?: readonly number[];
  readonly storage?: readonly Initializer[];
}

/** Puts down what takes the place of `from` in the file. Scales that count as the weights' own bytes are `storage`. */
export function storeWeight(
  draft: Draft,
  { node, from, dtype, change, name, shape, storage = [] }: Storing,
): Initializer {
  const { nonZeros, indices, available } = from;
  const sparse = nonZeros === undefined ? {} : { nonZeros, ...(indices && { indices }) };
  const elements = nonZeros ?? elementCount(shape ?? from.shape);
  const to: Initializer = {
    ...newConstant({
      name: nameFor(draft, name ?? withEnding(draft, from.name, 'quantized')),
      dtype,
      shape: shape ?? from.shape,
      fileBytes: bytesOf(dtype, elements) + (indices?.fileBytes ?? 0),
      available,
    }),
    ...sparse,
  };
  setConstant(draft, to);
  for (const each of storage) setConstant(draft, each);
  draft.weights.push({ node: node.id, from, to, change, storage } satisfies EditedWeight);
  return to;
}

/** What a layer reads of a stored constant once the file's DequantizeLinear is folded: the integers stay. */
export function addDequantized(draft: Draft, name: string, from: Initializer, stored: readonly Initializer[]): void {
  setConstant(draft, {
    name,
    dtype: stored[0]!.dtype,
    shape: from.shape,
    encoding: 'raw',
    ranges: [],
    fileBytes: 0,
    available: from.available,
    foldedFrom: stored.map((each) => each.name),
  });
}

/** As ONNX Runtime writes them: numbers in int32_data, where a negative one takes ten bytes. */
export const zeroPointBytes = { zero: 1, negative: 10 } as const;

/** `QuantizationParameters.zero_point` is a vector of int64 (schema.fbs). */
const tfliteZeroPointBytes = 8;

/** A scale and a zero point of 0 for the whole of a weight, or for each slice along `axis`. */
export function addWeightScale(draft: Draft, weight: Initializer, axis: number | undefined): readonly [string, string] {
  const shape = axis === undefined ? [] : [weight.shape[axis] ?? 1];
  const bytes = draft.scope.model.format === 'tflite' ? tfliteZeroPointBytes : zeroPointBytes.zero;
  const zeroPoint = nameFor(draft, `${weight.name}_zero_point`);
  addConstant(draft, { name: zeroPoint, dtype: 'int8', shape, fileBytes: elementCount(shape) * bytes });
  const scale = nameFor(draft, `${weight.name}_scale`);
  addConstant(draft, { name: scale, dtype: 'float32', shape });
  return [scale, zeroPoint];
}

/**
 * The given graph with nothing but the sizes of what the file stores changed: on a target that takes the floats for that
 * type already, the rest is as it was. Elements can still be read: they are the given ones.
 */
export function storedOnly(given: Graph, weights: readonly EditedWeight[]): Graph {
  const initializers = new Map(given.initializers);
  for (const { from, to, storage } of weights) {
    const bytes = [to, ...storage].reduce((total, { fileBytes }) => total + fileBytes, 0);
    originsOf(from, given).forEach((origin, index) => {
      initializers.set(origin.name, { ...origin, ranges: [...origin.ranges], fileBytes: index === 0 ? bytes : 0 });
    });
  }
  return { ...given, initializers };
}

/** See `EditScope.assumed`. */
export function inTheFileOnly(given: Graph, edited: EditedGraph): EditedGraph {
  return { ...edited, graph: storedOnly(given, edited.weights) };
}
