/** Operations of MIL that change a tensor's shape, or choose a part of it. */
import { addNumbers } from '../../building.ts';
import { emit, integers, step } from '../../emission.ts';
import { flag, number, numbers, outputShape, rankOf, shapeOf, tensor, tensors, type Operation } from '../operation.ts';
import { beginsAndEnds } from './windows.ts';
import type { Table, Translate } from './translate.ts';

/** ONNX reads an end beyond the axis as its end. */
const farEnd = 2 ** 31 - 1;

const x = (operation: Operation): string[] => [tensor(operation, 'x')];

const reshape: Translate = (operation) => {
  const shape = numbers(operation, 'shape');
  if (shape !== undefined) emit(operation, 'Reshape', x(operation), { shape });
  else emit(operation, 'Reshape', [...x(operation), tensor(operation, 'shape')]);
};

/** To a shape that the file fixes, where the operands do not say it in ONNX's words. */
const reshapeAsDeclared: Translate = (operation) => {
  const sizes = operation.outputs[0]?.type.shape ?? [];
  const open = sizes.filter((size) => size === null).length;
  const shape = open > 1 ? undefined : sizes.map((size) => size ?? -1);
  emit(operation, shape === undefined ? 'coreml.reshape_like' : 'Reshape', x(operation), { shape });
};

