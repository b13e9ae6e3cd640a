/** Element-wise operators of two or more operands that broadcast against one another. */
import { isKnown, multiply, subtract, floorDivide, unknown } from '../ir/dimension.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Element } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { elementwise, evaluateElementwise, operandDtype } from './elementwise.ts';
import type { Elementwise } from './elementwise.ts';
import {
  addElements,
  divideElements,
  maximumOfElements,
  minimumOfElements,
  multiplyElements,
  onNumbers,
  onPairs,
  subtractElements,
} from './element-arithmetic.ts';
import type { ElementOperation } from './element-arithmetic.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf } from './type.ts';

const firstDtype = ({ inputs }: TypedNode): DataType | null => dtypeOf(inputs[0]);

/** Small whole powers of symbols multiply out. */
function power(base: Element, exponent: Element): Element {
  if (!isKnown(exponent) || ![1, 2, 3].includes(exponent)) return unknown('a power of a symbol');
  return Array.from({ length: exponent }, () => base).reduce(multiply);
}

const powerOfElements = onPairs((a, b) => a ** b, power);

/** Both operands of these may be weights: a bias, a scale, a learned embedding. */
const parameters = { parameterInputs: [0, 1] };

const arithmetic: readonly Elementwise[] = [
  { name: 'Add', summary: 'a+b', cost: { add: 1 }, evaluate: addElements, ...parameters },
  { name: 'Sub', summary: 'a-b', cost: { add: 1 }, evaluate: subtractElements, ...parameters },
  { name: 'Mul', summary: 'a·b', cost: { multiply: 1 }, evaluate: multiplyElements, ...parameters },
  { name: 'Div', summary: 'a/b, integers towards 0', cost: { divide: 1 }, evaluate: divideElements, ...parameters },
  { name: 'Pow', summary: 'a to the power b', cost: { exponential: 1 }, dtype: firstDtype, evaluate: powerOfElements },
  {
    name: 'PRelu',
    summary: 'x above 0, slope·x below',
    cost: { add: 1, multiply: 1 },
    shapeOfFirst: true,
    parameterInputs: [1],
  },
  { name: 'SwiGLU', summary: 'a·sigmoid(alpha·a)·b', cost: { exponential: 1, multiply: 3 } },
  { name: 'BitShift', summary: 'Bits moved left or right', cost: { add: 1 } },
  { name: 'BitwiseAnd', summary: 'Bitwise and', cost: { add: 1 } },
  { name: 'BitwiseOr', summary: 'Bitwise or', cost: { add: 1 } },
  { name: 'BitwiseXor', summary: 'Bitwise exclusive or', cost: { add: 1 } },
];

const variadic: readonly Elementwise[] = [
  { name: 'Sum', summary: 'Sum of all operands', cost: { add: 1 }, evaluate: addElements },
  { name: 'Max', summary: 'Largest of all operands', cost: { add: 1 }, evaluate: maximumOfElements },
  { name: 'Min', summary: 'Smallest of all operands', cost: { add: 1 }, evaluate: minimumOfElements },
  { name: 'Mean', summary: 'Mean of all operands', cost: { add: 1, multiply: 1 } },
].map((entry) => ({ ...entry, variadic: true }));

const floorModulo = onPairs(
  (a, b) => {
    const remainder = a % b;
    return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
  },
  (a, b) => subtract(a, multiply(b, floorDivide(a, b))),
);

/** With `fmod` the sign is that of the dividend, as in C; else that of the divisor, as in Python. */
function modulo({ node }: TypedNode): ElementOperation {
  return intAttribute(node, 'fmod', 0) === 1 ? onNumbers((a, b) => a % b) : floorModulo;
}

const mod: Operator = {
  ...elementwise({ name: 'Mod', summary: 'Remainder of a/b', cost: { divide: 1 } }),
  evaluate: (context) => [evaluateElementwise(context, modulo(context), operandDtype(context))],
};

export const binaryOperators: readonly Operator[] = [...[...arithmetic, ...variadic].map(elementwise), mod];
