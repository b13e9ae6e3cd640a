/** Operators that treat channels one by one, or take them away. */
import { intAttribute, stringAttribute } from '../../operators/attribute.ts';
import { isChannelsLast } from '../../operators/image-layout.ts';
import { intsOperand, normalizeAxes, normalizeAxis } from '../../operators/type.ts';
import { fix, freeAxis, repeated, widened } from './channels.ts';
import { elementwiseRule, meet } from './elementwise-rule.ts';
import { ownAxes, reasonAt, sizesOf, uniteAt } from './following.ts';
import type { Rule } from './following.ts';

/** Batch and channels pass, positions are the operator's. */
const pool: Rule = ({ inputs: [input], outputs, node }) => {
  if (input === undefined) return 'is not followed';
  const channel = isChannelsLast(node) ? input.length - 1 : 1;
  return outputs.map(
    (shape) => shape && ownAxes(shape, node).map((own, axis) => (axis === 0 || axis === channel ? input[axis]! : own)),
  );
};

/** Axes pass whose size stays; others are the operator's, and what comes in along them must stay. */
export const sameSizes: Rule = ({ inputs: [input], outputs: [shape], node }) => {
  if (input === undefined || !shape || input.length > shape.length) return 'is not followed';
  const added = shape.length - input.length;
  const sizes = sizesOf(input);
  const passed = ownAxes(shape, node).map((own, axis) => {
    const [from, size] = [input[axis - added], sizes[axis - added]];
    if (from === undefined) return own;
    if (size === shape[axis]) return from;
    fix(from, reasonAt(node, 'changes their number'));
    return own;
  });
  return [passed];
};

const firstTwo: Rule = ({ inputs: [input], outputs: [shape], node }) => {
  if (input === undefined || !shape || input.length < 3) return 'is not followed';
  return [ownAxes(shape, node).map((own, axis) => (axis < 2 ? input[axis]! : own))];
};

/** Statistics and scales of one element per channel. */
const perChannel: Rule = (following) => {
  const {
    inputs: [input, ...others],
    outputs,
    node,
  } = following;
  if (input === undefined || input.length < 2) return 'is not followed';
  const channels = input[isChannelsLast(node) && input.length > 2 ? input.length - 1 : 1]!;
  for (const other of others) if (other?.[0] !== undefined) uniteAt(following, channels, other[0]);
  return outputs.map((shape, position) => (position === 0 ? input : shape && ownAxes(shape, node)));
};

/** As many channels go from each group. Before opset 21 there was a scale for each group, not for each channel. */
const groupNormalization: Rule = (following) => {
  const {
    inputs: [input, ...scales],
    node,
  } = following;
  const channels = input?.[1];
  if (input === undefined || channels === undefined) return 'is not followed';
  const [groups, [size = 0]] = [intAttribute(node, 'num_groups', 1), sizesOf([channels])];
  const all = size % groups === 0 ? repeated(freeAxis(size / groups), groups) : undefined;
  if (all === undefined) return 'has more groups than can be followed';
  uniteAt(following, channels, all);
  for (const scale of scales)
    if (scale?.[0] !== undefined && node.version >= 21) uniteAt(following, channels, scale[0]);
  return [input];
};

const layerNormalization: Rule = (following) => {
  const {
    inputs: [input, ...others],
    outputs,
    node,
  } = following;
  if (input === undefined) return 'is not followed';
  for (const other of others) if (other !== undefined) meet(following, [input, other], sizesOf(input));
  return outputs.map((shape, position) => (position === 0 ? input : shape && ownAxes(shape, node)));
};

const unchanged: Rule = ({ inputs: [input], outputs, node }) =>
  input === undefined
    ? 'is not followed'
    : outputs.map((shape, position) => (position === 0 ? input : shape && ownAxes(shape, node)));

/** What stands along the axis is one distribution. */
const softmax: Rule = (following) => {
  const {
    inputs: [input],
    node,
  } = following;
  const axis = input && normalizeAxis(intAttribute(node, 'axis', node.version < 13 ? 1 : -1), input.length);
  if (input === undefined || axis === undefined) return 'is not followed';
  fix(input[axis]!, reasonAt(node, 'makes one distribution of them'));
  return [input];
};

