/** Operators that move elements to other places along axes of a tensor, and copy or pad them. */
import { add, floorDivide, isKnown, isUnknown, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, Shape, TensorType, TensorValue } from '../ir/graph.ts';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from './attribute.ts';
import { broadcastShapes } from './broadcast.ts';
import { moveWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeFromInput } from './shape.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  listOperand,
  normalizeAxes,
  normalizeAxis,
  numericShape,
  sameAs,
  shapeUnknownAs,
  tensor,
  unknownDimensions,
  unknownType,
} from './type.ts';
import { mapCoordinates, rearrange, sizeOf, tensorValue } from './value.ts';

type Infer = (context: TypedNode) => readonly TensorType[];
type Evaluate = (context: TypedNode) => readonly (TensorValue | undefined)[];

function permutationOf({ node }: TypedNode, rank: number): readonly number[] | undefined {
  const permutation = intsAttribute(node, 'perm', undefined);
  if (permutation === undefined) return Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return permutation.length === rank ? normalizeAxes(permutation, rank) : undefined;
}

const inferTranspose: Infer = (context) => {
  const [input] = context.inputs;
  if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const permutation = permutationOf(context, input.shape.length);
  if (permutation === undefined) return [unknownType('Transpose: perm is not a permutation of the axes')];
  return [
    tensor(
      input.dtype,
      permutation.map((axis) => input.shape![axis]!),
      input.reason,
    ),
  ];
};

const evaluateTranspose: Evaluate = (context) => {
  const [source] = context.values;
  const permutation = source && permutationOf(context, source.shape.length);
  if (permutation === undefined) return [undefined];
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return [rearrange(source, inferTranspose(context)[0], (place) => inverse.map((axis) => place[axis]!))];
};

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
  if (shape === undefined || !sources.every((source) => source !== undefined)) return [undefined];
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 1), shape.length)!;
  const inner = sizeOf(shape.slice(axis + 1));
  const elements: Element[] = [];
  for (let outer = 0; outer < sizeOf(shape.slice(0, axis)); outer++) {
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

/** Blocks of `blocksize` squared between the channels and the two spatial axes. */
function reblock(name: string, change: (shape: Shape, block: number) => Shape): Infer {
  return ({ node, inputs }) => {
    const [input] = inputs;
    if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
    const block = intAttribute(node, 'blocksize', 1);
    if (input.shape.length !== 4 || block < 1) return [unknownType(`${name}: not an image, or no block size`)];
    return [tensor(input.dtype, change(input.shape, block), input.reason)];
  };
}

const inferDepthToSpace = reblock('DepthToSpace', ([batch, channels, height, width], block) => [
  batch!,
  floorDivide(channels!, block * block),
  multiply(height!, block),
  multiply(width!, block),
]);

const inferSpaceToDepth = reblock('SpaceToDepth', ([batch, channels, height, width], block) => [
  batch!,
  multiply(channels!, block * block),
  floorDivide(height!, block),
  floorDivide(width!, block),
]);

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

/** N x (C * block elements) x blocks becomes N x C x image. */
const inferCol2Im: Infer = (context) => {
  const [input] = context.inputs;
  const image = shapeFromInput(context, 1);
  const block = context.values[2]?.elements;
  if (!input?.shape || image === null) return [tensor(dtypeOf(input), null, decidedAtRunTime('Col2Im'))];
  const channels = block
    ? floorDivide(input.shape[1] ?? 1, block.reduce<Dimension>(multiply, 1))
    : unknown(decidedAtRunTime('Col2Im'));
  return [tensor(input.dtype, [input.shape[0] ?? 1, channels, ...image], input.reason)];
};

const evaluateTrilu: Evaluate = (context) => {
  const [source] = context.values;
  const offset = context.inputs[1] === undefined ? 0 : context.values[1]?.elements[0];
  if (source === undefined || typeof offset !== 'number' || source.shape.length < 2) return [undefined];
  const upper = intAttribute(context.node, 'upper', 1) !== 0;
  const elements = mapCoordinates(source.shape, (place) => {
    const distance = place.at(-1)! - place.at(-2)!;
    return upper ? distance >= offset : distance <= offset;
  });
  return [
    tensorValue(
      source.dtype,
      source.shape,
      source.elements.map((one, index) => (elements![index] ? one : 0)),
    ),
  ];
};

const inferSame: Infer = ({ inputs }) => [sameAs(inputs[0])];

function moving(
  name: string,
  documentation: string,
  { infer, evaluate }: { readonly infer: Infer; readonly evaluate?: Evaluate },
  parameterInputs: readonly number[] | 'all' = [0],
): Operator {
  const known = { domain: '', name, documentation, infer, work: moveWork, parameterInputs };
  return evaluate === undefined ? known : { ...known, evaluate };
}

export const layoutOperators: readonly Operator[] = [
  moving('Transpose', 'Permutes the axes; each element moves once.', {
    infer: inferTranspose,
    evaluate: evaluateTranspose,
  }),
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
  moving('Tile', 'Repeats a tensor along its axes; each output element moves once.', {
    infer: inferTile,
    evaluate: evaluateTile,
  }),
  moving('Expand', 'Broadcasts to a shape; each output element moves once.', {
    infer: inferExpand,
    evaluate: evaluateExpand,
  }),
  moving('Pad', 'Adds or cuts a border; each output element moves once.', { infer: inferPad, evaluate: evaluatePad }),
  moving('DepthToSpace', 'Channels into blocks of pixels; each element moves once.', { infer: inferDepthToSpace }),
  moving('SpaceToDepth', 'Blocks of pixels into channels; each element moves once.', { infer: inferSpaceToDepth }),
  moving('CenterCropPad', 'Crops or pads around the centre; each output element moves once.', {
    infer: inferCenterCropPad,
  }),
  moving('Col2Im', 'Adds columns up into an image; each output element moves once.', { infer: inferCol2Im }),
  moving('Trilu', 'Keeps a triangle of a matrix; each element moves once.', {
    infer: inferSame,
    evaluate: evaluateTrilu,
  }),
  moving('ReverseSequence', 'Reverses the fronts of sequences; each element moves once.', { infer: inferSame }),
];
