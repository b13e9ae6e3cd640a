/** Operators that move elements: reshapes, slices, joins, gathers, and reductions along axes. */
import type { Attribute } from '../../ir/graph.ts';
import {
  activated,
  int,
  ints,
  numbers,
  option,
  optionList,
  own,
  plain,
  rankOf,
  text,
  type FileOperator,
  type NodeDraft,
  type Translate,
} from './operator.ts';
import { sliceTranslations } from './slice.ts';

type Attributes = Readonly<Record<string, Attribute>>;

function draft(operator: FileOperator, name: string, attributes: Attributes, inputs = operator.inputs): NodeDraft[] {
  return [{ operator: name, inputs, outputs: operator.outputs, attributes }];
}

/** Axes as an attribute where they are constant, else as the operand that they are. */
function alongAxes(name: string, attributes: (operator: FileOperator) => Attributes = () => ({})): Translate {
  return (operator) => {
    const axes = numbers(operator, 1);
    if (axes === undefined) return draft(operator, name, attributes(operator));
    return draft(operator, name, { ...attributes(operator), axes: ints(axes) }, operator.inputs.slice(0, 1));
  };
}

const keepsDimensions = (operator: FileOperator): Attributes => ({ keepdims: int(option(operator, 0, 'bool')) });

/** No axes at all leave the tensor as it is; in ONNX that takes a flag. */
function reduction(name: string): Translate {
  const reduce = alongAxes(name, keepsDimensions);
  return (operator) =>
    numbers(operator, 1)?.length === 0
      ? draft(operator, 'Identity', {}, operator.inputs.slice(0, 1))
      : reduce(operator);
}

/** The wanted shape is an operand, or an option in older files. 0 is a size like others. */
const reshape: Translate = (operator) => {
  const given = numbers(operator, 1) ?? (operator.inputs[1] ? undefined : optionList(operator, 0, 'int32'));
  const zeros = { allowzero: int(1) };
  if (given === undefined) return draft(operator, 'Reshape', zeros, operator.inputs.slice(0, 2));
  return draft(operator, 'Reshape', { ...zeros, shape: ints(given) }, operator.inputs.slice(0, 1));
};

/** To the shape that the file declares of the output. */
const reshapeAsDeclared: Translate = (operator) => {
  const shape = operator.outputTypes[0]?.shape;
  if (!shape?.every((size) => typeof size === 'number')) return own('Reshape')(operator);
  return draft(operator, 'Reshape', { allowzero: int(1), shape: ints(shape) });
};

const squeeze: Translate = (operator) => {
  const axes = optionList(operator, 0, 'int32');
  return draft(operator, 'Squeeze', axes.length === 0 ? {} : { axes: ints(axes) });
};

const transpose: Translate = (operator) => {
  const order = numbers(operator, 1);
  return order === undefined
    ? own('Transpose')(operator)
    : draft(operator, 'Transpose', { perm: ints(order) }, operator.inputs.slice(0, 1));
};

const concatenation: Translate = (operator) =>
  activated(operator, 1, {
    operator: 'Concat',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: { axis: int(option(operator, 0, 'int32')) },
  });

/** Each operand gets an axis of its own, along which they are joined. */
const pack: Translate = (operator) => {
  const axis = option(operator, 1, 'int32');
  const widened = operator.inputs.map((input, position): NodeDraft => {
    const output = operator.inner(`operand${position}`);
    return {
      operator: 'Unsqueeze',
      inputs: [input],
      outputs: [output],
      attributes: { axes: ints([axis]) },
      beside: true,
    };
  });
  const joined = draft(
    operator,
    'Concat',
    { axis: int(axis) },
    widened.map(({ outputs }) => outputs[0]!),
  );
  return [...widened, ...joined];
};

const unpack: Translate = (operator) => {
  const axis = option(operator, 1, 'int32');
  const parts = operator.outputs.map((_, position) => operator.inner(`part${position}`));
  const split: NodeDraft = {
    operator: 'Split',
    inputs: operator.inputs,
    outputs: parts,
    attributes: { axis: int(axis), num_outputs: int(Math.max(1, parts.length)) },
  };
  const narrowed = parts.map((part, position): NodeDraft => ({
    operator: 'Squeeze',
    inputs: [part],
    outputs: [operator.outputs[position]!],
    attributes: { axes: ints([axis]) },
    beside: true,
  }));
  return [split, ...narrowed];
};

/** Inputs: axis, tensor. */
const split: Translate = (operator) => {
  const [axis] = numbers(operator, 0) ?? [];
  if (axis === undefined) return own('Split')(operator);
  const parts = { axis: int(axis), num_outputs: int(Math.max(1, operator.outputs.length)) };
  return draft(operator, 'Split', parts, operator.inputs.slice(1, 2));
};

/** Inputs: tensor, sizes (one may be -1: the rest), axis. */
const splitBySizes: Translate = (operator) => {
  const [axis] = numbers(operator, 2) ?? [];
  const sizes = numbers(operator, 1);
  const whole = axis === undefined ? undefined : operator.inputTypes[0]?.shape?.at(axis);
  if (axis === undefined || sizes === undefined) return own('Split')(operator);
  const others = sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  if (sizes.includes(-1) && typeof whole !== 'number') return own('Split')(operator);
  const filled = sizes.map((size) => (size === -1 ? Number(whole) - others : size));
  return draft(operator, 'Split', { axis: int(axis), split: ints(filled) }, operator.inputs.slice(0, 1));
};

