/** What it means to leave an attribute out: exporters write defaults or leave them to the reader (ONNX Operators.md). */
import type { Attribute, Node } from '../ir/graph.ts';

const ones = (values: readonly number[]): boolean => values.every((value) => value === 1);
const zeros = (values: readonly number[]): boolean => values.every((value) => value === 0);

/** Of every operator. */
const lists: Readonly<
  Record<string, { readonly holds: (values: readonly number[]) => boolean; readonly each: string }>
> = {
  dilations: { holds: ones, each: '1' },
  strides: { holds: ones, each: '1' },
  pads: { holds: zeros, each: '0' },
  output_padding: { holds: zeros, each: '0' },
};

type Defaults = Readonly<Record<string, number | string>>;

const ofAll: Defaults = {
  ...{ group: 1, ceil_mode: 0, count_include_pad: 0, storage_order: 0, transA: 0, transB: 0, auto_pad: 'NOTSET' },
  ...{ keepdims: 1, noop_with_empty_axes: 0, select_last_index: 0, stash_type: 1, saturate: 1 },
};

const recurrent: Defaults = { direction: 'forward', layout: 0, input_forget: 0, linear_before_reset: 0 };
const normalization: Defaults = { axis: -1, epsilon: 1e-5, momentum: 0.9, training_mode: 0, spatial: 1 };

const byOperator: Readonly<Record<string, Defaults>> = {
  ...{ LSTM: recurrent, GRU: recurrent, RNN: recurrent },
  ...{ LayerNormalization: normalization, BatchNormalization: normalization, InstanceNormalization: normalization },
  ...{ Gather: { axis: 0 }, GatherElements: { axis: 0 }, Flatten: { axis: 1 }, Split: { axis: 0 }, TopK: { axis: -1 } },
  Resize: {
    ...{ mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_floor' },
    ...{ cubic_coeff_a: -0.75, exclude_outside: 0, extrapolation_value: 0, antialias: 0 },
    keep_aspect_ratio_policy: 'stretch',
  },
  ...{ LeakyRelu: { alpha: 0.01 }, Elu: { alpha: 1 }, HardSigmoid: { alpha: 0.2, beta: 0.5 } },
  ...{ Gelu: { approximate: 'none' }, Pad: { mode: 'constant' }, DepthToSpace: { mode: 'DCR' } },
  CumSum: { exclusive: 0, reverse: 0 },
};

/** In opset 13 these look at the last axis, before at all from the second on. */
const lastAxis: ReadonlySet<string> = new Set(['Softmax', 'LogSoftmax', 'Hardmax']);

export function isDefault(node: Node, name: string, attribute: Attribute): boolean {
  // The weights say the kernel's shape; for pools nothing else does.
  if (name === 'kernel_shape') return node.operator.includes('Conv');
  // What a zero in a target shape means is in the shape that comes out.
  if (name === 'allowzero') return true;
  if (attribute.kind === 'ints') return Object.hasOwn(lists, name) && lists[name]!.holds(attribute.values);
  if (attribute.kind !== 'int' && attribute.kind !== 'float' && attribute.kind !== 'string') return false;
  const value = defaultOf(node, name);
  if (attribute.kind === 'float' && typeof value === 'number') return attribute.value === Math.fround(value);
  return attribute.value === value;
}

/** In words; undefined where leaving the attribute out means something that depends on more. */
export function defaultText(node: Node, name: string): string | undefined {
  if (Object.hasOwn(lists, name)) return lists[name]!.each;
  const value = defaultOf(node, name);
  return value === undefined ? undefined : String(value);
}

function defaultOf({ operator, domain, version }: Node, name: string): number | string | undefined {
  if (operator.endsWith('Gemm') && (name === 'alpha' || name === 'beta')) return 1;
  if (domain === '' && name === 'axis' && lastAxis.has(operator)) return version >= 13 ? -1 : 1;
  const own = domain === '' && Object.hasOwn(byOperator, operator) ? byOperator[operator]! : {};
  if (Object.hasOwn(own, name)) return own[name];
  return Object.hasOwn(ofAll, name) ? ofAll[name] : undefined;
}
