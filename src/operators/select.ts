/** Operators whose result depends on comparing elements: choosing, sorting, counting. Some sizes only a run can tell. */
import { isKnown, minimum, multiply, product, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { broadcastAll } from './broadcast.ts';
import { totalElements } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxis, numericShape, shapeUnknownAs, tensor, unknownType } from './type.ts';
import { rearrange } from './value.ts';
import type { VectorOperation, Work } from './work.ts';

type Infer = (context: TypedNode) => readonly TensorType[];

/** Work per element of the first input. */
function perInput(operation: VectorOperation, operatorClass: Work['operatorClass']) {
  return ({ inputs }: TypedNode): Work => ({
    operatorClass,
    nests: [],
    vector: [{ operation, elements: totalElements(inputs.slice(0, 1)) }],
  });
}

const inferWhere: Infer = ({ inputs }) => {
  const [condition, yes, no] = inputs;
  const dtype = dtypeOf(yes) ?? dtypeOf(no);
  const shape = broadcastAll([condition?.shape ?? null, yes?.shape ?? null, no?.shape ?? null]);
  return [
    shape === null
      ? shapeUnknownAs(
          dtype,
          inputs.find((input) => !input?.shape),
        )
      : tensor(dtype, shape),
  ];
};

/** An operand that only a run knows leaves open what the condition takes from it, and no more. */
function evaluateWhere(context: TypedNode): readonly (TensorValue | undefined)[] {
  const [type] = inferWhere(context);
  const shape = numericShape(type?.shape);
  const [condition, yes, no] = context.values;
  const dtype = yes?.dtype ?? no?.dtype;
  if (shape === undefined || condition === undefined || dtype === undefined) return [undefined];
  const [chosen, first, second] = [condition, yes, no].map(
    (value) => value && rearrange(value, type, broadcastPlace(value, shape)),
  );
  if (chosen === undefined || (yes && !first) || (no && !second)) return [undefined];
  const elements = chosen.elements.map((one, index): Element => {
    if (!isKnown(one)) return unknown('the condition is not known');
    return (one === 0 ? second : first)?.elements[index] ?? unknown(decidedAtRunTime('Where'));
  });
  return [{ dtype, shape, elements }];
}

function broadcastPlace(value: TensorValue, shape: readonly number[]) {
  const added = shape.length - value.shape.length;
  return (place: readonly number[]): readonly number[] =>
    value.shape.map((size, axis) => (size === 1 ? 0 : place[axis + added]!));
}

/** `length` is how many of the elements there are. */
function nonZero(length: (elements: Dimension) => Dimension): Infer {
  return ({ inputs }) => {
    const shape = inputs[0]?.shape;
    const rank = shape?.length ?? unknown('the rank is not known');
    return [tensor('int64', [rank, length(shape ? product(shape) : unknown('the shape is not known'))])];
  };
}

function topK(length: (size: Dimension, k: Element | undefined) => Dimension): Infer {
  return ({ node, inputs, values }) => {
    const [input] = inputs;
    const types = (shape: TensorType['shape']) => [
      tensor(dtypeOf(input), shape, input?.reason),
      tensor('int64', shape, input?.reason),
    ];
    if (!input?.shape) return types(null);
    const axis = normalizeAxis(intAttribute(node, 'axis', -1), input.shape.length);
    if (axis === undefined) return [unknownType('TopK: the axis is outside of the rank'), unknownType('TopK')];
    const k = intAttribute(node, 'k', undefined) ?? values[1]?.elements[0];
    return types(input.shape.with(axis, length(input.shape[axis]!, k)));
  };
}

const inferOneHot: Infer = ({ node, inputs, values }) => {
  const [indices, , hot] = inputs;
  if (!indices?.shape) return [shapeUnknownAs(dtypeOf(hot), indices)];
  const axis = normalizeAxis(intAttribute(node, 'axis', -1), indices.shape.length + 1);
  if (axis === undefined) return [unknownType('OneHot: the axis is outside of the rank')];
  const depth = values[1]?.elements[0] ?? unknown(decidedAtRunTime('OneHot'));
  return [tensor(dtypeOf(hot), indices.shape.toSpliced(axis, 0, depth), hot?.reason)];
};

