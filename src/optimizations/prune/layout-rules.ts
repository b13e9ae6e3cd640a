/** Operators that move channels about: joined, cut, permuted, under another shape. */
import { intAttribute, intsAttribute } from '../../operators/attribute.ts';
import { intsOperand, normalizeAxes, normalizeAxis } from '../../operators/type.ts';
import { cut, fix } from './channels.ts';
import type { Axis } from './channels.ts';
import { ownAxes, reasonAt, sizesOf, uniteAt } from './following.ts';
import type { Following, Rule } from './following.ts';
import { reshapedAxes } from './reshaped-axes.ts';

const concat: Rule = (following) => {
  const { inputs, node } = following;
  const all = inputs.filter((axes) => axes !== undefined);
  const [first] = all;
  const axis = first && normalizeAxis(intAttribute(node, 'axis', 1), first.length);
  if (first === undefined || axis === undefined || all.length < inputs.length) return 'is not followed';
  for (const other of all)
    other.forEach((each, at) => (at === axis ? undefined : uniteAt(following, first[at]!, each)));
  return [
    first.with(
      axis,
      all.flatMap((axes) => axes[axis]!),
    ),
  ];
};

const split: Rule = ({ inputs: [input], outputs, node }) => {
  const axis = input && normalizeAxis(intAttribute(node, 'axis', 0), input.length);
  if (input === undefined || axis === undefined || outputs.includes(undefined)) return 'is not followed';
  let start = 0;
  const parts = outputs.map((shape): Axis | undefined => {
    const end = start + shape![axis]!;
    const part = cut(input[axis]!, start, end);
    start = end;
    return part;
  });
  if (parts.includes(undefined)) return 'cuts through channels';
  return parts.map((part) => input.with(axis, part!));
};

/** Whole ranges pass; a step over channels, or backwards, does not. */
const slice: Rule = (following) => {
  const {
    inputs: [input],
    outputs: [shape],
    node,
  } = following;
  const ranges = input && rangesOf(following, sizesOf(input));
  if (input === undefined || !shape || ranges === undefined) return 'is not followed';
  const sizes = sizesOf(input);
  const own = ownAxes(shape, node);
  return [
    input.map((axis, at) => {
      const range = ranges.get(at);
      if (range === undefined || (range.step === 1 && range.end - range.start === sizes[at])) return axis;
      const part = range.step === 1 ? cut(axis, range.start, range.end) : undefined;
      if (part === undefined) fix(axis, reasonAt(node, 'picks some of them'));
      return part ?? own[at]!;
    }),
  ];
};

export interface SliceRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** By axis, counted from the front and within the size; undefined where only a run can tell. */
export function rangesOf(
  { typed, node }: Pick<Following, 'typed' | 'node'>,
  sizes: readonly number[],
): ReadonlyMap<number, SliceRange> | undefined {
  const [starts, ends] = [intsOperand(typed, 'starts', 1), intsOperand(typed, 'ends', 2)];
  if (!starts || !ends) return undefined;
  const given = intsOperand(typed, 'axes', 3) ?? (node.inputs[3] ? null : starts.map((_, axis) => axis));
  const steps = intsOperand(typed, 'steps', 4);
  const axes = given === null ? undefined : normalizeAxes(given, sizes.length);
  if (axes === undefined || steps === null) return undefined;
  return new Map(
    axes.map((axis, position) => {
      const within = (index: number) => Math.min(Math.max(index < 0 ? index + sizes[axis]! : index, 0), sizes[axis]!);
      const [start, end] = [within(starts[position]!), within(ends[position]!)];
      return [axis, { start, end: Math.max(start, end), step: steps?.[position] ?? 1 }];
    }),
  );
}

const transpose: Rule = ({ inputs: [input], node }) => {
  if (input === undefined) return 'is not followed';
  const order = intsAttribute(node, 'perm', [...input.keys()].reverse());
  const axes = order.length === input.length ? normalizeAxes(order, input.length) : undefined;
  return axes === undefined ? 'is not followed' : [axes.map((axis) => input[axis]!)];
};

const view: Rule = (following) => {
  const {
    inputs: [input],
    outputs: [shape],
  } = following;
  if (input === undefined || !shape) return 'is not followed';
  const axes = reshapedAxes(following, input, shape);
  return typeof axes === 'string' ? axes : [axes];
};

export const layoutRules: readonly (readonly [operator: string, rule: Rule])[] = [
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Transpose', transpose],
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].map((name) => [name, view] as const),
];
