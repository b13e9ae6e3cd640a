/** Element-wise operations of MIL: arithmetic, comparisons, activations. */
import { emit, step } from '../../emission.ts';
import { number, numbers, tensor, text, typeOf, type Operation } from '../operation.ts';
import { dataTypeNamed } from '../types.ts';
import { onnxDataType } from '../../../onnx/data-types.ts';
import type { Translate } from './translate.ts';

const x = (operation: Operation): string[] => [tensor(operation, 'x')];
const xy = (operation: Operation): string[] => [tensor(operation, 'x'), tensor(operation, 'y')];

function unary(operator: string): Translate {
  return (operation) => {
    emit(operation, operator, x(operation));
  };
}

function binary(operator: string): Translate {
  return (operation) => {
    emit(operation, operator, xy(operation));
  };
}

/** An activation of `x` whose parameters become float attributes. */
function activation(operator: string, attributes: Readonly<Record<string, string>>): Translate {
  return (operation) => {
    const floats = Object.entries(attributes).map(([name, parameter]) => [
      name,
      { float: number(operation, parameter, 0) },
    ]);
    emit(operation, operator, x(operation), Object.fromEntries(floats) as Record<string, { float: number }>);
  };
}

const unaries: readonly (readonly [string, string])[] = [
  ...['abs', 'acos', 'asin', 'atan', 'atanh', 'ceil', 'cos', 'cosh', 'erf', 'exp', 'floor', 'log', 'round', 'sign'],
  ...['sin', 'sinh', 'sqrt', 'tan', 'tanh', 'relu', 'sigmoid', 'softplus', 'softsign', 'identity'],
].map((name) => [name, name[0]!.toUpperCase() + name.slice(1)] as const);

const binaries: readonly (readonly [string, string])[] = [
  ['add', 'Add'],
  ['sub', 'Sub'],
  ['mul', 'Mul'],
  ['real_div', 'Div'],
  ['mod', 'Mod'],
  ['pow', 'Pow'],
  ['maximum', 'Max'],
  ['minimum', 'Min'],
  ['equal', 'Equal'],
  ['greater', 'Greater'],
  ['greater_equal', 'GreaterOrEqual'],
  ['less', 'Less'],
  ['less_equal', 'LessOrEqual'],
  ['logical_and', 'And'],
  ['logical_or', 'Or'],
  ['logical_xor', 'Xor'],
];

/** `exp(x·ln 2)` by the same function of the hardware; the base tells the two apart. */
const exponentialOfTwo: Translate = (operation) => {
  emit(operation, 'Exp', x(operation), { base: 2 });
};

const reciprocalRoot: Translate = (operation) => {
  const root = step(operation, 'root', { operator: 'Sqrt', inputs: x(operation) });
  emit(operation, 'Reciprocal', [root]);
};

const square: Translate = (operation) => {
  const input = tensor(operation, 'x');
  emit(operation, 'Mul', [input, input]);
};

const notEqual: Translate = (operation) => {
  const equal = step(operation, 'equal', { operator: 'Equal', inputs: xy(operation) });
  emit(operation, 'Not', [equal]);
};

/** Rounded down: integers divide towards 0 in ONNX, which is the same for sizes and positions. */
const floorDivide: Translate = (operation) => {
  const isFloat = typeOf(operation, 'x')?.dtype?.includes('float') === true;
  if (!isFloat) {
    emit(operation, 'Div', xy(operation));
    return;
  }
  const quotient = step(operation, 'quotient', { operator: 'Div', inputs: xy(operation) });
  emit(operation, 'Floor', [quotient]);
};

function clip(operation: Operation, input: string, bounds: { readonly min?: number; readonly max?: number }): void {
  const { min, max } = bounds;
  emit(operation, 'Clip', [input], {
    min: min === undefined ? undefined : { float: min },
    max: max === undefined ? undefined : { float: max },
  });
}

const cast: Translate = (operation) => {
  const dtype = dataTypeNamed(text(operation, 'dtype', '')) ?? operation.outputs[0]?.type.dtype;
  emit(operation, 'Cast', x(operation), { to: dtype ? onnxDataType(dtype) : undefined });
};

const clampedRelu: Translate = (operation) => {
  const leaky = step(operation, 'leaky', {
    operator: 'LeakyRelu',
    inputs: x(operation),
    attributes: { alpha: { float: number(operation, 'alpha', 0) } },
  });
  clip(operation, leaky, { max: number(operation, 'beta', 0) });
};

