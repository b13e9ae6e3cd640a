/** Operators that join tensors along an axis and cut them again. */
import { add, floorDivide, isKnown, isUnknown, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { moving } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  listOperand,
  normalizeAxis,
  numericShape,
  shapeUnknownAs,
  tensor,
  unknownType,
} from './type.ts';
import { maximumElements, rearrange, sizeOf, tensorValue } from './value.ts';

type Infer = (context: TypedNode) => readonly TensorType[];
type Evaluate = (context: TypedNode) => readonly (TensorValue | undefined)[];

const inferConcat: Infer = ({ node, inputs }) => {
  const dtype = inputs.find((input) => input?.dtype)?.dtype ?? null;
  const shapes = inputs.map((input) => input?.shape ?? null);
  const known = shapes.filter((shape) => shape !== null);
  const [first] = known;
  if (first === undefined) return [shapeUnknownAs(dtype, inputs[0])];
  const axis = normalizeAxis(intAttribute(node, 'axis', 1), first.length);
  if (axis === undefined || known.some((shape) => shape.length !== first.length)) {
    return [unknownType('Concat: the axis or a rank does not fit')];
  }
  const all = known.length === inputs.length;
  const joined = first.map((_, position) => {
    if (position !== axis) return known.map((shape) => shape[position]!).reduce(moreSpecific);
    return all ? known.map((shape) => shape[axis]!).reduce(add) : unknown('the shape of an input is not known');
  });
  return [tensor(dtype, joined)];
};

/** Of two sizes that must be the same, the one that says more. */
function moreSpecific(a: Dimension, b: Dimension): Dimension {
  if (isKnown(a)) return a;
  return isKnown(b) || isUnknown(a) ? b : a;
}

const evaluateConcat: Evaluate = (context) => {
  const [type] = inferConcat(context);
  const shape = numericShape(type?.shape);
  const sources = context.values;
  if (shape === undefined || sizeOf(shape) > maximumElements) return [undefined];
  if (!sources.every((source) => source !== undefined)) return [undefined];
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 1), shape.length)!;
  const inner = sizeOf(shape.slice(axis + 1));
  const elements: Element[] = [];
  // An empty tensor can have any number of empty slices.
  const outerCount = sizeOf(shape) === 0 ? 0 : sizeOf(shape.slice(0, axis));
  for (let outer = 0; outer < outerCount; outer++) {
    for (const source of sources) {
      const length = source.shape[axis]! * inner;
      elements.push(...source.elements.slice(outer * length, (outer + 1) * length));
    }
  }
  return [tensorValue(type?.dtype, shape, elements)];
};

/** Sizes along the axis of each output: from the attribute or input, else equal parts. */
function splitSizes(context: TypedNode, size: Dimension): readonly Dimension[] {
  const { node } = context;
  const given = listOperand(context, 'split', 1);
  if (given === null) return node.outputs.map(() => unknown(decidedAtRunTime('Split')));
  if (given !== undefined) return given;
  const parts = intAttribute(node, 'num_outputs', node.outputs.length);
  if (parts < 1) return [];
  if (!isKnown(size)) return node.outputs.map(() => floorDivide(size, parts));
  const part = Math.ceil(size / parts);
  return node.outputs.map((_, position) => Math.min(part, Math.max(0, size - position * part)));
}

const inferSplit: Infer = (context) => {
  const { node, inputs } = context;
  const [input] = inputs;
  const shape = input?.shape;
  if (!shape) return node.outputs.map(() => shapeUnknownAs(dtypeOf(input), input));
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), shape.length);
  if (axis === undefined) return node.outputs.map(() => unknownType('Split: the axis is outside of the rank'));
  const sizes = splitSizes(context, shape[axis]!);
  return node.outputs.map((_, position) =>
    tensor(input.dtype, shape.with(axis, sizes[position] ?? unknown('Split: more outputs than sizes')), input.reason),
  );
};

const evaluateSplit: Evaluate = (context) => {
  const types = inferSplit(context);
  const [source] = context.values;
  if (source === undefined) return [];
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), source.shape.length);
  if (axis === undefined) return [];
  let start = 0;
  return types.map((type) => {
    const offset = start;
    const size = type.shape?.[axis];
    start += size !== undefined && isKnown(size) ? size : 0;
    return rearrange(source, type, (place) => place.with(axis, place[axis]! + offset));
  });
};

export const concatOperators: readonly Operator[] = [
  moving(
    'Concat',
    'Joins tensors along an axis; each element moves once.',
    { infer: inferConcat, evaluate: evaluateConcat },
    'all',
  ),
  moving('Split', 'Cuts a tensor along an axis; each element moves once.', {
    infer: inferSplit,
    evaluate: evaluateSplit,
  }),
];
