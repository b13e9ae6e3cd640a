/** Convolutions and matrix products: new channels behind a constant weight, whose other axis takes what comes in. */
import { elementCount } from '../../formats/dense.ts';
import { intAttribute, stringAttribute } from '../../operators/attribute.ts';
import { isChannelsLast, weightAxes } from '../../operators/image-layout.ts';
import { transposeFlags } from '../../operators/matmul.ts';
import { freeAxis, producedAxis, repeated, widened } from './channels.ts';
import type { Axis } from './channels.ts';
import { meet } from './elementwise-rule.ts';
import { ownAxes, sizesOf, uniteAt } from './following.ts';
import type { Axes, Followed, Following, Rule } from './following.ts';
import { reshapedAxes } from './reshaped-axes.ts';

interface Sides {
  readonly incoming: Axis;
  /** The weight's axes for what comes in and for what goes out, as many as one group has of the latter's product. */
  readonly taken: Axis;
  readonly made: Axis;
  readonly groups: number;
}

const convolution: Rule = (following) => {
  const { node, inputs, outputs, isConstant } = following;
  const [input, weight, bias] = inputs;
  const [shape] = outputs;
  if (!isConstant(1) || input === undefined || weight === undefined || !shape) return 'has no constant weight';
  const order = weightAxes(node, weight.length);
  if (order === undefined || input.length < 3) return 'is not followed';
  const transposed = node.operator === 'ConvTranspose';
  const [first, second] = [weight[order[0]!]!, weight[order[1]!]!];
  const channel = isChannelsLast(node) ? input.length - 1 : 1;
  const groups = intAttribute(node, 'group', 1);
  const sides = {
    incoming: input[channel]!,
    groups,
    ...(transposed ? { taken: first, made: second } : { taken: second, made: first }),
  };
  const made = groups === 1 ? dense(following, sides) : grouped(following, sides, transposed);
  if (made === undefined) return 'has more groups than can be followed';
  if (bias?.[0] !== undefined) uniteAt(following, bias[0], made);
  return [ownAxes(shape, node).map((own, axis) => (axis === channel ? made : axis === 0 ? input[0]! : own))];
};

function dense(following: Following, { incoming, taken, made }: Sides): Axis {
  uniteAt(following, incoming, taken);
  return produced(following, made);
}

function produced(following: Following, made: Axis): Axis {
  const axis = producedAxis(sizesOf([made])[0]!, following.node);
  uniteAt(following, axis, made);
  return axis;
}

/** Depthwise ones keep the channels that they get; of others each group loses as many, at the same places. */
function grouped(
  following: Following,
  { incoming, taken, made, groups }: Sides,
  transposed: boolean,
): Axis | undefined {
  const [channels, filters] = sizesOf([incoming, made]) as [number, number];
  const perGroup = transposed ? filters : filters / groups;
  if (groups === channels) {
    const kept = widened(incoming, perGroup);
    uniteAt(following, transposed ? taken : made, transposed ? incoming : kept);
    return kept;
  }
  const one = freeAxis(channels / groups);
  const all = repeated(one, groups);
  const group = producedAxis(perGroup, following.node);
  const out = repeated(group, groups);
  if (all === undefined || out === undefined) return undefined;
  uniteAt(following, incoming, all);
  uniteAt(following, taken, transposed ? all : one);
  uniteAt(following, made, transposed ? group : out);
  return out;
}

const gemm: Rule = (following) => {
  const { typed, inputs, outputs, isConstant, node } = following;
  const [left, right, bias] = inputs;
  const [shape] = outputs;
  if (!isConstant(1) || left === undefined || right?.length !== 2 || !shape) return 'has no constant weight';
  const flags = transposeFlags(typed);
  const rows = rowsOf(following, left, right[flags.right ? 1 : 0]!);
  if (typeof rows === 'string') return rows;
  uniteAt(following, rows.depth, right[flags.right ? 1 : 0]!);
  const made = [...rows.leading, produced(following, right[flags.right ? 0 : 1]!)];
  if (bias !== undefined) meet(following, [made, bias], sizesOf(made));
  return node.attributes.has('leading_axes') && made.length !== shape.length ? 'is not followed' : [made];
};

/** The axis that is summed over, and those before it. A layer whose input is no matrix (TFLite) flattens it. */
function rowsOf(
  following: Following,
  left: Axes,
  depth: Axis,
): { readonly leading: Axes; readonly depth: Axis } | string {
  const { node, typed } = following;
  if (node.attributes.has('leading_axes') && stringAttribute(node, 'leading_axes', '') !== 'kept') {
    const columns = sizesOf([depth])[0]!;
    const rows = elementCount(sizesOf(left)) / columns;
    const flat = reshapedAxes(following, left, [rows, columns]);
    return typeof flat === 'string' ? flat : { leading: [flat[0]!], depth: flat[1]! };
  }
  if (transposeFlags(typed).left)
    return left.length === 2 ? { leading: [left[1]!], depth: left[0]! } : 'is not followed';
  return { leading: left.slice(0, -1), depth: left.at(-1)! };
}

const matmul: Rule = (following) => {
  const { typed, inputs, outputs, isConstant } = following;
  const [left, right] = inputs;
  const [shape] = outputs;
  const flags = transposeFlags(typed);
  if (left === undefined || right === undefined || !shape || left.length < 2 || right.length < 2)
    return 'is not followed';
  if (isConstant(0) || flags.left) return 'multiplies by a constant from the left';
  const [depth, columns] = flags.right ? [right.at(-1)!, right.at(-2)!] : [right.at(-2)!, right.at(-1)!];
  if (isConstant(1) && right.length !== 2) return 'has a weight for each of several products';
  uniteAt(following, left.at(-1)!, depth);
  if (isConstant(1)) return [[...left.slice(0, -1), produced(following, columns)]];
  return betweenActivations(following, { left, right, columns, shape });
};

function betweenActivations(
  following: Following,
  { left, right, columns, shape }: { left: Axes; right: Axes; columns: Axis; shape: readonly number[] },
): Followed {
  const leading = meet(following, [left.slice(0, -2), right.slice(0, -2)], shape.slice(0, -2));
  return [[...leading, left.at(-2)!, columns]];
}

/** The weights of all gates take what comes in; the hidden units stay. */
const recurrent: Rule = (following) => {
  const { inputs, outputs, isConstant, node } = following;
  const [input, weight] = inputs;
  if (!isConstant(1) || input?.length !== 3 || weight?.length !== 3) return 'has no constant weight';
  uniteAt(following, input[2]!, weight[2]!);
  return outputs.map((shape) => shape && ownAxes(shape, node));
};

export const productRules: readonly (readonly [operator: string, rule: Rule])[] = [
  ['Conv', convolution],
  ['ConvTranspose', convolution],
  ['Gemm', gemm],
  ['MatMul', matmul],
  ...['LSTM', 'GRU', 'RNN'].map((name) => [name, recurrent] as const),
];

/** Operators whose constant weight makes new channels. */
export const producers: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
