/** Operators that repeat the elements of a tensor or put a border around them. */
import { add, isKnown, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, TensorType, TensorValue } from '../ir/graph.ts';
import { floatAttribute, intsAttribute, stringAttribute } from './attribute.ts';
import { broadcastShapes } from './broadcast.ts';
import { moving } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeFromInput } from './shape.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  listOperand,
  normalizeAxes,
  shapeUnknownAs,
  tensor,
  unknownDimensions,
  unknownType,
} from './type.ts';
import { rearrange } from './value.ts';

type Infer = (context: TypedNode) => readonly TensorType[];
type Evaluate = (context: TypedNode) => readonly (TensorValue | undefined)[];

/** Repeats and sizes multiply; a rank that is not known stays so. */
const inferTile: Infer = (context) => {
  const [input] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const repeats = context.values[1]?.elements;
  if (repeats?.length !== shape.length) {
    return [tensor(input.dtype, unknownDimensions(shape.length, decidedAtRunTime('Tile')), input.reason)];
  }
  return [
    tensor(
      input.dtype,
      shape.map((size, axis) => multiply(size, repeats[axis]!)),
      input.reason,
    ),
  ];
};

const evaluateTile: Evaluate = (context) => {
  const [source] = context.values;
  return [rearrange(source, inferTile(context)[0], (place) => place.map((at, axis) => at % source!.shape[axis]!))];
};

const inferExpand: Infer = (context) => {
  const [input] = context.inputs;
  const target = shapeFromInput(context, 1);
  if (!input?.shape || target === null) return [tensor(dtypeOf(input), null, decidedAtRunTime('Expand'))];
  return [tensor(input.dtype, broadcastShapes(input.shape, target), input.reason)];
};

const evaluateExpand: Evaluate = (context) => {
  const [source] = context.values;
  const [type] = inferExpand(context);
  const added = (type?.shape?.length ?? 0) - (source?.shape.length ?? 0);
  return [
    rearrange(source, type, (place) => source!.shape.map((size, axis) => (size === 1 ? 0 : place[axis + added]!))),
  ];
};

/** Elements added before and after each axis (negative: cut off); undefined where the axes or pads are not followed. */
function padsOf(context: TypedNode, rank: number): readonly (readonly [Element, Element])[] | undefined {
  const { node, inputs, values } = context;
  const list = listOperand(context, node.version < 2 ? 'paddings' : 'pads', 1);
  const axes = inputs[3] === undefined ? undefined : values[3]?.elements;
  if (!list || (inputs[3] !== undefined && axes === undefined)) return undefined;
  const numbers = axes?.every(isKnown) ? normalizeAxes(axes, rank) : undefined;
  if (axes !== undefined && numbers === undefined) return undefined;
  const padded = numbers ?? Array.from({ length: rank }, (_, axis) => axis);
  if (list.length !== 2 * padded.length) return undefined;
  return Array.from({ length: rank }, (_, axis): readonly [Element, Element] => {
    const position = padded.indexOf(axis);
    return position < 0 ? [0, 0] : [list[position]!, list[position + padded.length]!];
  });
}

const inferPad: Infer = (context) => {
  const [input] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const pads = padsOf(context, shape.length);
  if (pads === undefined)
    return [tensor(input.dtype, unknownDimensions(shape.length, decidedAtRunTime('Pad')), input.reason)];
  return [
    tensor(
      input.dtype,
      shape.map((size, axis) => add(size, add(...pads[axis]!))),
      input.reason,
    ),
  ];
};

const evaluatePad: Evaluate = (context) => {
  const [source] = context.values;
  const pads = source && padsOf(context, source.shape.length);
  if (!pads || stringAttribute(context.node, 'mode', 'constant') !== 'constant') return [undefined];
  const before = pads.map(([left]) => (isKnown(left) ? left : 0));
  const fill = context.values[2]?.elements[0] ?? floatAttribute(context.node, 'value', 0);
  return [rearrange(source, inferPad(context)[0], (place) => place.map((at, axis) => at - before[axis]!), fill)];
};

const inferCenterCropPad: Infer = (context) => {
  const [input] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const axes = normalizeAxes(
    intsAttribute(
      context.node,
      'axes',
      shape.map((_, axis) => axis),
    ),
    shape.length,
  );
  const sizes = context.values[1]?.elements;
  if (axes === undefined) return [unknownType('CenterCropPad: an axis is outside of the rank')];
  const size = (axis: number): Dimension => sizes?.[axes.indexOf(axis)] ?? unknown(decidedAtRunTime('CenterCropPad'));
  return [
    tensor(
      input.dtype,
      shape.map((old, axis) => (axes.includes(axis) ? size(axis) : old)),
      input.reason,
    ),
  ];
};

export const extendOperators: readonly Operator[] = [
  moving('Tile', 'Repeats a tensor along its axes; each output element moves once.', {
    infer: inferTile,
    evaluate: evaluateTile,
  }),
  moving('Expand', 'Broadcasts to a shape; each output element moves once.', {
    infer: inferExpand,
    evaluate: evaluateExpand,
  }),
  moving('Pad', 'Adds or cuts a border; each output element moves once.', { infer: inferPad, evaluate: evaluatePad }),
  moving('CenterCropPad', 'Crops or pads around the centre; each output element moves once.', {
    infer: inferCenterCropPad,
  }),
];
