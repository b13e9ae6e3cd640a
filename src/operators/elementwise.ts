/** What all element-wise operators share: broadcasting, evaluation of small values, and work per output element. */
import type { DataType } from '../ir/data-type.ts';
import type { TensorType, TensorValue } from '../ir/graph.ts';
import { hasAttribute } from './attribute.ts';
import { broadcastAll } from './broadcast.ts';
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { ElementOperation } from './element-arithmetic.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, numericShape, shapeUnknownAs, tensor } from './type.ts';
import { mapCoordinates, stridesOf, tensorValue } from './value.ts';

export interface Elementwise {
  /** Absent: ai.onnx. */
  readonly domain?: string;
  readonly name: string;
  /** What it computes, in words or as a formula. */
  readonly summary: string;
  /** Of each output element; for a variadic operator of each operand after the first. */
  readonly cost: Cost;
  /** Element type of the result; absent: that of the operands. */
  readonly dtype?: (typed: TypedNode) => DataType | null;
  /** Absent: its values decide no shapes in practice and are not followed. */
  readonly evaluate?: ElementOperation;
  /** The first operand alone gives the shape; the others are bounds or slopes that broadcast to it. */
  readonly shapeOfFirst?: boolean;
  /** Any number of operands. */
  readonly variadic?: boolean;
  readonly parameterInputs?: readonly number[];
}

export function elementwise(entry: Elementwise): Operator {
  const each = entry.variadic === true ? 'for each output element and operand after the first' : 'per output element';
  const { evaluate } = entry;
  return {
    domain: entry.domain ?? '',
    name: entry.name,
    documentation: `${entry.summary}. Counted as ${printCost(entry.cost)} ${each}.`,
    infer: (context) => [broadcastType(context, entry)],
    work: ({ inputs }, [output]) => {
      const times = entry.variadic === true ? Math.max(1, inputs.length - 1) : 1;
      return { operatorClass: 'elementwise', nests: [], vector: vectorWork(elementsOf(output) * times, entry.cost) };
    },
    ...(evaluate && { evaluate: (context) => [evaluateElementwise(context, evaluate, resultDtype(context, entry))] }),
    ...(entry.parameterInputs && { parameterInputs: entry.parameterInputs }),
  };
}

function resultDtype(typed: TypedNode, { dtype }: Elementwise): DataType | null {
  return dtype === undefined ? operandDtype(typed) : dtype(typed);
}

/** The type of the first operand whose type is known: ONNX asks that all agree. */
export function operandDtype({ inputs }: TypedNode): DataType | null {
  return dtypeOf(inputs.find((input) => dtypeOf(input) !== null));
}

function broadcastType(typed: TypedNode, entry: Elementwise): TensorType {
  const dtype = resultDtype(typed, entry);
  const operands = typed.inputs.filter((input) => input !== undefined);
  if (operands.length === 0) return tensor(dtype, null, 'it has no inputs');
  const shape =
    entry.shapeOfFirst === true || isAligned(typed)
      ? operands[0]!.shape
      : broadcastAll(operands.map((operand) => operand.shape));
  return shape === null
    ? shapeUnknownAs(
        dtype,
        operands.find((operand) => operand.shape === null),
      )
    : tensor(dtype, shape);
}

/** Before opset 7 the second operand was aligned to the first by attributes, and the first gave the shape. */
function isAligned({ node }: TypedNode): boolean {
  return node.domain === '' && node.version < 7 && (hasAttribute(node, 'axis') || hasAttribute(node, 'broadcast'));
}

/** The operation on all inputs of the node, broadcast; undefined unless all of them have values. */
export function evaluateElementwise(
  context: TypedNode,
  operation: ElementOperation,
  dtype: DataType | null,
): TensorValue | undefined {
  const given = context.inputs.map((_, position) => context.values[position]);
  const values = given.filter((value) => value !== undefined);
  const shape = numericShape(broadcastAll(values.map((value) => value.shape)));
  const operands = operandDtype(context);
  if (values.length < given.length || values.length === 0 || isAligned(context) || !shape || !operands)
    return undefined;
  if (values.some((value) => value.dtype === 'string')) return undefined;
  const strides = values.map((value) => broadcastStrides(value.shape, shape.length));
  const elements = mapCoordinates(shape, (coordinates) =>
    operation(
      values.map((value, operand) => value.elements[offsetOf(coordinates, strides[operand]!)]!),
      operands,
    ),
  );
  return elements && tensorValue(dtype, shape, elements);
}

/** Row-major strides against the common rank; 0 along axes that are repeated. */
function broadcastStrides(shape: readonly number[], rank: number): readonly number[] {
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return [...new Array<number>(rank - shape.length).fill(0), ...strides];
}

function offsetOf(coordinates: readonly number[], strides: readonly number[]): number {
  return coordinates.reduce((offset, position, axis) => offset + position * strides[axis]!, 0);
}