const reduce: Rule = ({ inputs: [input], outputs: [shape], typed, node }) => {
  if (input === undefined || !shape) return 'is not followed';
  const given = intsOperand(typed, 'axes', 1);
  const none = given === undefined || given?.length === 0;
  if (none && intAttribute(node, 'noop_with_empty_axes', 0) === 1) return [input];
  const axes = given === null ? undefined : normalizeAxes(none ? [...input.keys()] : given, input.length);
  if (axes === undefined) return 'is not followed';
  const own = ownAxes(shape, node);
  if (shape.length === input.length) return [own.map((each, axis) => (axes.includes(axis) ? each : input[axis]!))];
  return [input.filter((_, axis) => !axes.includes(axis))];
};

/** Scales and zero points: one for all, or one for each slice along the axis. */
const quantize: Rule = (following) => {
  const {
    inputs: [input, ...scales],
    node,
  } = following;
  if (input === undefined) return 'is not followed';
  const axis = normalizeAxis(intAttribute(node, 'axis', 1), input.length);
  for (const scale of scales) {
    if (scale === undefined || scale.length === 0 || (scale.length === 1 && sizesOf(scale)[0] === 1)) continue;
    if (scale.length !== 1 || axis === undefined) return 'has a scale for each block';
    uniteAt(following, input[axis]!, scale[0]!);
  }
  return [input];
};

const gather: Rule = ({ inputs: [data, indices], outputs: [shape], node }) => {
  const axis = data && normalizeAxis(intAttribute(node, 'axis', 0), data.length);
  if (data === undefined || indices === undefined || axis === undefined || !shape) return 'is not followed';
  fix(data[axis]!, reasonAt(node, 'picks some of them'));
  return [[...data.slice(0, axis), ...indices, ...data.slice(axis + 1)]];
};

/** Each channel that comes out was a block of several: beside each other (`CRD`) or a whole row apart. */
const depthToSpace: Rule = (following) => {
  const {
    inputs: [input],
    outputs: [shape],
    node,
  } = following;
  if (input?.length !== 4 || !shape) return 'is not followed';
  const channel = isChannelsLast(node) ? 3 : 1;
  const block = intAttribute(node, 'blocksize', 1) ** 2;
  const made = freeAxis(shape[channel]!);
  const before = stringAttribute(node, 'mode', 'DCR') === 'CRD' ? widened(made, block) : repeated(made, block);
  if (before === undefined) return 'has more blocks than can be followed';
  uniteAt(following, input[channel]!, before);
  return [ownAxes(shape, node).map((own, axis) => (axis === channel ? made : axis === 0 ? input[0]! : own))];
};

export const axisRules: readonly (readonly [operator: string, rule: Rule])[] = [
  ...['MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map(
    (name) => [name, pool] as const,
  ),
  ...['Resize', 'Upsample', 'Pad', 'Expand', 'Tile'].map((name) => [name, sameSizes] as const),
  ['GridSample', firstTwo],
  ['BatchNormalization', perChannel],
  ['InstanceNormalization', perChannel],
  ['GroupNormalization', groupNormalization],
  ['LayerNormalization', layerNormalization],
  ['RMSNormalization', layerNormalization],
  ...['LRN', 'LpNormalization', 'MeanVarianceNormalization', 'Identity', 'Dropout', 'CumSum'].map(
    (name) => [name, unchanged] as const,
  ),
  ...['Softmax', 'LogSoftmax', 'Hardmax'].map((name) => [name, softmax] as const),
  ...['Sum', 'Prod', 'Max', 'Min', 'Mean', 'L1', 'L2', 'SumSquare', 'LogSum', 'LogSumExp'].map(
    (name) => [`Reduce${name}`, reduce] as const,
  ),
  ['QuantizeLinear', quantize],
  ['DequantizeLinear', quantize],
  ['Gather', gather],
  ['DepthToSpace', depthToSpace],
  ['Clip', elementwiseRule],
  ['Cast', elementwiseRule],
];
