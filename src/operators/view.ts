/** Operators that give a tensor another shape and leave its elements where they are. */
import { equal, floorDivide, isKnown, isUnknown, product, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { viewWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeFromInput } from './shape.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  intsOperand,
  normalizeAxes,
  sameAs,
  shapeUnknownAs,
  tensor,
  unknownDimensions,
  unknownType,
} from './type.ts';
import { viewOf } from './value.ts';

function inferReshape(context: TypedNode): readonly TensorType[] {
  const { node, inputs } = context;
  const [input] = inputs;
  const wanted = intsAttribute(node, 'shape', undefined) ?? shapeFromInput(context, 1);
  if (wanted === null) return [tensor(dtypeOf(input), null, decidedAtRunTime('Reshape'))];
  return [tensor(dtypeOf(input), reshaped(input?.shape ?? null, wanted, keepsZeros(context)), input?.reason)];
}

function keepsZeros({ node }: TypedNode): boolean {
  return intAttribute(node, 'allowzero', 0) !== 0;
}

/** -1 takes what is left of the elements, and so does a single size that is not known. 0 copies the input's size. */
function reshaped(input: Shape | null, wanted: readonly Element[], zeros: boolean): Shape {
  const sizes = wanted.map((size, axis): Dimension => {
    if (size === 0 && !zeros) return input?.[axis] ?? unknown('the shape of the input is not known');
    return size;
  });
  const inferred = sizes.findIndex((size) => size === -1);
  const open = sizes.flatMap((size, axis) => (isUnknown(size) ? [axis] : []));
  const rest = inferred >= 0 ? (open.length === 0 ? inferred : undefined) : open.length === 1 ? open[0] : undefined;
  if (rest === undefined || input === null) {
    return sizes.map((size) => (size === -1 ? unknown(decidedAtRunTime('Reshape')) : size));
  }
  return sizes.with(rest, remainder(input, sizes, rest));
}

function remainder(input: Shape, sizes: Shape, rest: number): Dimension {
  const others = sizes.toSpliced(rest, 1);
  const cancelled = [...input];
  // Equal factors cancel first: an unknown size in both products then does no harm.
  const left = others.filter((size) => {
    const match = cancelled.findIndex((candidate) => candidate === size || equal(candidate, size));
    if (match >= 0) cancelled.splice(match, 1);
    return match < 0;
  });
  return floorDivide(product(cancelled), product(left));
}

function inferFlatten({ node, inputs }: TypedNode): readonly TensorType[] {
  const [input] = inputs;
  const dtype = dtypeOf(input);
  const shape = input?.shape;
  const reason = input?.reason ?? 'the shape of the input is not known';
  if (!shape) return [tensor(dtype, unknownDimensions(2, reason))];
  const axis = intAttribute(node, 'axis', 1);
  const split = axis < 0 ? axis + shape.length : axis;
  if (split < 0 || split > shape.length) return [unknownType('Flatten: the axis is outside of the rank')];
  return [tensor(dtype, [product(shape.slice(0, split)), product(shape.slice(split))])];
}

function inferSqueeze(context: TypedNode): readonly TensorType[] {
  const [input] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const given = intsOperand(context, 'axes', 1);
  if (given === null) return [tensor(dtypeOf(input), null, decidedAtRunTime('Squeeze'))];
  if (given === undefined && shape.some(isUnknown)) {
    return [tensor(dtypeOf(input), null, 'Squeeze without axes of sizes that are not known')];
  }
  const axes = given === undefined ? onesOf(shape) : normalizeAxes(given, shape.length);
  if (axes === undefined) return [unknownType('Squeeze: an axis is outside of the rank')];
  return [
    tensor(
      dtypeOf(input),
      shape.filter((_, axis) => !axes.includes(axis)),
    ),
  ];
}

function onesOf(shape: Shape): readonly number[] {
  return shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
}

function inferUnsqueeze(context: TypedNode): readonly TensorType[] {
  const [input, axesInput] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const given = intsOperand(context, 'axes', 1);
  if (given === null || given === undefined) {
    const added = axesInput?.shape?.[0];
    const reason = decidedAtRunTime('Unsqueeze');
    const rankKnown = added !== undefined && isKnown(added);
    const unknownShape = rankKnown ? unknownDimensions(shape.length + added, reason) : null;
    return [tensor(dtypeOf(input), unknownShape, reason)];
  }
  const rank = shape.length + given.length;
  const axes = normalizeAxes(given, rank);
  if (axes === undefined) return [unknownType('Unsqueeze: an axis is outside of the rank')];
  const rest = shape.values();
  return [
    tensor(
      dtypeOf(input),
      Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.next().value!)),
    ),
  ];
}

function view(name: string, documentation: string, infer: (context: TypedNode) => readonly TensorType[]): Operator {
  return { domain: '', name, documentation, infer, evaluate: viewOf(infer), work: viewWork, parameterInputs: [0] };
}

export const viewOperators: readonly Operator[] = [
  view('Reshape', 'The same elements under another shape; free.', inferReshape),
  view('Flatten', 'Folds the axes before and after one into two; free.', inferFlatten),
  view('Squeeze', 'Drops axes of size 1; free.', inferSqueeze),
  view('Unsqueeze', 'Adds axes of size 1; free.', inferUnsqueeze),
  view('Identity', 'Passes its input on; free.', ({ inputs }) => [sameAs(inputs[0])]),
];
