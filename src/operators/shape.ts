/** Operators on shapes, and tensors made from nothing but a shape or an attribute. */
import type { DataType } from '../ir/data-type.ts';
import { add, ceilDivide, isKnown, isUnknown, maximum, multiply, product, subtract, unknown } from '../ir/dimension.ts';
import type { Element, Initializer, Shape, TensorType, TensorValue } from '../ir/graph.ts';
import {
  floatAttribute,
  floatsAttribute,
  hasAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  stringsAttribute,
  tensorAttribute,
} from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import { moveWork, viewWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import {
  decidedAtRunTime,
  maximumRank,
  dtypeOf,
  numericShape,
  shapeUnknownAs,
  tensor,
  unknownDimensions,
  unknownType,
} from './type.ts';
import { mapCoordinates, tensorValue } from './value.ts';

/** The part of a shape that Shape's `start` and `end` (opset 15) choose. */
function chosenAxes({ node }: TypedNode, shape: Shape): Shape {
  const clamp = (axis: number): number => Math.min(Math.max(axis < 0 ? axis + shape.length : axis, 0), shape.length);
  const end = intAttribute(node, 'end', undefined);
  return shape.slice(clamp(intAttribute(node, 'start', 0)), end === undefined ? undefined : clamp(end));
}

function inferShape(context: TypedNode): readonly TensorType[] {
  const shape = context.inputs[0]?.shape;
  if (!shape) return [tensor('int64', [unknown(context.inputs[0]?.reason ?? 'the rank is not known')])];
  return [tensor('int64', [chosenAxes(context, shape).length])];
}

function evaluateShape(context: TypedNode): readonly (TensorValue | undefined)[] {
  const shape = context.inputs[0]?.shape;
  if (!shape) return [undefined];
  const chosen = chosenAxes(context, shape);
  return [tensorValue('int64', [chosen.length], chosen)];
}

function evaluateSize({ inputs }: TypedNode): readonly (TensorValue | undefined)[] {
  const shape = inputs[0]?.shape;
  return [shape ? tensorValue('int64', [], [product(shape)]) : undefined];
}

/** Type and, where small, value of what a Constant holds in one of its attributes. */
function constantOf(context: TypedNode): { readonly type: TensorType; readonly value?: TensorValue | undefined } {
  const { node } = context;
  const held = tensorAttribute(node, 'value') ?? tensorAttribute(node, 'sparse_value');
  if (held !== undefined) return { type: typeOfHeld(held), value: held.value };
  const numbers = (dtype: DataType, shape: readonly number[], elements: readonly number[]) => ({
    type: tensor(dtype, shape),
    value: tensorValue(dtype, shape, elements),
  });
  const int = intAttribute(node, 'value_int', undefined);
  if (int !== undefined) return numbers('int64', [], [int]);
  const float = floatAttribute(node, 'value_float', undefined);
  if (float !== undefined) return numbers('float32', [], [float]);
  if (hasAttribute(node, 'value_ints')) {
    const ints = intsAttribute(node, 'value_ints', []);
    return numbers('int64', [ints.length], ints);
  }
  if (hasAttribute(node, 'value_floats')) {
    const floats = floatsAttribute(node, 'value_floats', []);
    return numbers('float32', [floats.length], floats);
  }
  if (stringAttribute(node, 'value_string', undefined) !== undefined) return { type: tensor('string', []) };
  const strings = stringsAttribute(node, 'value_strings', undefined);
  return { type: strings ? tensor('string', [strings.length]) : unknownType('a Constant without a value') };
}

function typeOfHeld({ dtype, shape }: Initializer): TensorType {
  return tensor(dtype, shape);
}

/** The element that ConstantOfShape repeats: a float 0 unless the attribute says otherwise. */
function filler({ node }: TypedNode): { readonly dtype: DataType; readonly element: Element } {
  const held = tensorAttribute(node, 'value');
  if (held === undefined) return { dtype: 'float32', element: 0 };
  return { dtype: held.dtype, element: held.value?.elements[0] ?? unknown('its value was not read') };
}

/** The shape that an input's value holds: its elements, or unknown sizes of a known or unknown rank. */
export function shapeFromInput({ node, inputs, values }: TypedNode, position: number): Shape | null {
  const elements = values[position]?.elements;
  if (elements !== undefined) return elements.length > maximumRank ? null : elements;
  const rank = inputs[position]?.shape?.[0];
  const known = inputs[position]?.shape?.length === 1 && rank !== undefined && isKnown(rank);
  return known ? unknownDimensions(rank, decidedAtRunTime(node.operator)) : null;
}

function inferConstantOfShape(context: TypedNode): readonly TensorType[] {
  return [tensor(filler(context).dtype, shapeFromInput(context, 0), decidedAtRunTime('ConstantOfShape'))];
}

function evaluateConstantOfShape(context: TypedNode): readonly (TensorValue | undefined)[] {
  const shape = numericShape(shapeFromInput(context, 0));
  const { dtype, element } = filler(context);
  const elements = shape && mapCoordinates(shape, () => element);
  return [elements && tensorValue(dtype, shape, elements)];
}

/** Start, limit and step; undefined where one is not followed. */
function rangeOf({ values }: TypedNode): readonly [Element, Element, Element] | undefined {
  const [start, limit, step] = values.map((value) => value?.elements[0]);
  return start === undefined || limit === undefined || step === undefined ? undefined : [start, limit, step];
}

function rangeLength([start, limit, step]: readonly [Element, Element, Element]): Element {
  if (isUnknown(start) || isUnknown(limit) || !isKnown(step)) return unknown(decidedAtRunTime('Range'));
  if (isKnown(start) && isKnown(limit)) return Math.max(0, Math.ceil((limit - start) / step));
  if (!Number.isInteger(step) || step === 0) return unknown(decidedAtRunTime('Range'));
  const distance = step > 0 ? subtract(limit, start) : subtract(start, limit);
  // A range over a symbolic size is taken to run forward: exporters write range(0, size).
  return isKnown(start) && start === 0
    ? ceilDivide(distance, Math.abs(step))
    : maximum(0, ceilDivide(distance, Math.abs(step)));
}

function inferRange(context: TypedNode): readonly TensorType[] {
  const range = rangeOf(context);
  const length = range === undefined ? unknown(decidedAtRunTime('Range')) : rangeLength(range);
  return [tensor(dtypeOf(context.inputs[0]), [length])];
}

function evaluateRange(context: TypedNode): readonly (TensorValue | undefined)[] {
  const range = rangeOf(context);
  const length = range && rangeLength(range);
  if (range === undefined || length === undefined || !isKnown(length)) return [undefined];
  const [start, , step] = range;
  const elements = mapCoordinates([length], ([index]) => add(start, multiply(step, index!)));
  return [elements && tensorValue(context.values[0]!.dtype, [length], elements)];
}

function inferEyeLike(context: TypedNode): readonly TensorType[] {
  const [input] = context.inputs;
  const dtype = dataTypeAttribute(context, 'dtype', dtypeOf(input));
  return [input?.shape ? tensor(dtype, input.shape, input.reason) : shapeUnknownAs(dtype, input)];
}

function evaluateEyeLike(context: TypedNode): readonly (TensorValue | undefined)[] {
  const [type] = inferEyeLike(context);
  const shape = numericShape(type?.shape);
  const offset = intAttribute(context.node, 'k', 0);
  const elements = shape && mapCoordinates(shape, ([row = 0, column = 0]) => (column - row === offset ? 1 : 0));
  return [elements && tensorValue(type?.dtype, shape, elements)];
}

export const shapeOperators: readonly Operator[] = [
  {
    domain: '',
    name: 'Shape',
    documentation: 'The sizes of a tensor; free.',
    infer: inferShape,
    evaluate: evaluateShape,
    work: viewWork,
  },
  {
    domain: '',
    name: 'Size',
    documentation: 'The number of elements of a tensor; free.',
    infer: () => [tensor('int64', [])],
    evaluate: evaluateSize,
    work: viewWork,
  },
  {
    domain: '',
    name: 'Constant',
    documentation: 'A tensor that the file holds; free.',
    infer: (context) => [constantOf(context).type],
    evaluate: (context) => [constantOf(context).value],
    work: viewWork,
  },
  {
    domain: '',
    name: 'ConstantOfShape',
    documentation: 'One element repeated; each output element is written once.',
    infer: inferConstantOfShape,
    evaluate: evaluateConstantOfShape,
    work: moveWork,
  },
  {
    domain: '',
    name: 'Range',
    documentation: 'Numbers from start to limit; each is written once.',
    infer: inferRange,
    evaluate: evaluateRange,
    work: moveWork,
  },
  {
    domain: '',
    name: 'EyeLike',
    documentation: 'Ones on a diagonal; each output element is written once.',
    infer: inferEyeLike,
    evaluate: evaluateEyeLike,
    work: moveWork,
  },
];