/** One slope for each channel, the second axis: as a shape that broadcasts. */
const prelu: Translate = (operation) => {
  const rank = operation.outputs[0]?.type.shape?.length ?? 4;
  const slope = tensor(operation, 'alpha');
  const axes = Array.from({ length: Math.max(0, rank - 2) }, (_, index) => index + 1);
  const shaped = step(operation, 'slope', { operator: 'Unsqueeze', inputs: [slope], attributes: { axes } });
  emit(operation, 'PRelu', [...x(operation), axes.length > 0 ? shaped : slope]);
};

const gelu: Translate = (operation) => {
  const mode = text(operation, 'mode', 'EXACT');
  emit(operation, mode === 'SIGMOID_APPROXIMATION' ? 'com.microsoft.QuickGelu' : 'Gelu', x(operation), {
    approximate: mode === 'TANH_APPROXIMATION' ? 'tanh' : 'none',
  });
};

const select: Translate = (operation) => {
  emit(
    operation,
    'Where',
    ['cond', 'a', 'b'].map((parameter) => tensor(operation, parameter)),
  );
};

/** The label of the largest probability, and the probabilities by label. */
const classify: Translate = (operation) => {
  const probabilities = tensor(operation, 'probabilities');
  const labels = operation.bindings.get('classes')?.[0]?.constant?.texts;
  const classes =
    labels === undefined
      ? { classlabels_int64s: numbers(operation, 'classes') ?? [] }
      : { classlabels_strings: labels };
  const best = step(operation, 'best', {
    operator: 'ArgMax',
    inputs: [probabilities],
    attributes: { axis: -1, keepdims: 0 },
  });
  const isText = operation.outputs[0]?.type.dtype === 'string';
  const values = isText ? { values_strings: ['label'] } : { values_int64s: [0] };
  const one = step(operation, 'one', { operator: 'Reshape', inputs: [best], attributes: { shape: [] } });
  const label = { operator: 'ai.onnx.ml.LabelEncoder', inputs: [one], attributes: { keys_int64s: [0], ...values } };
  const map = { operator: 'ai.onnx.ml.ZipMap', inputs: [probabilities], attributes: classes };
  [label, map].forEach((node, position) => {
    const output = operation.outputs[position];
    if (output === undefined) return;
    const name = position === 0 ? operation.name : `${operation.name}/${output.name}`;
    emit({ ...operation, name, outputs: [output] }, node.operator, node.inputs, node.attributes);
  });
};

export const elementwise: readonly (readonly [string, Translate])[] = [
  ...unaries.map(([name, operator]) => [name, unary(operator)] as const),
  ...binaries.map(([name, operator]) => [name, binary(operator)] as const),
  ['logical_not', unary('Not')],
  ['inverse', unary('Reciprocal')],
  ['exp2', exponentialOfTwo],
  ['rsqrt', reciprocalRoot],
  ['square', square],
  ['not_equal', notEqual],
  ['floor_div', floorDivide],
  ['cast', cast],
  [
    'clip',
    (operation) =>
      clip(operation, tensor(operation, 'x'), {
        min: number(operation, 'alpha', 0),
        max: number(operation, 'beta', 0),
      }),
  ],
  ['threshold', (operation) => clip(operation, tensor(operation, 'x'), { min: number(operation, 'alpha', 0) })],
  ['relu6', (operation) => clip(operation, tensor(operation, 'x'), { min: 0, max: 6 })],
  ['clamped_relu', clampedRelu],
  ['elu', activation('Elu', { alpha: 'alpha' })],
  ['leaky_relu', activation('LeakyRelu', { alpha: 'alpha' })],
  ['linear_activation', activation('Affine', { alpha: 'alpha', beta: 'beta' })],
  ['scaled_tanh', activation('ScaledTanh', { alpha: 'alpha', beta: 'beta' })],
  ['sigmoid_hard', activation('HardSigmoid', { alpha: 'alpha', beta: 'beta' })],
  ['softplus_parametric', activation('ParametricSoftplus', {})],
  ['thresholded_relu', activation('ThresholdedRelu', { alpha: 'alpha' })],
  ['silu', unary('Swish')],
  ['prelu', prelu],
  ['gelu', gelu],
  ['softmax', (operation) => emit(operation, 'Softmax', x(operation), { axis: number(operation, 'axis', -1) })],
  ['select', select],
  ['classify', classify],
];
