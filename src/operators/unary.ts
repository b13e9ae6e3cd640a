/** Element-wise operators of one operand, activations among them. */
import type { TensorValue } from '../ir/graph.ts';
import { elementwise, evaluateElementwise } from './elementwise.ts';
import type { Elementwise } from './elementwise.ts';
import {
  ceilElement,
  floorElement,
  maximumOfElements,
  minimumOfElements,
  onNumbers,
  subtractElements,
} from './element-arithmetic.ts';
import type { ElementOperation } from './element-arithmetic.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf } from './type.ts';

const microsoft = 'com.microsoft';
const isBool = () => 'bool' as const;
const one = { add: 1 };
const exponential = { exponential: 1 };

const negate: ElementOperation = (operands, dtype) => subtractElements([0, ...operands], dtype);

/** Halves go to the even neighbour. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const arithmetic: readonly Elementwise[] = [
  { name: 'Abs', summary: '|x|', cost: one, evaluate: onNumbers(Math.abs) },
  { name: 'Neg', summary: '-x', cost: one, evaluate: negate },
  { name: 'Sign', summary: 'Sign of x', cost: one, evaluate: onNumbers(Math.sign) },
  { name: 'Ceil', summary: 'x rounded up', cost: one, evaluate: ceilElement },
  { name: 'Floor', summary: 'x rounded down', cost: one, evaluate: floorElement },
  { name: 'Round', summary: 'x rounded, halves to even', cost: one, evaluate: onNumbers(roundHalfToEven) },
  { name: 'Reciprocal', summary: '1/x', cost: { divide: 1 }, evaluate: onNumbers((x) => 1 / x) },
  { name: 'Sqrt', summary: 'Square root of x', cost: { divide: 1 }, evaluate: onNumbers(Math.sqrt) },
  { name: 'Exp', summary: 'exp(x)', cost: exponential, evaluate: onNumbers(Math.exp) },
  { name: 'Log', summary: 'log(x)', cost: exponential, evaluate: onNumbers(Math.log) },
  { name: 'Not', summary: 'Logical not', cost: one, evaluate: onNumbers((x) => Number(x === 0)) },
  { name: 'BitwiseNot', summary: 'Bitwise not', cost: one },
  { name: 'IsNaN', summary: 'True where x is no number', cost: one, dtype: isBool },
  { name: 'IsInf', summary: 'True where x is infinite', cost: one, dtype: isBool },
  ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh', 'Erf'].map((name) => ({
    name,
    summary: `${name.toLowerCase()}(x)`,
    cost: exponential,
  })),
];

const activations: readonly Elementwise[] = [
  { name: 'Relu', summary: 'max(x, 0)', cost: one, evaluate: onNumbers((x) => Math.max(x, 0)) },
  { name: 'LeakyRelu', summary: 'x above 0, alpha·x below', cost: { add: 1, multiply: 1 } },
  { name: 'ThresholdedRelu', summary: 'x above alpha, else 0', cost: one },
  { name: 'Elu', summary: 'x above 0, alpha·(exp(x)-1) below', cost: { exponential: 1, add: 1, multiply: 1 } },
  { name: 'Selu', summary: 'gamma·(x above 0, alpha·(exp(x)-1) below)', cost: { exponential: 1, add: 1, multiply: 2 } },
  { name: 'Celu', summary: 'Elu with a continuous derivative', cost: { exponential: 1, add: 1, multiply: 2 } },
  { name: 'Sigmoid', summary: '1/(1+exp(-x))', cost: exponential },
  { name: 'HardSigmoid', summary: 'max(0, min(1, alpha·x+beta))', cost: { add: 3, multiply: 1 } },
  { name: 'HardSwish', summary: 'x·max(0, min(1, x/6+0.5))', cost: { add: 3, multiply: 2 } },
  { name: 'Tanh', summary: 'tanh(x)', cost: exponential },
  { name: 'Softplus', summary: 'log(1+exp(x))', cost: { exponential: 2, add: 1 } },
  { name: 'Softsign', summary: 'x/(1+|x|)', cost: { add: 2, divide: 1 } },
  { name: 'Mish', summary: 'x·tanh(log(1+exp(x)))', cost: { exponential: 3, add: 1, multiply: 1 } },
  { name: 'Swish', summary: 'x·sigmoid(alpha·x)', cost: { exponential: 1, multiply: 2 } },
  { name: 'Gelu', summary: 'x·(1+erf(x/√2))/2', cost: { exponential: 1, add: 1, multiply: 3 } },
  { name: 'Shrink', summary: 'x moved towards 0 by bias, 0 within lambd', cost: { add: 3 } },
  { name: 'Gelu', domain: microsoft, summary: 'x·(1+erf(x/√2))/2', cost: { exponential: 1, add: 1, multiply: 3 } },
  { name: 'QuickGelu', domain: microsoft, summary: 'x·sigmoid(alpha·x)', cost: { exponential: 1, multiply: 2 } },
];

/** Experimental activations of opset 1, removed from the standard since; old converters wrote them. */
const obsolete: readonly Elementwise[] = [
  { name: 'Affine', summary: 'alpha·x+beta', cost: { add: 1, multiply: 1 } },
  { name: 'ScaledTanh', summary: 'alpha·tanh(beta·x)', cost: { exponential: 1, multiply: 2 } },
  { name: 'ParametricSoftplus', summary: 'alpha·log(1+exp(beta·x))', cost: { exponential: 2, add: 1, multiply: 2 } },
];

const clip: Operator = {
  ...elementwise({ name: 'Clip', summary: 'x between two bounds', cost: { add: 2 }, shapeOfFirst: true }),
  evaluate: (context) => [
    bound(bound(context.values[0], context, 1, maximumOfElements), context, 2, minimumOfElements),
  ],
};

/** `value` held against the bound at `position`; itself where there is none. Attributes (before opset 11) bound data. */
function bound(
  value: TensorValue | undefined,
  context: TypedNode,
  position: number,
  operation: ElementOperation,
): TensorValue | undefined {
  const limit = context.inputs[position];
  if (limit === undefined || value === undefined) return value;
  const pair = { ...context, inputs: [context.inputs[0], limit], values: [value, context.values[position]] };
  return evaluateElementwise(pair, operation, dtypeOf(context.inputs[0]));
}

export const unaryOperators: readonly Operator[] = [
  ...[...arithmetic, ...activations, ...obsolete].map(elementwise),
  clip,
];
