/**
 * Arithmetic on single elements of propagated values: plain on numbers, polynomials on symbols, unknown with a reason
 * where neither can tell.
 *
 * Symbols stand for sizes and are taken as 1 or more. Between a cast to float and the rounding back, a polynomial may
 * carry fractional coefficients (`0.5*height`); `floorElement` and its like make dimensions of it again.
 */
import type { DataType } from '../ir/data-type.ts';
import { bitsPerElement, isInteger } from '../ir/data-type.ts';
import {
  add,
  ceilDivide,
  floorDivide,
  isKnown,
  isUnknown,
  lowerBound,
  maximum,
  minimum,
  multiply,
  subtract,
  unknown,
} from '../ir/dimension.ts';
import type { Element } from '../ir/graph.ts';

/** An operation on elements of one type; the operands are in order. */
export type ElementOperation = (operands: readonly Element[], dtype: DataType) => Element;

const undecided = unknown('an element is not known before the model runs');

/** An operation on numbers alone; where one is symbolic or unknown, so is the result. */
export function onNumbers(operation: (...numbers: number[]) => number): ElementOperation {
  return (operands, dtype) => {
    const numbers = operands.filter(isKnown);
    if (numbers.length < operands.length) return operands.find(isUnknown) ?? undecided;
    return represent(operation(...numbers), dtype);
  };
}

/** An operation of two operands that has a form on symbols; more operands are taken from the left. */
export function onPairs(
  operation: (a: number, b: number) => number,
  symbolic: (a: Element, b: Element, dtype: DataType) => Element,
): ElementOperation {
  return (operands, dtype) =>
    operands.reduce((a, b) => (isKnown(a) && isKnown(b) ? represent(operation(a, b), dtype) : symbolic(a, b, dtype)));
}

/** A result as its type holds it: single precision rounds, and integers past the type's range are not followed. */
function represent(value: number, dtype: DataType): Element {
  if (dtype === 'float32') return Math.fround(value);
  if (!isInteger(dtype)) return value;
  if (!Number.isInteger(value)) return unknown('the result is no integer');
  const bits = bitsPerElement(dtype);
  const [low, high] = dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return value >= low && value <= high ? value : unknown('the integer overflows');
}

export const addElements = onPairs((a, b) => a + b, add);
export const subtractElements = onPairs((a, b) => a - b, subtract);
export const multiplyElements = onPairs((a, b) => a * b, multiply);
export const maximumOfElements = onPairs(Math.max, maximum);
export const minimumOfElements = onPairs(Math.min, minimum);

/** ONNX Div: integers lose their fraction towards zero. */
export const divideElements: ElementOperation = (operands, dtype) => {
  const [a, b] = operands;
  if (a === undefined || b === undefined) return undecided;
  if (isKnown(a) && isKnown(b)) return isInteger(dtype) ? divideIntegers(a, b) : represent(a / b, dtype);
  if (isInteger(dtype)) return floorDivide(a, b);
  return isKnown(b) && b !== 0 ? multiply(a, 1 / b) : undecided;
};

function divideIntegers(a: number, b: number): Element {
  return b === 0 ? unknown('division by zero') : Math.trunc(a / b);
}

const anySign: readonly number[] = [-1, 0, 1];

/** The signs that `a - b` can have, whatever sizes the symbols stand for. */
function signsOfDifference(a: Element, b: Element): readonly number[] {
  if (isKnown(a) && isKnown(b)) return a === b ? [0] : a < b ? [-1] : a > b ? [1] : [NaN];
  const difference = subtract(a, b);
  if (isKnown(difference)) return [Math.sign(difference)];
  const least = lowerBound(difference) ?? -1;
  if (least >= 0) return least > 0 ? [1] : [0, 1];
  const leastOpposite = lowerBound(multiply(difference, -1)) ?? -1;
  if (leastOpposite >= 0) return leastOpposite > 0 ? [-1] : [-1, 0];
  return anySign;
}

/** A comparison by the sign of the difference; decided where it holds, or fails, for every sign that is possible. */
export function comparison(holds: (sign: number) => boolean): ElementOperation {
  return ([a, b]) => {
    if (a === undefined || b === undefined) return undecided;
    const verdicts = signsOfDifference(a, b).map(holds);
    return verdicts.every((verdict) => verdict === verdicts[0]) ? Number(verdicts[0]) : undecided;
  };
}

export const floorElement: ElementOperation = ([a]) =>
  a === undefined ? undecided : round(a, Math.floor, floorDivide);
export const ceilElement: ElementOperation = ([a]) => (a === undefined ? undecided : round(a, Math.ceil, ceilDivide));

/** Coefficients are brought to this common denominator at most before a polynomial is rounded. */
const largestDenominator = 1024;

function round(
  element: Element,
  ofNumber: (value: number) => number,
  divide: (a: Element, b: number) => Element,
): Element {
  if (isKnown(element)) return ofNumber(element);
  if (isUnknown(element)) return element;
  const coefficients = element.terms.map(({ coefficient }) => coefficient);
  if (coefficients.every(Number.isInteger)) return element;
  for (let denominator = 2; denominator <= largestDenominator; denominator++) {
    if (coefficients.every((coefficient) => Number.isInteger(coefficient * denominator))) {
      return divide(multiply(element, denominator), denominator);
    }
  }
  return undecided;
}
