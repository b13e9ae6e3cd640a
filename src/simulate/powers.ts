/**
 * Powers, exponentials and logarithms by sums, products, quotients and roots alone. Those of the language differ in the last
 * digit from one engine to the next, and what a browser answers has to be what the command line answers.
 */

/**
 * The logarithm of 2: a part whose last bits are 0, so that small multiples of it are exact, and the rest (Cody and Waite's
 * reduction, with the parts that fdlibm's e_exp.c has).
 */
const logarithmOfTwo = 0.6931471803691238;
const restOfLogarithmOfTwo = 1.9082149292705877e-10;

/** Terms after which nothing is left in 53 bits, for arguments as small as they are made here. */
const [logarithmTerms, exponentialTerms] = [12, 15];

/** @param value not negative */
export function power(value: number, exponent: number): number {
  if (exponent === 1) return value;
  if (exponent === 2) return value * value;
  return value === 0 ? 0 : exponential(exponent * logarithm(value));
}

/** Minus infinity of zero, and no number of less. */
export function logarithm(value: number): number {
  if (value === Infinity) return Infinity;
  if (!(value > 0)) return value === 0 ? -Infinity : Number.NaN;
  const { mantissa, exponent } = binaryParts(value);
  // ln m = 2 artanh((m - 1) / (m + 1)), whose series converges fast where m is near 1.
  const slope = (mantissa - 1) / (mantissa + 1);
  const square = slope * slope;
  let sum = 0;
  for (let term = logarithmTerms; term >= 0; term -= 1) sum = sum * square + 1 / (2 * term + 1);
  return exponent * logarithmOfTwo + (2 * slope * sum + exponent * restOfLogarithmOfTwo);
}

export function exponential(value: number): number {
  if (value > 710) return Infinity;
  if (value < -746) return 0;
  const doublings = Math.round(value / logarithmOfTwo);
  const rest = value - doublings * logarithmOfTwo - doublings * restOfLogarithmOfTwo;
  let sum = 1;
  for (let term = exponentialTerms; term >= 1; term -= 1) sum = 1 + (sum * rest) / term;
  return scaled(sum, doublings);
}

/** By products, which are exact. */
function twoToThe(exponent: number): number {
  const factor = exponent < 0 ? 0.5 : 2;
  let result = 1;
  for (let count = Math.abs(exponent); count > 0; count -= 1) result *= factor;
  return result;
}

const steps = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].map((step) => ({ step, factor: twoToThe(step) }));

/** `value` is `mantissa` times 2 to the `exponent`; the mantissa is between the roots of a half and of two. */
function binaryParts(value: number): { readonly mantissa: number; readonly exponent: number } {
  let mantissa = value;
  let exponent = 0;
  for (const { step, factor } of steps) {
    for (; mantissa >= factor; exponent += step) mantissa /= factor;
    for (; mantissa < 1 / factor; exponent -= step) mantissa *= factor;
  }
  if (mantissa > Math.SQRT2) return { mantissa: mantissa / 2, exponent: exponent + 1 };
  return mantissa < Math.SQRT1_2 ? { mantissa: mantissa * 2, exponent: exponent - 1 } : { mantissa, exponent };
}

/** In two steps, since the factor alone may be more, or less, than a number can be. */
function scaled(value: number, doublings: number): number {
  const half = Math.trunc(doublings / 2);
  return value * twoToThe(half) * twoToThe(doublings - half);
}
