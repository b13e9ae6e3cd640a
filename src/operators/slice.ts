/** Slice: ranges along axes, from attributes (opsets below 10) or inputs. */
import {
  add,
  ceilDivide,
  equal,
  isKnown,
  isUnknown,
  lowerBound,
  maximum,
  minimum,
  subtract,
  unknown,
} from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, TensorType, TensorValue } from '../ir/graph.ts';
import { moveWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, intsOperand, listOperand, normalizeAxes, shapeUnknownAs, tensor } from './type.ts';
import { rearrange } from './value.ts';

/** Exporters write the largest integer for "to the end". */
const beyondAnySize = 2 ** 31 - 1;

interface Range {
  readonly start: Element;
  readonly end: Element;
  readonly step: Element;
}

/** By axis. `null`: the axes are computed at run time. */
function rangesOf(context: TypedNode, rank: number): ReadonlyMap<number, Range> | null {
  const ends = listOperand(context, 'ends', 2);
  const starts = listOperand(context, 'starts', 1);
  const length = starts?.length ?? ends?.length ?? context.inputs[1]?.shape?.[0] ?? rank;
  if (!isKnown(length) || length > rank) return null;
  const defaultAxes = Array.from({ length }, (_, position) => position);
  const axes = intsOperand(context, 'axes', 3);
  const chosen = axes === null ? undefined : normalizeAxes(axes ?? defaultAxes, rank);
  if (chosen === undefined) return null;
  const steps = listOperand(context, 'steps', 4);
  const open = unknown(decidedAtRunTime('Slice'));
  return new Map(
    chosen.map((axis, position) => [
      axis,
      {
        start: starts?.[position] ?? open,
        end: ends?.[position] ?? open,
        step: steps === undefined ? 1 : (steps?.[position] ?? open),
      },
    ]),
  );
}

/** The position counted from the front and kept within the size. */
function clamp(index: Element, size: Dimension): Dimension {
  if (isUnknown(index)) return index;
  if (isKnown(index)) {
    if (index >= beyondAnySize) return size;
    if (index <= -beyondAnySize) return 0;
    return index >= 0 ? minimum(index, size) : maximum(0, add(size, index));
  }
  const least = lowerBound(index);
  if (least === undefined) return unknown(decidedAtRunTime('Slice'));
  return equal(index, size) ? size : minimum(index, size);
}

function lengthOf({ start, end, step }: Range, size: Dimension): Dimension {
  if (!isKnown(step) || step === 0) return unknown(decidedAtRunTime('Slice'));
  if (step < 0) return backwardLength({ start, end, step }, size);
  if (isKnown(start) && start < 0 && isKnown(end) && end >= beyondAnySize)
    return ceilDivide(minimum(-start, size), step);
  const distance = subtract(clamp(end, size), clamp(start, size));
  return ceilDivide(maximum(0, distance), step);
}

function backwardLength({ start, end, step }: Range & { readonly step: number }, size: Dimension): Dimension {
  if (!isKnown(start) || !isKnown(end)) return unknown(decidedAtRunTime('Slice'));
  if ((start === -1 || start >= beyondAnySize) && end <= -beyondAnySize) return ceilDivide(size, Math.abs(step));
  if (!isKnown(size)) return unknown(decidedAtRunTime('Slice'));
  return Math.max(0, Math.ceil((lastIndex(end, size) - lastIndex(start, size)) / step));
}

/** Of a slice that runs backwards: within -1 (before the first) and the last position. */
function lastIndex(index: number, size: number): number {
  return Math.min(Math.max(index < 0 ? index + size : index, -1), size - 1);
}

function inferSlice(context: TypedNode): readonly TensorType[] {
  const [input] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const ranges = rangesOf(context, shape.length);
  const sliced = shape.map((size, axis): Dimension => {
    if (ranges === null) return unknown(decidedAtRunTime('Slice'));
    const range = ranges.get(axis);
    return range === undefined ? size : lengthOf(range, size);
  });
  return [tensor(input.dtype, sliced, input.reason)];
}

function evaluateSlice(context: TypedNode): readonly (TensorValue | undefined)[] {
  const [source] = context.values;
  const ranges = source && rangesOf(context, source.shape.length);
  if (!ranges) return [undefined];
  const firsts = source.shape.map((size, axis) => first(ranges.get(axis), size));
  if (!firsts.every((one) => one !== undefined)) return [undefined];
  const from = (place: readonly number[]): readonly number[] =>
    place.map((at, axis) => firsts[axis]!.start + at * firsts[axis]!.step);
  return [rearrange(source, inferSlice(context)[0], from)];
}

function first(range: Range | undefined, size: number): { readonly start: number; readonly step: number } | undefined {
  if (range === undefined) return { start: 0, step: 1 };
  const { start, step } = range;
  if (!isKnown(start) || !isKnown(step)) return undefined;
  const clamped = step < 0 ? lastIndex(start, size) : clamp(start, size);
  return isKnown(clamped) ? { start: clamped, step } : undefined;
}

export const sliceOperators: readonly Operator[] = [
  {
    domain: '',
    name: 'Slice',
    documentation: 'Cuts ranges out of a tensor; each output element moves once.',
    infer: inferSlice,
    evaluate: evaluateSlice,
    upperBound: ({ inputs }) => [inputs[0] ?? tensor(null, null)],
    work: moveWork,
    parameterInputs: [0],
  },
];
