/** Operators that permute, regroup or mask the elements of a tensor. */
import { floorDivide, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { imageShape, isChannelsLast, spatialAxes } from './image-layout.ts';
import { moving } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeFromInput } from './shape.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxes, sameAs, shapeUnknownAs, tensor, unknownType } from './type.ts';
import { mapCoordinates, rearrange, tensorValue } from './value.ts';

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

type Resize = (size: Dimension, block: number) => Dimension;

/** Blocks of `blocksize` squared between the channels and the two spatial axes. */
function reblock(name: string, channels: Resize, spatial: Resize): Infer {
  return ({ node, inputs }) => {
    const [input] = inputs;
    if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
    const block = intAttribute(node, 'blocksize', 1);
    if (input.shape.length !== 4 || block < 1) return [unknownType(`${name}: not an image, or no block size`)];
    const last = isChannelsLast(node);
    const sizes = spatialAxes(last, input.shape).map((size) => spatial(size, block));
    const depth = channels(input.shape[last ? 3 : 1]!, block * block);
    return [tensor(input.dtype, imageShape(last, input.shape[0]!, depth, sizes), input.reason)];
  };
}

const inferDepthToSpace = reblock('DepthToSpace', floorDivide, multiply);

const inferSpaceToDepth = reblock('SpaceToDepth', multiply, floorDivide);

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

export const layoutOperators: readonly Operator[] = [
  moving('Transpose', 'Permutes the axes; each element moves once.', {
    infer: inferTranspose,
    evaluate: evaluateTranspose,
  }),
  moving('DepthToSpace', 'Channels into blocks of pixels; each element moves once.', { infer: inferDepthToSpace }),
  moving('SpaceToDepth', 'Blocks of pixels into channels; each element moves once.', { infer: inferSpaceToDepth }),
  moving('Col2Im', 'Adds columns up into an image; each output element moves once.', { infer: inferCol2Im }),
  moving('Trilu', 'Keeps a triangle of a matrix; each element moves once.', {
    infer: inferSame,
    evaluate: evaluateTrilu,
  }),
  moving('ReverseSequence', 'Reverses the fronts of sequences; each element moves once.', { infer: inferSame }),
];