/** Pads are pairs, axis by axis; in ONNX all that go in front stand first. */
function pad(mode: (operator: FileOperator) => string): Translate {
  return (operator) => {
    const pairs = numbers(operator, 1);
    const attributes = { mode: text(mode(operator)) };
    const [input = '', pads = '', fill] = operator.inputs;
    const filling = fill === undefined ? [] : [fill];
    if (pairs !== undefined) {
      const ordered = [...pairs.filter((_, at) => at % 2 === 0), ...pairs.filter((_, at) => at % 2 === 1)];
      const inputs = fill === undefined ? [input] : [input, '', ...filling];
      return draft(operator, 'Pad', { ...attributes, pads: ints(ordered) }, inputs);
    }
    const [turned, flat] = [operator.inner('pairs'), operator.inner('pads')];
    return [
      { operator: 'Transpose', inputs: [pads], outputs: [turned], attributes: { perm: ints([1, 0]) }, beside: true },
      { operator: 'Reshape', inputs: [turned], outputs: [flat], attributes: { shape: ints([-1]) }, beside: true },
      ...draft(operator, 'Pad', attributes, [input, flat, ...filling]),
    ];
  };
}

const gather: Translate = (operator) => {
  const batches = option(operator, 1, 'int32');
  const axis = { axis: int(option(operator, 0, 'int32')) };
  return draft(operator, 'Gather', batches === 0 ? axis : { ...axis, batch_dims: int(batches) });
};

/** Inputs: indices, table. */
const embedding: Translate = (operator) =>
  draft(operator, 'Gather', { axis: int(0) }, [operator.inputs[1] ?? '', operator.inputs[0] ?? '']);

function extreme(name: string): Translate {
  return (operator) => {
    const [axis] = numbers(operator, 1) ?? [];
    if (axis === undefined) return own(name)(operator);
    return draft(operator, name, { axis: int(axis), keepdims: int(0) }, operator.inputs.slice(0, 1));
  };
}

/** Inputs: indices, depth, value of the chosen element, value of the others. */
const oneHot: Translate = (operator) =>
  draft(operator, 'OneHot', { axis: int(option(operator, 0, 'int32')) }, operator.inputs.slice(0, 3));

/** Inputs: shape, value. */
const fill: Translate = (operator) =>
  draft(operator, 'Expand', {}, [operator.inputs[1] ?? '', operator.inputs[0] ?? '']);

const cumulate: Translate = (operator) =>
  draft(operator, 'CumSum', { exclusive: int(option(operator, 0, 'bool')), reverse: int(option(operator, 1, 'bool')) });

const reverseSequence: Translate = (operator) =>
  draft(operator, 'ReverseSequence', {
    time_axis: int(option(operator, 0, 'int32')),
    batch_axis: int(option(operator, 1, 'int32')),
  });

const reverse: Translate = (operator) => {
  const axes = numbers(operator, 1);
  const all = (value: number) => ints((axes ?? []).map(() => value));
  if (axes === undefined || axes.length === 0) return own('Reverse')(operator);
  const ranges = { starts: all(-1), ends: all(-(2 ** 31)), steps: all(-1), axes: ints(axes) };
  return draft(operator, 'Slice', ranges, operator.inputs.slice(0, 1));
};

/** ONNX numbers the outputs otherwise: values, first places, places by element, counts. */
const unique: Translate = ({ inputs, outputs: [values = '', places = ''] }) => [
  { operator: 'Unique', inputs, outputs: [values, '', places], attributes: { sorted: int(0) } },
];

const rank: Translate = (operator) => {
  const known = rankOf(operator, 0);
  return own('Rank', () => (known === undefined ? {} : { rank: int(known) }))(operator);
};

/** By builtin code. */
export const movementTranslations: ReadonlyMap<number, Translate> = new Map<number, Translate>([
  ...sliceTranslations,
  [2, concatenation],
  [7, embedding],
  [22, reshape],
  [34, pad(() => 'constant')],
  [36, gather],
  [39, transpose],
  [40, reduction('ReduceMean')],
  [43, squeeze],
  [48, plain('TopK')],
  [49, split],
  [56, extreme('ArgMax')],
  [60, pad(() => 'constant')],
  [68, own('SparseToDense')],
  [69, plain('Tile')],
  [70, alongAxes('Unsqueeze')],
  [74, reduction('ReduceSum')],
  [77, plain('Shape')],
  [79, extreme('ArgMin')],
  [81, reduction('ReduceProd')],
  [82, reduction('ReduceMax')],
  [83, pack],
  [85, oneHot],
  [88, unpack],
  [89, reduction('ReduceMin')],
  [91, reduction('ReduceMax')],
  [94, fill],
  [96, plain('Range')],
  [100, pad((operator) => (option(operator, 0, 'int8') === 1 ? 'symmetric' : 'reflect'))],
  [102, splitBySizes],
  [103, unique],
  [105, reverse],
  [107, plain('GatherND')],
  [109, own('Where')],
  [110, rank],
  [112, reverseSequence],
  [113, own('MatrixDiag')],
  [115, own('MatrixSetDiag')],
  [122, own('ScatterNd')],
  [125, own('SegmentSum')],
  [128, cumulate],
  [130, plain('Expand')],
  [140, reduction('ReduceMin')],
  [145, own('BroadcastArgs')],
  [151, own('DynamicUpdateSlice')],
  ...[153, 154, 155, 157].map((code) => [code, own('UnsortedSegment')] as const),
  [167, reshapeAsDeclared],
  [194, own('DynamicUpdateSlice')],
]);