interface Range {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

/** A masked begin or end is that of the axis; an axis to squeeze keeps one element. */
function rangeOf(operation: Operation, begin: readonly number[], end: readonly number[]): Range {
  const steps = numbers(operation, 'stride') ?? begin.map(() => 1);
  const masks = ['begin_mask', 'end_mask', 'squeeze_mask'].map((name) => numbers(operation, name) ?? []);
  const [beginMask, endMask, squeezeMask] = masks as [readonly number[], readonly number[], readonly number[]];
  const backwards = (axis: number) => (steps[axis] ?? 1) < 0;
  return {
    starts: begin.map((at, axis) => (beginMask[axis] === 1 ? (backwards(axis) ? farEnd : 0) : at)),
    ends: end.map((at, axis) => {
      if (squeezeMask[axis] === 1) return begin[axis] === -1 ? farEnd : begin[axis]! + 1;
      return endMask[axis] === 1 ? (backwards(axis) ? -farEnd : farEnd) : at;
    }),
    steps: steps.map((each, axis) => (squeezeMask[axis] === 1 ? 1 : each)),
  };
}

const sliceByIndex: Translate = (operation) => {
  const begin = numbers(operation, 'begin');
  const end = numbers(operation, 'end');
  const squeezed = (numbers(operation, 'squeeze_mask') ?? []).flatMap((masked, axis) => (masked === 1 ? [axis] : []));
  const slice =
    begin !== undefined && end !== undefined
      ? { operator: 'Slice', inputs: x(operation), attributes: slicing(rangeOf(operation, begin, end)) }
      : computedSlice(operation, squeezed);
  if (squeezed.length === 0) {
    emit(operation, slice.operator, slice.inputs, slice.attributes);
    return;
  }
  const cut = step(operation, '', slice);
  emit({ ...operation, name: `${operation.name}/squeezed` }, 'Squeeze', [cut], { axes: squeezed });
};

function slicing({ starts, ends, steps }: Range) {
  return { starts, ends, axes: starts.map((_, axis) => axis), steps };
}

/** Begins and ends that the program computes: the masked ones are replaced as it runs. */
function computedSlice(operation: Operation, squeezed: readonly number[]) {
  const rank = rankOf(operation, 'x') ?? 0;
  const every = Array.from({ length: rank }, (_, axis) => axis);
  const masked = (name: string) => every.map((axis) => numbers(operation, name)?.[axis] ?? 0);
  const begin = masked('begin_mask');
  const starts = chosen(operation, 'starts', { mask: begin, yes: every.map(() => 0), no: tensor(operation, 'begin') });
  const end = masked('end_mask').map((each, axis) => (squeezed.includes(axis) ? 0 : each));
  const ends = chosen(operation, 'ends', { mask: end, yes: every.map(() => farEnd), no: tensor(operation, 'end') });
  const steps = numbers(operation, 'stride') ?? every.map(() => 1);
  return { operator: 'Slice', inputs: [...x(operation), starts, ends], attributes: { axes: every, steps } };
}

interface Choice {
  readonly mask: readonly number[];
  readonly yes: readonly number[];
  readonly no: string;
}

function chosen(operation: Operation, part: string, { mask, yes, no }: Choice): string {
  if (!mask.includes(1)) return no;
  const condition = addNumbers(operation.draft, `${operation.name}/${part}/mask`, {
    dtype: 'bool',
    shape: [mask.length],
    elements: mask,
  });
  const filled = integers(operation, `${part}/masked`, yes);
  return step(operation, part, { operator: 'Where', inputs: [condition, filled, no] });
}

/** -1 as a size: to the end. */
const sliceBySize: Translate = (operation) => {
  const begin = numbers(operation, 'begin');
  const size = numbers(operation, 'size');
  if (begin !== undefined && size !== undefined) {
    const ends = begin.map((at, axis) => (size[axis] === -1 ? farEnd : at + (size[axis] ?? 0)));
    emit(operation, 'Slice', x(operation), { starts: begin, ends, axes: begin.map((_, axis) => axis) });
    return;
  }
  const starts = tensor(operation, 'begin');
  const ends = step(operation, 'ends', { operator: 'Add', inputs: [starts, tensor(operation, 'size')] });
  emit(operation, 'Slice', [...x(operation), starts, ends]);
};

const crop: Translate = (operation) => {
  const [top = 0, bottom = 0] = numbers(operation, 'crop_height') ?? [];
  const [left = 0, right = 0] = numbers(operation, 'crop_width') ?? [];
  const until = (amount: number) => (amount === 0 ? farEnd : -amount);
  emit(operation, 'Slice', x(operation), { starts: [top, left], ends: [until(bottom), until(right)], axes: [-2, -1] });
};

/** ONNX slices backwards. */
const reverse: Translate = (operation) => {
  const rank = rankOf(operation, 'x') ?? 0;
  const axes = numbers(operation, 'axes') ?? Array.from({ length: rank }, (_, axis) => axis);
  const all = (value: number) => axes.map(() => value);
  emit(operation, 'Slice', x(operation), { starts: all(-1), ends: all(-farEnd), axes, steps: all(-1) });
};

/** The pads are those of the last axes. */
const pad: Translate = (operation) => {
  const rank = rankOf(operation, 'x') ?? 0;
  const amounts = numbers(operation, 'pad');
  const mode = operation.bindings.get('mode')?.[0]?.constant?.texts?.[0] ?? 'constant';
  const attributes = { mode: mode === 'replicate' ? 'edge' : mode };
  if (amounts === undefined || amounts.length > 2 * rank) {
    emit(operation, 'Pad', [...x(operation), tensor(operation, 'pad')], attributes);
    return;
  }
  const whole = [...Array.from({ length: 2 * rank - amounts.length }, () => 0), ...amounts];
  emit(operation, 'Pad', x(operation), { ...attributes, pads: beginsAndEnds(whole) });
};

const split: Translate = (operation) => {
  const axis = number(operation, 'axis', 0);
  emit(operation, 'Split', x(operation), {
    axis,
    split: numbers(operation, 'split_sizes'),
    num_outputs: operation.outputs.length,
  });
};

const stack: Translate = (operation) => {
  const axis = number(operation, 'axis', 0);
  const parts = tensors(operation, 'values').map((name, index) =>
    step(operation, `part${index}`, { operator: 'Unsqueeze', inputs: [name], attributes: { axes: [axis] } }),
  );
  emit(operation, 'Concat', parts, { axis });
};

/** Blocks of pixels to the batch, or back: a border, then a permutation of the axes that the blocks make. */
function betweenSpaceAndBatch(toBatch: boolean): Translate {
  return (operation) => {
    const sizes = outputShape(operation);
    const [batch, channels, height, width] = shapeOf(operation, 'x') ?? [];
    const block = numbers(operation, 'block_shape');
    if (sizes?.length !== 4 || width === undefined || block?.length !== 2) {
      emit(operation, `coreml.${operation.type}`, x(operation));
      return;
    }
    const [down, across] = block as [number, number];
    const border = numbers(operation, toBatch ? 'paddings' : 'crops') ?? [0, 0, 0, 0];
    const before = toBatch ? step(operation, 'padded', borderNode(x(operation)[0]!, border)) : x(operation)[0]!;
    const apart = toBatch
      ? [batch!, channels!, sizes[2]!, down, sizes[3]!, across]
      : [down, across, sizes[0]!, sizes[1]!, height!, width];
    const blocks = step(operation, 'blocks', { operator: 'Reshape', inputs: [before], attributes: { shape: apart } });
    const perm = toBatch ? [3, 5, 0, 1, 2, 4] : [2, 3, 4, 0, 5, 1];
    const moved = step(operation, '', { operator: 'Transpose', inputs: [blocks], attributes: { perm } });
    const part = { ...operation, name: `${operation.name}/joined` };
    if (toBatch) {
      emit(part, 'Reshape', [moved], { shape: sizes });
      return;
    }
    const whole = [sizes[0]!, sizes[1]!, height! * down, width * across];
    const joined = step(operation, 'whole', { operator: 'Reshape', inputs: [moved], attributes: { shape: whole } });
    const cut = borderNode(
      joined,
      border.map((amount) => -amount),
    );
    emit(part, cut.operator, cut.inputs, cut.attributes);
  };
}

function borderNode(input: string, border: readonly number[]) {
  return { operator: 'Pad', inputs: [input], attributes: { pads: beginsAndEnds([0, 0, 0, 0, ...border]) } };
}

function withAttributes(
  operator: string,
  attributesOf: (operation: Operation) => Record<string, number | string | readonly number[] | undefined>,
): Translate {
  return (operation) => {
    emit(operation, operator, x(operation), attributesOf(operation));
  };
}

export const views: Table = [
  ['reshape', reshape],
  ['reshape_like', reshapeAsDeclared],
  ['slice_by_index', sliceByIndex],
  ['slice_by_size', sliceBySize],
  ['crop', crop],
  ['reverse', reverse],
  ['pad', pad],
  ['split', split],
  ['stack', stack],
  ['space_to_batch', betweenSpaceAndBatch(true)],
  ['batch_to_space', betweenSpaceAndBatch(false)],
  ['flatten2d', withAttributes('Flatten', (operation) => ({ axis: number(operation, 'axis', 1) }))],
  ['expand_dims', withAttributes('Unsqueeze', (operation) => ({ axes: numbers(operation, 'axes') }))],
  ['squeeze', withAttributes('Squeeze', (operation) => ({ axes: numbers(operation, 'axes') }))],
  ['transpose', withAttributes('Transpose', (operation) => ({ perm: numbers(operation, 'perm') }))],
  [
    'depth_to_space',
    withAttributes('DepthToSpace', (operation) => ({ blocksize: number(operation, 'block_size', 1) })),
  ],
  [
    'space_to_depth',
    withAttributes('SpaceToDepth', (operation) => ({ blocksize: number(operation, 'block_size', 1) })),
  ],
  [
    'pixel_shuffle',
    withAttributes('DepthToSpace', (operation) => ({ blocksize: number(operation, 'upscale_factor', 1), mode: 'CRD' })),
  ],
  [
    'pixel_unshuffle',
    withAttributes('SpaceToDepth', (operation) => ({ blocksize: number(operation, 'downscale_factor', 1) })),
  ],
  [
    'concat',
    (operation) => {
      emit(operation, 'Concat', tensors(operation, 'values'), {
        axis: number(operation, 'axis', 0),
        interleave: flag(operation, 'interleave') ? 1 : undefined,
      });
    },
  ],
];
