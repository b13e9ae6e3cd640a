/**
 * Operators that do the work of several: what exporters and optimizers fuse (ONNX function bodies in Operators.md;
 * onnxruntime's contrib operators in ContribOperators.md).
 */
const activations = ['Relu', 'Clip', 'LeakyRelu', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish'];
const meanAndVariance = ['ReduceMean', 'Sub', 'Pow', 'Mul', 'Add', 'Sqrt', 'Div', 'Cast', 'Reciprocal'];
const attention = [
  'MatMul',
  'Softmax',
  'Mul',
  'Div',
  'Add',
  'Where',
  'Transpose',
  'Reshape',
  'Split',
  'Gather',
  'Concat',
];

const composites: readonly (readonly [operators: readonly string[], parts: readonly string[]])[] = [
  [['Conv', 'ConvTranspose'], ['BatchNormalization']],
  [
    ['FusedConv', 'NhwcFusedConv'],
    ['Conv', 'BatchNormalization', 'Add', ...activations],
  ],
  [
    ['QLinearConv', 'ConvInteger'],
    ['Conv', 'BatchNormalization', 'Relu', 'Clip'],
  ],
  [
    ['Gemm', 'QGemm'],
    ['MatMul', 'Add', 'Transpose', 'Reshape'],
  ],
  [['FusedGemm'], ['Gemm', 'MatMul', 'Add', 'Transpose', ...activations]],
  [['FusedMatMul'], ['MatMul', 'Transpose', 'Mul', 'Div']],
  [['LayerNormalization'], meanAndVariance],
  [['SkipLayerNormalization'], ['LayerNormalization', ...meanAndVariance]],
  [['RMSNormalization', 'SimplifiedLayerNormalization'], meanAndVariance],
  [
    ['GroupNormalization', 'GroupNorm'],
    ['InstanceNormalization', 'Reshape', ...meanAndVariance],
  ],
  [['InstanceNormalization'], meanAndVariance],
  [
    ['Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu'],
    ['Erf', 'Tanh', 'Sigmoid', 'Mul', 'Div', 'Add', 'Pow', 'Gelu'],
  ],
  [['HardSwish'], ['HardSigmoid', 'Mul', 'Add', 'Clip', 'Div']],
  [
    ['Swish', 'Mish'],
    ['Sigmoid', 'Softplus', 'Tanh', 'Mul'],
  ],
  [['HardSigmoid'], ['Add', 'Clip', 'Div', 'Mul']],
  [['Softplus'], ['Exp', 'Add', 'Log']],
  [['Attention', 'MultiHeadAttention', 'QAttention', 'GroupQueryAttention', 'PackedAttention'], attention],
  [
    ['DepthToSpace', 'SpaceToDepth'],
    ['Reshape', 'Transpose'],
  ],
  [
    ['QLinearAdd', 'QLinearMul'],
    ['Add', 'Mul', 'Relu', 'Clip'],
  ],
];

const none: ReadonlySet<string> = new Set();

const partsByOperator: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  composites.flatMap(([operators, parts]) => operators.map((operator) => [operator, new Set(parts)] as const)),
);

/** Operators that one `operator` may stand for; empty for plain ones. */
export function composedOf(operator: string): ReadonlySet<string> {
  return partsByOperator.get(operator) ?? none;
}
