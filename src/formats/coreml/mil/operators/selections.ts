/** Operations of MIL that reduce, look up, sort and fill. */
import type { Initializer } from '../../../../ir/graph.ts';
import { onnxDataType } from '../../../onnx/data-types.ts';
import { addNumbers } from '../../building.ts';
import { emit, integers, step } from '../../emission.ts';
import { flag, number, numbers, rankOf, tensor, typeOf, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

const x = (operation: Operation): string[] => [tensor(operation, 'x')];
const named = (operation: Operation, ...parameters: readonly string[]): string[] =>
  parameters.map((parameter) => tensor(operation, parameter));

function reduction(operator: string): Translate {
  return (operation) => {
    const keepdims = Number(flag(operation, 'keep_dims'));
    emit(operation, operator, x(operation), { axes: numbers(operation, 'axes'), keepdims });
  };
}

function extreme(operator: string): Translate {
  return (operation) => {
    const keepdims = Number(flag(operation, 'keep_dims'));
    emit(operation, operator, x(operation), { axis: number(operation, 'axis', -1), keepdims });
  };
}

const reductions: Table = [
  ['reduce_l1_norm', 'ReduceL1'],
  ['reduce_l2_norm', 'ReduceL2'],
  ['reduce_log_sum', 'ReduceLogSum'],
  ['reduce_log_sum_exp', 'ReduceLogSumExp'],
  ['reduce_max', 'ReduceMax'],
  ['reduce_mean', 'ReduceMean'],
  ['reduce_min', 'ReduceMin'],
  ['reduce_prod', 'ReduceProd'],
  ['reduce_sum', 'ReduceSum'],
  ['reduce_sum_square', 'ReduceSumSquare'],
].map(([name, operator]) => [name!, reduction(operator!)] as const);

/** Batched look-ups go through GatherND, whose indices have an axis more, where the batch is all that is in front. */
const gather: Translate = (operation) => {
  const batch = number(operation, 'batch_dims', 0);
  const rank = rankOf(operation, 'x') ?? 0;
  const axis = number(operation, 'axis', 0);
  const [input, indices] = named(operation, 'x', 'indices') as [string, string];
  if (batch === 0) {
    emit(operation, 'Gather', [input, indices], { axis });
  } else if ((axis < 0 ? axis + rank : axis) === batch) {
    const places = step(operation, 'places', { operator: 'Unsqueeze', inputs: [indices], attributes: { axes: [-1] } });
    emit(operation, 'GatherND', [input, places], { batch_dims: batch });
  } else {
    emit(operation, 'Gather', [input, indices], { axis, batch_dims: batch });
  }
};

function scatter(operator: string): Translate {
  return (operation) => {
    emit(operation, operator, named(operation, 'data', 'indices', 'updates'), { axis: number(operation, 'axis', 0) });
  };
}

const topk: Translate = (operation) => {
  emit(operation, 'TopK', x(operation), {
    k: number(operation, 'k', 1),
    axis: number(operation, 'axis', -1),
    largest: Number(!flag(operation, 'ascending')),
  });
};

/** All of the axis, and only the places. */
const argsort: Translate = (operation) => {
  const rank = rankOf(operation, 'x') ?? 1;
  const axis = number(operation, 'axis', -1);
  const size = typeOf(operation, 'x')?.shape?.[axis < 0 ? axis + rank : axis];
  const [places] = operation.outputs;
  const outputs = places === undefined ? [] : [{ name: '', type: places.type }, places];
  emit({ ...operation, outputs }, 'TopK', x(operation), {
    k: size ?? undefined,
    axis,
    largest: Number(!flag(operation, 'ascending')),
  });
};

/** The element that a `fill` repeats, as ConstantOfShape holds it. */
function filler(operation: Operation): Initializer {
  const dtype = operation.outputs[0]?.type.dtype ?? 'float32';
  const name = `${operation.name}/value`;
  const value = { dtype, shape: [1], elements: [number(operation, 'value', 0)] };
  const { encoding, fileBytes, available } = { encoding: 'raw' as const, fileBytes: 0, available: false };
  return { name, dtype, shape: [1], encoding, ranges: [], fileBytes, available, value };
}

const fillLike: Translate = (operation) => {
  const shape = step(operation, 'shape', { operator: 'Shape', inputs: named(operation, 'ref_tensor') });
  emit(operation, 'ConstantOfShape', [shape], { value: { tensor: filler(operation) } });
};

const oneHot: Translate = (operation) => {
  const dtype = operation.outputs[0]?.type.dtype ?? 'float32';
  const hot = [number(operation, 'off_value', 0), number(operation, 'on_value', 1)];
  const values = addNumbers(operation.draft, `${operation.name}/values`, { dtype, shape: [2], elements: hot });
  const inputs = [...named(operation, 'indices', 'one_hot_vector_size'), values];
  emit(operation, 'OneHot', inputs, { axis: number(operation, 'axis', -1) });
};

const cumulativeSum: Translate = (operation) => {
  const axis = integers(operation, 'axis', [number(operation, 'axis', 0)]);
  emit(operation, 'CumSum', [...x(operation), axis], {
    exclusive: Number(flag(operation, 'exclusive')),
    reverse: Number(flag(operation, 'reverse')),
  });
};

/** Keeps a band around the diagonal; cut on both sides it is two steps in ONNX. */
const bandPart: Translate = (operation) => {
  const [lower, upper] = [number(operation, 'lower', -1), number(operation, 'upper', -1)];
  const below = integers(operation, 'below', [-lower]);
  const above = integers(operation, 'above', [upper]);
  const first = lower < 0 ? x(operation)[0]! : lowerCut(operation, below, upper < 0);
  if (lower >= 0 && upper < 0) return;
  emit(operation, 'Trilu', [first, above], { upper: 0 });
};

function lowerCut(operation: Operation, below: string, last: boolean): string {
  const node = { operator: 'Trilu', inputs: [...x(operation), below], attributes: { upper: 1 } };
  if (!last) return step(operation, 'lower', node);
  emit(operation, node.operator, node.inputs, node.attributes);
  return '';
}

/** Boxes and scores of a fixed number, whatever the data is. Since iOS 17 each box is a column. */
const suppression: Translate = (operation) => {
  const inputs = named(operation, 'boxes', 'scores');
  emit(operation, 'coreml.non_maximum_suppression', inputs, {
    max_boxes: number(operation, 'max_boxes', 1),
    boxes_last: Number(!operation.bindings.has('score_threshold')),
  });
};

/** Random numbers of a shape that is given, or computed as the program runs. */
function random(operator: string): Translate {
  return (operation) => {
    const shape = numbers(operation, 'shape');
    if (shape !== undefined && operator !== 'Bernoulli') {
      emit(operation, operator, [], { shape, dtype: undefined });
      return;
    }
    const like = {
      operator: 'ConstantOfShape',
      inputs: named(operation, 'shape'),
      attributes: { value: { tensor: filler(operation) } },
    };
    const made = step(operation, 'like', like);
    emit(operation, operator === 'Bernoulli' ? operator : `${operator}Like`, [made]);
  };
}

const multinomial: Translate = (operation) => {
  const dtype = operation.outputs[0]?.type.dtype;
  emit(operation, 'Multinomial', x(operation), {
    sample_size: number(operation, 'size', 1),
    dtype: dtype ? onnxDataType(dtype) : undefined,
  });
};

const slidingWindows: Translate = (operation) => {
  emit(operation, 'coreml.sliding_windows', x(operation), {
    axis: number(operation, 'axis', 0),
    size: number(operation, 'size', 1),
    stride: number(operation, 'stride', 1),
  });
};

/** Places of the non-zero elements, a row each; ONNX has a column each. */
const nonZero: Translate = (operation) => {
  const places = step(operation, '', { operator: 'NonZero', inputs: x(operation) });
  emit({ ...operation, name: `${operation.name}/rows` }, 'Transpose', [places], { perm: [1, 0] });
};

export const selections: Table = [
  ...reductions,
  ['reduce_argmax', extreme('ArgMax')],
  ['reduce_argmin', extreme('ArgMin')],
  ['gather', gather],
  [
    'gather_along_axis',
    (operation) =>
      emit(operation, 'GatherElements', named(operation, 'x', 'indices'), { axis: number(operation, 'axis', 0) }),
  ],
  [
    'gather_nd',
    (operation) =>
      emit(operation, 'GatherND', named(operation, 'x', 'indices'), { batch_dims: number(operation, 'batch_dims', 0) }),
  ],
  ['scatter', scatter('ScatterElements')],
  ['scatter_along_axis', scatter('ScatterElements')],
  ['scatter_nd', scatter('ScatterND')],
  ['slice_update', (operation) => emit(operation, 'ScatterND', named(operation, 'x', 'begin', 'update'))],
  ['topk', topk],
  ['argsort', argsort],
  [
    'fill',
    (operation) =>
      emit(operation, 'ConstantOfShape', named(operation, 'shape'), { value: { tensor: filler(operation) } }),
  ],
  ['fill_like', fillLike],
  ['one_hot', oneHot],
  ['cumsum', cumulativeSum],
  ['band_part', bandPart],
  ['non_maximum_suppression', suppression],
  ['non_zero', nonZero],
  ['sliding_windows', slidingWindows],
  ['range_1d', (operation) => emit(operation, 'Range', named(operation, 'start', 'end', 'step'))],
  ['tile', (operation) => emit(operation, 'Tile', named(operation, 'x', 'reps'))],
  ['shape', (operation) => emit(operation, 'Shape', x(operation))],
  ['reverse_sequence', (operation) => emit(operation, 'ReverseSequence', named(operation, 'x', 'lengths'))],
  ['random_normal', random('RandomNormal')],
  ['random_uniform', random('RandomUniform')],
  ['random_bernoulli', random('Bernoulli')],
  ['random_categorical', multinomial],
];
