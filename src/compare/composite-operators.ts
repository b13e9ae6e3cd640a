/**
 * Operators that do the work of several: what exporters and optimizers fuse (ONNX function bodies in Operators.md;
 * onnxruntime's contrib operators in ContribOperators.md).
 */
import type { Node } from '../ir/graph.ts';

/** Where the parts stand beside the node that the composite took the place of. */
type Side = 'before' | 'behind' | 'around';

export interface Parts {
  readonly operators: ReadonlySet<string>;
  readonly side: Side;
}

const activations = ['Relu', 'Clip', 'LeakyRelu', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish'];
const meanAndVariance = ['ReduceMean', 'Sub', 'Pow', 'Mul', 'Add', 'Sqrt', 'Div', 'Cast', 'Reciprocal'];
const attention = [
  ...['MatMul', 'Gemm', 'Softmax', 'Mul', 'Div', 'Add', 'Where', 'Transpose', 'Reshape', 'Split', 'Gather', 'Concat'],
  ...['Sqrt', 'Cast', 'Unsqueeze', 'Squeeze', 'Slice', 'Expand'],
];

const composites: readonly (readonly [operators: readonly string[], parts: readonly string[], side: Side])[] = [
  [['Conv', 'ConvTranspose'], ['BatchNormalization'], 'around'],
  [['FusedConv', 'NhwcFusedConv'], ['Conv', 'BatchNormalization', 'Add', ...activations], 'behind'],
  [['QLinearConv', 'ConvInteger'], ['Conv', 'BatchNormalization', 'Relu', 'Clip'], 'behind'],
  [['Gemm', 'QGemm'], ['MatMul', 'Add', 'Transpose', 'Reshape'], 'around'],
  [['FusedGemm'], ['Gemm', 'MatMul', 'Add', 'Transpose', 'Reshape', ...activations], 'around'],
  [['FusedMatMul'], ['MatMul', 'Transpose', 'Mul', 'Div'], 'around'],
  [['LayerNormalization'], meanAndVariance, 'around'],
  [
    ['SkipLayerNormalization', 'SkipSimplifiedLayerNormalization'],
    ['LayerNormalization', 'SimplifiedLayerNormalization', ...meanAndVariance],
    'before',
  ],
  [['EmbedLayerNormalization'], ['LayerNormalization', 'Gather', 'Add'], 'before'],
  [['RMSNormalization', 'SimplifiedLayerNormalization'], meanAndVariance, 'around'],
  [['GroupNormalization', 'GroupNorm'], ['InstanceNormalization', 'Reshape', ...meanAndVariance], 'around'],
  [['InstanceNormalization'], meanAndVariance, 'around'],
  [
    ['Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu'],
    ['Erf', 'Tanh', 'Sigmoid', 'Mul', 'Div', 'Add', 'Pow', 'Gelu'],
    'before',
  ],
  [['HardSwish'], ['HardSigmoid', 'Mul', 'Add', 'Clip', 'Div'], 'around'],
  [['Swish', 'Mish'], ['Sigmoid', 'Softplus', 'Tanh', 'Mul'], 'around'],
  [['HardSigmoid'], ['Add', 'Clip', 'Div', 'Mul'], 'around'],
  [['Softplus'], ['Exp', 'Add', 'Log'], 'around'],
  [['Attention', 'MultiHeadAttention', 'QAttention', 'GroupQueryAttention', 'PackedAttention'], attention, 'around'],
  [['DepthToSpace', 'SpaceToDepth'], ['Reshape', 'Transpose'], 'around'],
  [['QLinearAdd', 'QLinearMul'], ['Add', 'Mul', 'Relu', 'Clip'], 'behind'],
];

const none: Parts = { operators: new Set(), side: 'around' };

const partsByOperator: ReadonlyMap<string, Parts> = new Map(
  composites.flatMap(([operators, parts, side]) =>
    operators.map((operator) => [operator, { operators: new Set(parts), side }] as const),
  ),
);

/** What one node may stand for; nothing for plain operators. */
export function composedOf(node: Node): Parts {
  // Optimizers for one processor keep the name and put the activation into an attribute.
  const fused = node.domain !== '' && node.attributes.has('activation') ? `Fused${node.operator}` : node.operator;
  return partsByOperator.get(fused) ?? partsByOperator.get(node.operator) ?? none;
}

/** Parts that may be read beside the composite too: the sum in front of a normalization is also the next shortcut. */
export function sharesParts(node: Node): boolean {
  return node.operator.startsWith('Skip') || node.operator.endsWith('Integer');
}

/** Activations by what exporters spell them out with; the first whose operators are all there. */
const spelled: readonly (readonly [activation: string, operators: readonly string[]])[] = [
  ['Gelu', ['Erf', 'Mul']],
  ['Mish', ['Softplus', 'Tanh', 'Mul']],
  ['Gelu', ['Tanh', 'Mul', 'Add']],
  ['HardSwish', ['HardSigmoid', 'Mul']],
  ['HardSwish', ['Clip', 'Mul']],
  ['Swish', ['Sigmoid', 'Mul']],
];

/** Optimizers' own names for them; QuickGelu is x · sigmoid(αx). */
const renamed: ReadonlyMap<string, string> = new Map([
  ['BiasGelu', 'Gelu'],
  ['FastGelu', 'Gelu'],
  ['QuickGelu', 'Swish'],
]);

/** The activation that an operator of that family is. */
export function namedActivation(operator: string): string {
  return renamed.get(operator) ?? operator;
}

/** What nodes without weights compute together, if that is an activation. */
export function spelledActivation(operators: ReadonlySet<string>): string | undefined {
  return spelled.find(([, parts]) => parts.every((part) => operators.has(part)))?.[0];
}
