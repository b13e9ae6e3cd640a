/** Operators that replace one another in practice: a change from one to the other is a changed layer, not two layers. */
import type { Node } from '../ir/graph.ts';

const families: readonly (readonly [family: string, operators: readonly string[]])[] = [
  ['convolution', ['Conv', 'NhwcConv']],
  ['transposed convolution', ['ConvTranspose']],
  ['matrix product', ['MatMul', 'Gemm', 'MatMulNBits', 'MatMulBnb4', 'QGemm', 'DynamicQuantizeMatMul', 'Einsum']],
  [
    'activation',
    [
      ['Relu', 'Clip', 'LeakyRelu', 'PRelu', 'ThresholdedRelu', 'Elu', 'Selu', 'Celu', 'HardSwish', 'HardSigmoid'],
      ['Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu', 'Swish', 'Mish'],
    ].flat(),
  ],
  ['pooling', ['MaxPool', 'AveragePool', 'LpPool']],
  ['global pooling', ['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'ReduceMean', 'ReduceMax']],
  ['element-wise', ['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Max', 'Min', 'Mean', 'Pow']],
  [
    'normalization',
    [
      ['BatchNormalization', 'LayerNormalization', 'InstanceNormalization', 'GroupNormalization', 'GroupNorm', 'LRN'],
      ['RMSNormalization', 'SimplifiedLayerNormalization', 'SkipLayerNormalization', 'LpNormalization'],
      ['SkipSimplifiedLayerNormalization', 'MeanVarianceNormalization'],
    ].flat(),
  ],
  ['softmax', ['Softmax', 'LogSoftmax', 'Hardmax']],
  ['resize', ['Resize', 'Upsample']],
  ['view', ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']],
  ['recurrent', ['LSTM', 'GRU', 'RNN', 'DynamicQuantizeLSTM']],
  ['attention', ['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'PackedAttention', 'QAttention']],
  ['lookup', ['Gather', 'GatherElements', 'GatherND', 'EmbedLayerNormalization']],
];

const familyByOperator: ReadonlyMap<string, string> = new Map(
  families.flatMap(([family, operators]) => operators.map((operator) => [operator, family] as const)),
);

/** Nodes that decorate their neighbours: they change the number format or nothing at all. */
const decorations: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear', 'Identity', 'Dropout']);

/** Nodes that exist because a neighbour is of another type. */
export function isConversion({ operator, domain }: Node): boolean {
  return operator === 'QuantizeLinear' || operator === 'DequantizeLinear' || (operator === 'Cast' && domain === '');
}

export function isDecoration(node: Node): boolean {
  return decorations.has(node.operator);
}

/** Operators whose operands may be swapped: exporters disagree on their order. */
const commutative: ReadonlySet<string> = new Set([
  'Add',
  'Mul',
  'Sum',
  'Max',
  'Min',
  'Mean',
  'And',
  'Or',
  'Xor',
  'Equal',
]);

export function isCommutative(node: Node): boolean {
  return node.domain === '' && commutative.has(node.operator);
}

/** `QLinearConv`, `ConvInteger` and `FusedConv` compute a `Conv`. */
export function plainOperator(operator: string): string {
  return operator.replace(/^(QLinear|Fused)(?=[A-Z])/, '').replace(/Integer(ToFloat)?$/, '');
}

/** The operator itself where it belongs to no family. */
export function familyOf(operator: string): string {
  const plain = plainOperator(operator);
  return familyByOperator.get(plain) ?? plain;
}

/** `Conv`, `com.microsoft.FusedConv`. */
export function qualifiedOperator(node: Node): string {
  return node.domain === '' ? node.operator : `${node.domain}.${node.operator}`;
}
