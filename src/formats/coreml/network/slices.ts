/** Layers that take a part of an array. */
import { addNumbers } from '../building.ts';
import { integers } from '../emission.ts';
import { integerAt, integersAt } from '../fields.ts';
import { shapeInput } from './filling.ts';
import { emitLayer, part, renamed, type Layer, type LayerType } from './layer.ts';

/** ONNX reads an end beyond the axis as its end. */
const farEnd = 2 ** 31 - 1;

const first = ({ inputs }: Layer): string => inputs[0] ?? '';
const rankOf = ({ ranks }: Layer): number => ranks[0] ?? 1;

function sliceStatic(layer: Layer): void {
  const { parameters } = layer;
  const [begins, ends, steps] = [1, 3, 5].map((field) => integersAt(parameters, field)) as [
    number[],
    number[],
    number[],
  ];
  const [beginMask, endMask, squeeze] = [2, 4, 6].map((field) => integersAt(parameters, field)) as [
    number[],
    number[],
    number[],
  ];
  const backwards = (axis: number) => (steps[axis] ?? 1) < 0;
  const attributes = {
    starts: begins.map((at, axis) => (beginMask[axis] === 1 ? (backwards(axis) ? farEnd : 0) : at)),
    ends: ends.map((at, axis) => {
      if (squeeze[axis] === 1) return begins[axis] === -1 ? farEnd : (begins[axis] ?? 0) + 1;
      return endMask[axis] === 1 ? (backwards(axis) ? -farEnd : farEnd) : at;
    }),
    axes: begins.map((_, axis) => axis),
    steps: steps.map((each, axis) => (squeeze[axis] === 1 ? 1 : each)),
  };
  const axes = squeeze.flatMap((each, axis) => (each === 1 ? [axis] : []));
  if (axes.length === 0) emitLayer(layer, 'Slice', layer.inputs.slice(0, 1), attributes);
  else {
    const cut = part(layer, '', 'Slice', { inputs: layer.inputs.slice(0, 1), attributes });
    emitLayer(renamed(layer, 'squeezed'), 'Squeeze', [cut], { axes });
  }
}

/**
 * Begins come in, and the ends, steps and masks where they are not parameters. Masks that only a run knows are taken for
 * empty ones.
 */
function sliceDynamic(layer: Layer): void {
  const { inputs, parameters } = layer;
  const every = Array.from({ length: rankOf(layer) }, (_, axis) => axis);
  const given = (field: number, fallback: number) => {
    const list = integersAt(parameters, field);
    return every.map((axis) => list[axis] ?? fallback);
  };
  const squeezed = given(6, 0);
  const begin = shapeInput(layer, inputs[1] ?? '', 'begin');
  const end = inputs[2] === undefined ? integers(layer, 'end', given(3, 1)) : shapeInput(layer, inputs[2], 'end');
  const steps = inputs[3] === undefined ? integers(layer, 'steps', given(5, 1)) : shapeInput(layer, inputs[3], 'steps');
  const starts = unlessMasked(layer, 'starts', { mask: given(2, 0), masked: 0, bound: begin });
  const endMask = given(4, 0).map((each, axis) => (squeezed[axis] === 1 ? 0 : each));
  const ends = unlessMasked(layer, 'ends', { mask: endMask, masked: farEnd, bound: end });
  const operands = [first(layer), starts, ends, integers(layer, 'axes', every), steps];
  const axes = squeezed.flatMap((each, axis) => (each === 1 ? [axis] : []));
  if (axes.length === 0) emitLayer(layer, 'Slice', operands);
  else emitLayer(renamed(layer, 'squeezed'), 'Squeeze', [part(layer, '', 'Slice', operands)], { axes });
}

interface Bound {
  readonly mask: readonly number[];
  readonly masked: number;
  readonly bound: string;
}

function unlessMasked(layer: Layer, name: string, { mask, masked, bound }: Bound): string {
  if (!mask.includes(1)) return bound;
  const form = { dtype: 'bool', shape: [mask.length], elements: mask } as const;
  const condition = addNumbers(layer.draft, `${layer.name}/${name}/mask`, form);
  const instead = integers(
    layer,
    `${name}/masked`,
    mask.map(() => masked),
  );
  return part(layer, name, 'Where', [condition, instead, bound]);
}

function sliceBySize(layer: Layer): void {
  const { parameters, inputs } = layer;
  const starts = shapeInput(layer, inputs[1] ?? '');
  const ends = part(layer, 'ends', 'Add', [starts, integers(layer, 'size', [integerAt(parameters, 2)])]);
  emitLayer(layer, 'Slice', [first(layer), starts, ends], { axes: [integerAt(parameters, 3)] });
}

function reverse(layer: Layer): void {
  const axes = integersAt(layer.parameters, 1).flatMap((each, axis) => (each === 1 ? [axis] : []));
  const all = (value: number) => axes.map(() => value);
  emitLayer(layer, 'Slice', layer.inputs, { starts: all(-1), ends: all(-farEnd), axes, steps: all(-1) });
}

const squeezedRank = (layer: Layer): number =>
  rankOf(layer) - integersAt(layer.parameters, 6).filter((each) => each === 1).length;

export const sliceLayers: readonly LayerType[] = [
  { field: 960, name: 'reverse', translate: reverse },
  { field: 995, name: 'sliceStatic', translate: sliceStatic, rank: squeezedRank },
  { field: 1000, name: 'sliceDynamic', translate: sliceDynamic, rank: squeezedRank },
  { field: 1470, name: 'sliceBySize', translate: sliceBySize },
];