/** Sizes along the axis (or of the flattened input) are `length` of what goes in. */
function compress(length: (size: Dimension) => Dimension): Infer {
  return ({ node, inputs }) => {
    const [input] = inputs;
    const axis = intAttribute(node, 'axis', undefined);
    if (axis === undefined) {
      const all = input?.shape ? product(input.shape) : unknown('the shape of the input is not known');
      return [tensor(dtypeOf(input), [length(all)], input?.reason)];
    }
    if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
    const fromFront = normalizeAxis(axis, input.shape.length);
    if (fromFront === undefined) return [unknownType('Compress: the axis is outside of the rank')];
    return [tensor(input.dtype, input.shape.with(fromFront, length(input.shape[fromFront]!)), input.reason)];
  };
}

function unique(length: (size: Dimension) => Dimension): Infer {
  const values = compress(length);
  return (context) => {
    const [found] = values(context);
    const input = context.inputs[0]?.shape;
    const axis = intAttribute(context.node, 'axis', undefined);
    const fromFront = axis === undefined || !input ? undefined : normalizeAxis(axis, input.length);
    const size = axis === undefined ? (input ? product(input) : undefined) : input?.[fromFront ?? -1];
    const before = size ?? unknown('the shape of the input is not known');
    const after = length(before);
    return [found!, tensor('int64', [after]), tensor('int64', [before]), tensor('int64', [after])];
  };
}

/** Boxes: batch x boxes x 4; scores: batch x classes x boxes. */
const boundNonMaxSuppression: Infer = ({ inputs, values }) => {
  const scores = inputs[1]?.shape;
  const [batch, classes, boxes] = scores?.length === 3 ? scores : [];
  if (batch === undefined || classes === undefined || boxes === undefined) return [];
  const most = inputs[2] === undefined ? 0 : (values[2]?.elements[0] ?? boxes);
  return [tensor('int64', [multiply(multiply(batch, classes), minimum(most, boxes)), 3])];
};

/** Every score is sorted, and each box is compared with those that were kept; counted as one comparison per score. */
function nonMaxSuppressionWork({ inputs }: TypedNode): Work {
  return {
    operatorClass: 'sort',
    nests: [],
    vector: [{ operation: 'sort', elements: totalElements(inputs.slice(1, 2)) }],
  };
}

const open = (operator: string) => () => unknown(decidedAtRunTime(operator));
const all = (size: Dimension): Dimension => size;

export const selectOperators: readonly Operator[] = [
  {
    domain: '',
    name: 'Where',
    documentation: 'Chooses between two tensors element by element; one selection per output element.',
    infer: inferWhere,
    evaluate: evaluateWhere,
    parameterInputs: [1, 2],
  },
  {
    domain: '',
    name: 'NonZero',
    documentation: 'Positions of elements that are not 0; one comparison per input element.',
    infer: nonZero(open('NonZero')),
    upperBound: nonZero(all),
    work: perInput('add', 'reduction'),
  },
  {
    domain: '',
    name: 'TopK',
    documentation: 'The largest elements along an axis; one comparison step per input element.',
    infer: topK((_size, k) => k ?? unknown(decidedAtRunTime('TopK'))),
    upperBound: topK(all),
    work: perInput('sort', 'sort'),
  },
  {
    domain: '',
    name: 'OneHot',
    documentation: 'One element per index set apart; each output element is written once.',
    infer: inferOneHot,
  },
  {
    domain: '',
    name: 'Compress',
    documentation: 'Keeps the chosen slices; one comparison per input element.',
    infer: compress(open('Compress')),
    upperBound: compress(all),
    work: perInput('move', 'data-movement'),
  },
  {
    domain: '',
    name: 'Unique',
    documentation: 'The different elements; one comparison step per input element.',
    infer: unique(open('Unique')),
    upperBound: unique(all),
    work: perInput('sort', 'sort'),
  },
  {
    domain: '',
    name: 'NonMaxSuppression',
    documentation: 'Boxes that no better box overlaps; one comparison step per score.',
    infer: () => [tensor('int64', [unknown(decidedAtRunTime('NonMaxSuppression')), 3])],
    upperBound: boundNonMaxSuppression,
    work: nonMaxSuppressionWork,
  },
];
