/** Sequences and optionals. The type of a sequence holds what is known of every element; its length is not followed. */
import { unknown } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import { moveWork, viewWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxis, sameAs, shapeUnknownAs, tensor } from './type.ts';

type Infer = (context: TypedNode) => readonly TensorType[];

function sequenceOf({ dtype, shape, reason }: TensorType): TensorType {
  return { ...tensor(dtype, shape, reason), container: 'sequence' };
}

function elementOf(type: TensorType | undefined): TensorType {
  const { dtype, shape, reason } = sameAs(type);
  return tensor(dtype, shape, reason);
}

/** A shape that all of them have; null where they differ or cannot be compared. */
function commonShape(types: readonly (TensorType | undefined)[]): TensorType['shape'] {
  const [first, ...rest] = types.map((type) => type?.shape ?? null);
  if (!first) return null;
  const same = rest.every(
    (shape) => shape?.length === first.length && shape.every((size, axis) => size === first[axis]),
  );
  return same ? first : null;
}

const inferConstruct: Infer = ({ inputs }) => {
  const reason = 'the elements of the sequence differ';
  return [sequenceOf(tensor(dtypeOf(inputs[0]), commonShape(inputs), reason))];
};

const inferInsert: Infer = ({ inputs }) => {
  const [sequence, element] = inputs;
  const reason = 'the elements of the sequence differ';
  const empty = sequence?.shape === null && sequence.reason === emptySequence;
  const shape = empty ? (element?.shape ?? null) : commonShape([sequence, element]);
  return [sequenceOf(tensor(dtypeOf(sequence) ?? dtypeOf(element), shape, reason))];
};

const emptySequence = 'the sequence is empty';

const inferSplitToSequence: Infer = ({ node, inputs, values }) => {
  const [input, split] = inputs;
  if (!input?.shape) return [sequenceOf(shapeUnknownAs(dtypeOf(input), input))];
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), input.shape.length);
  if (axis === undefined) return [sequenceOf(tensor(input.dtype, null, 'the axis is outside of the rank'))];
  if (split === undefined) {
    const single = intAttribute(node, 'keepdims', 1) !== 0;
    return [sequenceOf(tensor(input.dtype, single ? input.shape.with(axis, 1) : input.shape.toSpliced(axis, 1)))];
  }
  const sizes = values[1]?.elements;
  const equalSize = sizes?.length === 1 ? sizes[0] : undefined;
  return [
    sequenceOf(tensor(input.dtype, input.shape.with(axis, equalSize ?? unknown(decidedAtRunTime('SplitToSequence'))))),
  ];
};

const inferConcatFromSequence: Infer = ({ node, inputs }) => {
  const { dtype, shape, reason } = elementOf(inputs[0]);
  if (shape === null) return [tensor(dtype, null, reason)];
  const open = unknown(decidedAtRunTime('ConcatFromSequence'));
  const stacks = intAttribute(node, 'new_axis', 0) !== 0;
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), shape.length + (stacks ? 1 : 0));
  if (axis === undefined) return [tensor(dtype, null, 'the axis is outside of the rank')];
  return [tensor(dtype, stacks ? shape.toSpliced(axis, 0, open) : shape.with(axis, open))];
};

function entry(
  name: string,
  documentation: string,
  infer: Infer,
  work: NonNullable<Operator['work']> = viewWork,
): Operator {
  return { domain: '', name, documentation, infer, work };
}

export const sequenceOperators: readonly Operator[] = [
  entry('SequenceConstruct', 'A sequence of tensors; free.', inferConstruct),
  entry('SequenceEmpty', 'A sequence without elements; free.', (context) => [
    sequenceOf(tensor(dataTypeAttribute(context, 'dtype', 'float32'), null, emptySequence)),
  ]),
  entry('SequenceInsert', 'One more element in a sequence; free.', inferInsert),
  entry('SequenceErase', 'One element less in a sequence; free.', ({ inputs }) => [sameAs(inputs[0])]),
  entry('SequenceAt', 'One element of a sequence; free.', ({ inputs }) => [elementOf(inputs[0])]),
  entry('SequenceLength', 'Number of elements of a sequence; free.', () => [tensor('int64', [])]),
  entry('SplitToSequence', 'Cuts a tensor into a sequence; each element moves once.', inferSplitToSequence, moveWork),
  entry('ConcatFromSequence', 'Joins a sequence; each element moves once.', inferConcatFromSequence, moveWork),
  entry('Optional', 'A value that may be absent; free.', ({ inputs }) => [
    { ...sameAs(inputs[0]), container: 'optional' },
  ]),
  entry('OptionalGetElement', 'The value of an optional; free.', ({ inputs }) => [elementOf(inputs[0])]),
  entry('OptionalHasElement', 'Whether an optional has a value; free.', () => [tensor('bool', [])]),
];
