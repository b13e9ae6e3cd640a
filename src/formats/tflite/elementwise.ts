/** Operators on one element at a time, conversions between element types, and products. */
import type { Attribute } from '../../ir/graph.ts';
import { dataTypeCode } from '../../operators/cast.ts';
import {
  activated,
  float,
  int,
  option,
  own,
  plain,
  text,
  tfliteDomain,
  type NodeDraft,
  type Translate,
} from './operator.ts';

/** Operators of one or more operands whose option `field` may ask for an activation. */
function arithmetic(name: string, field = 0): Translate {
  return (operator) =>
    activated(operator, field, { operator: name, inputs: operator.inputs, outputs: operator.outputs });
}

function clip(minimum: number, maximum: number): Translate {
  return plain('Clip', { min: float(minimum), max: float(maximum) });
}

/** To the element type that the file declares of the output; a resource has none. */
function converting(name: string, attribute: string): Translate {
  return ({ inputs, outputs, outputTypes }) => {
    const code = dataTypeCode(outputTypes[0]?.dtype ?? null);
    return [{ operator: name, inputs, outputs, attributes: code === undefined ? {} : { [attribute]: int(code) } }];
  };
}

/** Rows of the input's last axis times a weight of columns × depth. */
const fullyConnected: Translate = (operator) => {
  const rank = operator.inputTypes[0]?.shape?.length;
  const kept = option(operator, 2, 'bool') === 1;
  const depth = operator.inputTypes[1]?.shape?.at(1);
  const isMatrix = rank === 2 && operator.inputTypes[0]?.shape?.[1] === depth;
  const leading: Record<string, Attribute> = isMatrix ? {} : { leading_axes: text(kept ? 'kept' : 'flattened') };
  const inputs = operator.inputs.slice(0, 3);
  return activated(operator, 0, {
    operator: 'Gemm',
    inputs: inputs[2] === '' ? inputs.slice(0, 2) : inputs,
    outputs: operator.outputs.slice(0, 1),
    attributes: { transB: int(1), ...leading },
  });
};

const batchMatmul: Translate = (operator) => [
  {
    operator: 'MatMul',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: {
      ...(option(operator, 0, 'bool') === 1 && { transA: int(1) }),
      ...(option(operator, 1, 'bool') === 1 && { transB: int(1) }),
    },
  },
];

const square: Translate = ({ inputs, outputs }) => [
  { operator: 'Mul', inputs: [inputs[0] ?? '', inputs[0] ?? ''], outputs },
];

const leakyRelu: Translate = (operator) => [
  {
    operator: 'LeakyRelu',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: { alpha: float(option(operator, 0, 'float32')) },
  },
];

const gelu: Translate = (operator) => [
  {
    operator: 'Gelu',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: option(operator, 0, 'bool') === 1 ? { approximate: text('tanh') } : {},
  },
];

const l2Normalization: Translate = (operator) =>
  activated(operator, 0, {
    operator: 'LpNormalization',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: { axis: int(-1), p: int(2) },
  });

/** Limits come first and last. */
const stablehloClamp: Translate = ({ inputs: [minimum = '', value = '', maximum = ''], outputs }) => [
  { operator: 'Clip', inputs: [value, minimum, maximum], outputs },
];

const comparisons: readonly (NodeDraft['operator'] | undefined)[] = [
  'Equal',
  undefined,
  'GreaterOrEqual',
  'Greater',
  'LessOrEqual',
  'Less',
];

const stablehloCompare: Translate = (operator) => {
  const { inputs, outputs } = operator;
  const name = comparisons[option(operator, 0, 'uint32')];
  return name === undefined
    ? [{ operator: 'NotEqual', domain: tfliteDomain, inputs, outputs }]
    : [{ operator: name, inputs, outputs }];
};

/** Builtin codes of operators that differ from ONNX's in nothing but the name. */
const sameMeaning: readonly (readonly [code: number, name: string])[] = [
  [8, 'Floor'],
  [14, 'Sigmoid'],
  [19, 'Relu'],
  [25, 'Softmax'],
  [28, 'Tanh'],
  [47, 'Exp'],
  [50, 'LogSoftmax'],
  [54, 'PRelu'],
  [55, 'Max'],
  [57, 'Min'],
  [58, 'Less'],
  [59, 'Neg'],
  [61, 'Greater'],
  [62, 'GreaterOrEqual'],
  [63, 'LessOrEqual'],
  [64, 'Where'],
  [66, 'Sin'],
  [71, 'Equal'],
  [73, 'Log'],
  [75, 'Sqrt'],
  [78, 'Pow'],
  [84, 'Or'],
  [86, 'And'],
  [87, 'Not'],
  [95, 'Mod'],
  [101, 'Abs'],
  [104, 'Ceil'],
  [106, 'Sum'],
  [108, 'Cos'],
  [111, 'Elu'],
  [116, 'Round'],
  [117, 'HardSwish'],
  [123, 'Where'],
  [124, 'Identity'],
  [158, 'Sign'],
  [160, 'BitwiseXor'],
  [161, 'BitShift'],
  [162, 'Sigmoid'],
  [163, 'Add'],
  [164, 'Div'],
  [165, 'Mul'],
  [166, 'Max'],
  [175, 'Abs'],
  [176, 'And'],
  [177, 'Cos'],
  [178, 'Exp'],
  [179, 'Floor'],
  [180, 'Log'],
  [181, 'Min'],
  [182, 'Neg'],
  [183, 'Or'],
  [184, 'Pow'],
  [185, 'Mod'],
  [187, 'Where'],
  [188, 'Sub'],
  [189, 'Tanh'],
  [207, 'BitShift'],
];

/** As above, of operators that ONNX lacks. */
const ownMeaning: readonly (readonly [code: number, name: string])[] = [
  [72, 'NotEqual'],
  [76, 'Rsqrt'],
  [80, 'FakeQuant'],
  [90, 'FloorDiv'],
  [93, 'ZerosLike'],
  [99, 'SquaredDifference'],
  [133, 'Imag'],
  [134, 'Real'],
  [135, 'ComplexAbs'],
  [147, 'Bucketize'],
  [156, 'Atan2'],
  [186, 'Rsqrt'],
  [208, 'Cbrt'],
];

/** By builtin code. */
export const elementwiseTranslations: ReadonlyMap<number, Translate> = new Map<number, Translate>([
  ...sameMeaning.map(([code, name]) => [code, plain(name)] as const),
  ...ownMeaning.map(([code, name]) => [code, own(name)] as const),
  [0, arithmetic('Add')],
  [6, converting('DequantizeLinear', 'output_dtype')],
  [9, fullyConnected],
  [11, l2Normalization],
  [18, arithmetic('Mul')],
  [20, clip(-1, 1)],
  [21, clip(0, 6)],
  [41, arithmetic('Sub')],
  [42, arithmetic('Div')],
  [53, converting('Cast', 'to')],
  [92, square],
  [98, leakyRelu],
  [114, converting('QuantizeLinear', 'output_dtype')],
  [126, batchMatmul],
  [150, gelu],
  [152, clip(0, 1)],
  [159, own('Bitcast')],
  [168, stablehloClamp],
  [191, stablehloCompare],
  [192, converting('Cast', 'to')],
]);
