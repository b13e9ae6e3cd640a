/** StableHLO operators in a TFLite file that need more than another name; and what is left over of TFLite's own. */
import type { Attribute } from '../../ir/graph.ts';
import { int, ints, option, optionList, own, text, type Translate } from './operator.ts';

/** Axes by name; StableHLO lets each operand have its own order. */
const convolution: Translate = (operator) => {
  const { inputs, outputs, inputTypes } = operator;
  const rank = inputTypes[0]?.shape?.length ?? 4;
  const at = (field: number) => option(operator, field, 'int64');
  const spatial = (field: number) => optionList(operator, field, 'int64');
  const isLast = at(6) === rank - 1 && at(12) === rank - 1;
  const isSecond = at(6) === 1 && at(12) === 1;
  const dilated = optionList(operator, 2, 'int64').some((step) => step !== 1);
  // Transposed forms and other orders are no operator of their own: what the file declares is all that is known.
  if ((!isLast && !isSecond) || dilated || at(5) !== 0) return own('GeneralConvolution')(operator);
  const pads = optionList(operator, 1, 'int64');
  const attributes: Record<string, Attribute> = {
    ...(isLast && { channels_last: int(1) }),
    weight_axes: ints([at(9), at(8), ...spatial(10)]),
    group: int(Math.max(1, at(14))),
    pads: ints([...pads.filter((_, index) => index % 2 === 0), ...pads.filter((_, index) => index % 2 === 1)]),
    strides: ints(optionList(operator, 0, 'int64')),
    dilations: ints(optionList(operator, 3, 'int64')),
  };
  return [{ operator: 'Conv', inputs, outputs, attributes }];
};

/** Letters for the axes of both operands: shared where they are batched or summed over. */
const dotGeneral: Translate = (operator) => {
  const [left, right] = operator.inputTypes.map((type) => type?.shape?.length);
  const [leftBatch = [], rightBatch = [], leftSum = [], rightSum = []] = [0, 1, 2, 3].map((field) =>
    optionList(operator, field, 'int64'),
  );
  if (left === undefined || right === undefined || left + right > 26) return own('DotGeneral')(operator);
  const letter = (index: number) => String.fromCharCode(97 + index);
  const first = Array.from({ length: left }, (_, axis) => letter(axis));
  const second = Array.from({ length: right }, (_, axis) => letter(left + axis));
  for (const [pairs, others] of [
    [leftBatch, rightBatch],
    [leftSum, rightSum],
  ] as const) {
    pairs.forEach((axis, index) => {
      const other = others[index];
      if (other !== undefined && first[axis] !== undefined && other < right) second[other] = first[axis];
    });
  }
  const rest = (letters: readonly string[], used: readonly number[]) =>
    letters.filter((_, axis) => !used.includes(axis));
  const result = [
    ...leftBatch.map((axis) => first[axis] ?? ''),
    ...rest(first, [...leftBatch, ...leftSum]),
    ...rest(second, [...rightBatch, ...rightSum]),
  ];
  const equation = `${first.join('')},${second.join('')}->${result.join('')}`;
  return [
    {
      operator: 'Einsum',
      inputs: operator.inputs.slice(0, 2),
      outputs: operator.outputs,
      attributes: { equation: text(equation) },
    },
  ];
};

const transpose: Translate = (operator) => [
  {
    operator: 'Transpose',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: { perm: ints(optionList(operator, 0, 'int64')) },
  },
];

const concatenate: Translate = (operator) => [
  {
    operator: 'Concat',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: { axis: int(option(operator, 0, 'int64')) },
  },
];

/** Without gaps between the elements it is an ordinary pad. */
const pad: Translate = (operator) => {
  const [low, high, gaps] = [0, 1, 2].map((field) => optionList(operator, field, 'int64'));
  if (gaps?.some((gap) => gap !== 0)) {
    const steps = ints(gaps.map((gap) => gap + 1));
    return own('Dilate', () => ({ steps, pads: ints([...(low ?? []), ...(high ?? [])]) }))(operator);
  }
  return [
    {
      operator: 'Pad',
      inputs: [operator.inputs[0] ?? '', '', operator.inputs[1] ?? ''],
      outputs: operator.outputs,
      attributes: { mode: text('constant'), pads: ints([...(low ?? []), ...(high ?? [])]) },
    },
  ];
};

const reduceWindow = own('ReduceWindow', (operator) => {
  const list = (field: number) => optionList(operator, field, 'int64');
  const [padding, rank] = [list(4), list(0).length];
  // Of each axis what comes before and behind it.
  const pads = padding.length === 2 * rank ? padding : Array.from({ length: 2 * rank }, () => 0);
  return {
    kernel_shape: ints(list(0)),
    strides: ints(list(1)),
    base_dilations: ints(list(2)),
    dilations: ints(list(3)),
    pads: ints([...pads.filter((_, at) => at % 2 === 0), ...pads.filter((_, at) => at % 2 === 1)]),
  };
});

/** By builtin code. */
export const otherTranslations: ReadonlyMap<number, Translate> = new Map<number, Translate>([
  [10, own('HashTableLookup')],
  [15, own('LshProjection')],
  [29, own('ConcatEmbeddings')],
  [30, own('SkipGram')],
  [33, own('EmbeddingLookupSparse')],
  [120, own('NonMaxSuppression')],
  [121, own('NonMaxSuppression')],
  [131, own('RealFft2d')],
  [146, own('RandomNormal')],
  [148, own('RandomUniform')],
  [149, own('Multinomial')],
  [169, concatenate],
  [170, own('BroadcastInDim')],
  [171, convolution],
  [174, own('Reduce', (operator) => ({ axes: ints(optionList(operator, 0, 'int64')) }))],
  [190, own('Scatter')],
  [193, own('DynamicSlice', (operator) => ({ sizes: ints(optionList(operator, 0, 'int64')) }))],
  [195, pad],
  [196, own('Iota')],
  [197, dotGeneral],
  [198, reduceWindow],
  [199, own('Sort')],
  [201, own('GeneralGather')],
  [202, transpose],
  [204, own('RandomBits')],
]);
