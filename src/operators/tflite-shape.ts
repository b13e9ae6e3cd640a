/** TFLite's operators whose output shape follows from the values of operands, or from the data. */
import { add, floorDivide, isKnown, maximum, multiply, product, subtract, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, Shape, TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { broadcastDimensions } from './broadcast.ts';
import { elementsOf, halvings, vectorWork } from './counting.ts';
import { moveWork, viewWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeFromInput } from './shape.ts';
import { decidedAtRunTime, dtypeOf, shapeUnknownAs, tensor, unknownDimensions, unknownType } from './type.ts';
import { tensorValue } from './value.ts';

type Infer = (context: TypedNode) => readonly TensorType[];

const tfliteDomain = 'tflite';

/** Spatial axes scaled by a block, the batch by the blocks' elements, and borders cut or added. */
function blocks(toBatch: boolean): Infer {
  return ({ inputs, values, node }) => {
    const [input] = inputs;
    const [, block, borders] = values.map((value) => value?.elements);
    if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
    if (block === undefined || borders?.length !== 2 * block.length) {
      return [
        tensor(input.dtype, unknownDimensions(input.shape.length, decidedAtRunTime(node.operator)), input.reason),
      ];
    }
    const all = block.reduce<Dimension>(multiply, 1);
    const shape = input.shape.map((size, axis): Dimension => {
      if (axis === 0) return toBatch ? multiply(size, all) : floorDivide(size, all);
      const each = block[axis - 1];
      if (each === undefined) return size;
      const border = add(borders[2 * (axis - 1)]!, borders[2 * (axis - 1) + 1]!);
      return toBatch ? floorDivide(add(size, border), each) : subtract(multiply(size, each), border);
    });
    return [tensor(input.dtype, shape, input.reason)];
  };
}

const inferSliceBySize: Infer = ({ inputs, values }) => {
  const [input] = inputs;
  const [, begins, sizes] = values.map((value) => value?.elements);
  if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const open = unknown(decidedAtRunTime('Slice'));
  const shape = input.shape.map((size, axis): Dimension => {
    const wanted = sizes?.[axis] ?? open;
    return wanted === -1 ? subtract(size, begins?.[axis] ?? open) : wanted;
  });
  return [tensor(input.dtype, shape, input.reason)];
};

/** Only the rank follows where begins and ends are computed while the model runs; their number is known. */
const inferStridedSlice: Infer = ({ node, inputs, values }) => {
  const [input, begins] = inputs;
  const count = begins?.shape?.[0];
  if (!input?.shape || count === undefined || !isKnown(count)) return [shapeUnknownAs(dtypeOf(input), input)];
  const bit = (name: string, position: number) =>
    position < 32 && ((intAttribute(node, name, 0) >>> position) & 1) === 1;
  if (intAttribute(node, 'ellipsis_mask', 0) !== 0)
    return [tensor(input.dtype, null, decidedAtRunTime('StridedSlice'))];
  const shape: Dimension[] = [];
  let axis = 0;
  for (let position = 0; position < Math.min(count, 64); position += 1) {
    if (bit('new_axis_mask', position)) shape.push(1);
    else {
      if (!bit('shrink_axis_mask', position)) shape.push(lengthOf(position, input.shape[axis]));
      axis += 1;
    }
  }
  return [tensor(input.dtype, [...shape, ...input.shape.slice(axis)], input.reason)];

  function lengthOf(position: number, size: Dimension | undefined): Dimension {
    const open = unknown(decidedAtRunTime('StridedSlice'));
    const at = (operand: number) => values[operand]?.elements[position];
    const begin = bit('begin_mask', position) ? 0 : at(1);
    const end = bit('end_mask', position) ? size : at(2);
    if (size === undefined || at(3) !== 1 || begin === undefined || end === undefined) return open;
    if ((isKnown(begin) && begin < 0) || (isKnown(end) && end < 0)) return open;
    return maximum(0, subtract(end, begin));
  }
};

/** The shape is an operand: the first, or the one at `position`. */
function shapedBy(position: number, typeFrom: number): Infer {
  return (context) => {
    const dtype = dtypeOf(context.inputs[typeFrom]);
    const shape = shapeFromInput(context, position);
    return [shape === null ? tensor(dtype, null, decidedAtRunTime(context.node.operator)) : tensor(dtype, shape)];
  };
}

/** Rows for each segment; inputs: data, segment of each row, number of segments. */
const inferUnsortedSegment: Infer = ({ inputs: [data, segments], values }) => {
  if (!data?.shape || !segments?.shape) return [shapeUnknownAs(dtypeOf(data), data?.shape ? segments : data)];
  const count = values[2]?.elements[0] ?? unknown(decidedAtRunTime('UnsortedSegment'));
  return [tensor(data.dtype, [count, ...data.shape.slice(segments.shape.length)], data.reason)];
};

function where(length: (elements: Dimension) => Dimension): Infer {
  return ({ inputs: [input] }) => {
    const rank = input?.shape?.length ?? unknown('the rank is not known');
    return [tensor('int64', [length(input?.shape ? product(input.shape) : unknown('the shape is not known')), rank])];
  };
}

/** The last axis becomes a square matrix's two. */
const inferMatrixDiagonal: Infer = ({ inputs: [input] }) => [
  input?.shape
    ? tensor(input.dtype, [...input.shape, input.shape.at(-1) ?? 1], input.reason)
    : shapeUnknownAs(dtypeOf(input), input),
];

/** The last axis becomes `length/2+1` complex numbers. */
const inferRealFft: Infer = ({ inputs: [input], values }) => {
  if (!input?.shape) return [shapeUnknownAs('complex64', input)];
  const [rows, columns] = values[1]?.elements ?? [];
  const open = unknown(decidedAtRunTime('RealFft2d'));
  const half = columns === undefined ? open : add(floorDivide(columns, 2), 1);
  return [tensor('complex64', [...input.shape.slice(0, -2), rows ?? open, half])];
};

/** The common shape of two, as numbers. */
function broadcastArguments({ values, inputs }: TypedNode): readonly (TensorValue | undefined)[] {
  const [a, b] = [values[0]?.elements, values[1]?.elements];
  if (a === undefined || b === undefined) return [undefined];
  const length = Math.max(a.length, b.length);
  const at = (list: readonly Element[], axis: number) => list[axis - length + list.length] ?? 1;
  const elements = Array.from({ length }, (_, axis) => broadcastDimensions(at(a, axis), at(b, axis)));
  return [tensorValue(dtypeOf(inputs[0]), [length], elements)];
}

const inferBroadcastArguments: Infer = ({ inputs: [a, b] }) => {
  const [first, second] = [a?.shape?.[0], b?.shape?.[0]];
  if (first === undefined || second === undefined) return [unknownType('a shape is not known')];
  return [tensor(dtypeOf(a), [maximum(first, second)])];
};

function rankValue({ node, inputs }: TypedNode): readonly (TensorValue | undefined)[] {
  const rank = inputs[0]?.shape?.length ?? intAttribute(node, 'rank', undefined);
  return [rank === undefined ? undefined : tensorValue('int32', [], [rank])];
}

function row(name: string, documentation: string, rest: Pick<Operator, 'infer'> & Partial<Operator>): Operator {
  return { domain: tfliteDomain, name, documentation, work: moveWork, parameterInputs: [0], ...rest };
}

const allOf = (size: Dimension): Dimension => size;
const fullShape = ({ inputs }: TypedNode): readonly TensorType[] => [inputs[0] ?? unknownType('an input is missing')];

/** Radix-2: half a multiplication and one addition of complex numbers for each element and step. */
function fourierWork(outputs: readonly TensorType[], input: TensorType | undefined) {
  const elements = elementsOf(input);
  const shape: Shape = input?.shape ?? [];
  const steps = shape.slice(-2).reduce<number>((sum, size) => sum + halvings(Math.max(1, Number(size))), 0);
  return {
    operatorClass: 'reduction' as const,
    nests: [],
    vector: [
      ...vectorWork(Math.round((elements * steps) / 2), { multiply: 4, add: 6 }),
      ...vectorWork(elementsOf(outputs[0]), { move: 1 }),
    ],
  };
}

export const tfliteShapeOperators: readonly Operator[] = [
  row('SpaceToBatchNd', 'Blocks of positions into the batch; each output element moves once.', { infer: blocks(true) }),
  row('BatchToSpaceNd', 'The batch into blocks of positions; each output element moves once.', {
    infer: blocks(false),
  }),
  row('SliceBySize', 'A slice whose place only a run knows; each output element moves once.', {
    infer: inferSliceBySize,
    upperBound: fullShape,
  }),
  row('StridedSlice', 'A slice whose ends only a run knows; each output element moves once.', {
    infer: inferStridedSlice,
    upperBound: fullShape,
  }),
  row('ScatterNd', 'Slices at indexed places of zeros; each output element moves once.', { infer: shapedBy(2, 1) }),
  row('SparseToDense', 'Elements at indexed places; each output element moves once.', { infer: shapedBy(1, 2) }),
  row('MatrixDiag', 'A matrix for each diagonal; each output element moves once.', { infer: inferMatrixDiagonal }),
  row('UnsortedSegment', 'One result for each segment of rows; one addition per input element.', {
    infer: inferUnsortedSegment,
    work: ({ inputs }) => ({
      operatorClass: 'reduction',
      nests: [],
      vector: vectorWork(elementsOf(inputs[0]), { add: 1 }),
    }),
  }),
  row('Where', 'Positions of elements that are not 0; one comparison per input element.', {
    infer: where(() => unknown(decidedAtRunTime('Where'))),
    upperBound: where(allOf),
    work: ({ inputs }) => ({
      operatorClass: 'reduction',
      nests: [],
      vector: vectorWork(elementsOf(inputs[0]), { add: 1 }),
    }),
  }),
  row('RealFft2d', 'Fourier transform of real matrices; per element and step half a complex product and a sum.', {
    infer: inferRealFft,
    work: ({ inputs }, outputs) => fourierWork(outputs, inputs[0]),
  }),
  row('BroadcastArgs', 'The common shape of two; takes no work.', {
    infer: inferBroadcastArguments,
    evaluate: broadcastArguments,
    work: viewWork,
  }),
  row('Rank', 'Number of axes; takes no work.', {
    infer: () => [tensor('int32', [])],
    evaluate: rankValue,
    work: viewWork,
  }),
];
