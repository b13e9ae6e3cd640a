/**
 * Dimensions of shapes: numbers, polynomials over symbols (`batch`, `2*sequence+1`), or unknown with a reason.
 *
 * Layout of a symbolic dimension: a sum of terms, each a rational-free integer coefficient times a sorted list of
 * factors. A factor is a symbol or the printed canonical form of an operation that polynomials lack
 * (`floor((h+1)/2)`), so that equal expressions print equal and compare by their text.
 */
import { divideTerm, multiplyTerms, printTerm, widest } from './term.ts';
import type { Term } from './term.ts';

export type Dimension = number | SymbolicDimension | UnknownDimension;

export interface SymbolicDimension {
  readonly kind: 'symbolic';
  /** Sorted by factors, no zero coefficients; the constant term has no factors and comes last. */
  readonly terms: readonly Term[];
  /** Present where the dimension is one division, rounded down, and a number: what is divided by what, all in one. */
  readonly quotient?: Quotient;
}

interface Quotient {
  readonly numerator: SymbolicDimension;
  readonly denominator: number;
}

export interface UnknownDimension {
  readonly kind: 'unknown';
  /** Why no number and no symbol can be given: what in the data decides it. */
  readonly reason: string;
}

/** A product of more factors or a sum of more terms than this becomes unknown: hostile graphs must not blow up. */
const maximumTerms = 32;

/** So does a `floor(...)`, `min(...)` or `max(...)` whose text is longer than this. */
const longestFactor = 400;

const tooLarge = unknown('the expression is too large');

export function symbol(name: string): SymbolicDimension {
  return { kind: 'symbolic', terms: [{ coefficient: 1, factors: [name] }] };
}

/**
 * The symbol of a model input's dimension that the file leaves unnamed: `image.0`. A dimension of input `name` is
 * unnamed exactly when it equals `unnamedSymbol(name, axis)` at that axis.
 */
export function unnamedSymbol(input: string, axis: number): SymbolicDimension {
  return symbol(`${input}.${axis}`);
}

export function unknown(reason: string): UnknownDimension {
  return { kind: 'unknown', reason };
}

export function isKnown(dimension: Dimension): dimension is number {
  return typeof dimension === 'number';
}

export function isSymbolic(dimension: Dimension): dimension is SymbolicDimension {
  return typeof dimension !== 'number' && dimension.kind === 'symbolic';
}

export function isUnknown(dimension: Dimension): dimension is UnknownDimension {
  return typeof dimension !== 'number' && dimension.kind === 'unknown';
}

/** Same number, same polynomial; two unknown dimensions are never equal. */
export function equal(a: Dimension, b: Dimension): boolean {
  if (isUnknown(a) || isUnknown(b)) return false;
  return print(a) === print(b);
}

export function add(a: Dimension, b: Dimension): Dimension {
  // Most shapes are numbers by far, and large graphs have millions of these.
  if (isKnown(a) && isKnown(b)) return a + b;
  const sum = combine(a, b, (x, y) => collect([...x, ...y]));
  return isKnown(a) ? withNumber(sum, b, a) : isKnown(b) ? withNumber(sum, a, b) : sum;
}

/** floor(n/d) + number is floor((n + number·d)/d). */
function withNumber(sum: Dimension, dimension: Dimension, number: number): Dimension {
  if (!isSymbolic(sum) || !isSymbolic(dimension) || dimension.quotient === undefined) return sum;
  const { numerator, denominator } = dimension.quotient;
  return withQuotient(sum, add(numerator, number * denominator), denominator);
}

function withQuotient(dimension: Dimension, numerator: Dimension, denominator: number): Dimension {
  if (!isSymbolic(dimension) || !isSymbolic(numerator)) return dimension;
  return { ...dimension, quotient: { numerator, denominator } };
}

export function subtract(a: Dimension, b: Dimension): Dimension {
  return add(a, multiply(b, -1));
}

export function multiply(a: Dimension, b: Dimension): Dimension {
  if (a === 0 || b === 0) return 0;
  if (isKnown(a) && isKnown(b)) return a * b;
  return combine(a, b, (x, y) => {
    const factors = widest(x) + widest(y);
    if (x.length * y.length > maximumTerms || factors > maximumTerms) return tooLarge;
    return collect(x.flatMap((s) => y.map((t) => multiplyTerms(s, t))));
  });
}

/**
 * Rounds down. Exact where every term divides (`4*n/2` is `2*n`), else an opaque `floor(...)` factor with what does not
 * divide; divisions in a row are one, so that halving three times and dividing by 8 are the same.
 */
export function floorDivide(a: Dimension, b: Dimension): Dimension {
  if (isUnknown(a)) return a;
  if (isUnknown(b)) return b;
  if (b === 1) return a;
  if (b === 0) return unknown('division by zero');
  if (isKnown(a) && isKnown(b)) return Math.floor(a / b);
  if (equal(a, b)) return 1;
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  if (isSymbolic(a) && isKnown(b) && b > 0) return divideByNumber(a, b);
  return opaque(`floor(${parenthesize(a)}/${parenthesize(b)})`);
}

function divideByNumber(a: SymbolicDimension, by: number): Dimension {
  const denominator = (a.quotient?.denominator ?? 1) * by;
  if (a.quotient !== undefined && Number.isSafeInteger(denominator)) {
    return floorDivide(a.quotient.numerator, denominator);
  }
  const whole: Term[] = [];
  const rest: Term[] = [];
  for (const { coefficient, factors } of a.terms) {
    const quotient = Math.floor(coefficient / by);
    const divides = factors.length === 0 || quotient * by === coefficient;
    if (divides) whole.push({ coefficient: quotient, factors });
    const left = divides ? coefficient - quotient * by : coefficient;
    if (left !== 0) rest.push({ coefficient: left, factors });
  }
  const left = collect(rest);
  // A number alone is less than what it is divided by.
  const fraction = isSymbolic(left) ? opaque(`floor(${parenthesize(left)}/${by})`) : 0;
  return withQuotient(add(fraction, collect(whole)), { kind: 'symbolic', terms: a.terms }, by);
}

/** Rounds up. */
export function ceilDivide(a: Dimension, b: Dimension): Dimension {
  if (isKnown(a) && isKnown(b) && b !== 0) return Math.ceil(a / b);
  return floorDivide(subtract(add(a, b), 1), b);
}

export function maximum(a: Dimension, b: Dimension): Dimension {
  return extreme('max', a, b);
}

export function minimum(a: Dimension, b: Dimension): Dimension {
  return extreme('min', a, b);
}

/** The product of a shape's dimensions; 1 for a scalar. */
export function product(shape: readonly Dimension[]): Dimension {
  return shape.reduce<Dimension>((left, right) => multiply(left, right), 1);
}

/** The dimension with numbers in place of symbols; unknown where a symbol stands inside of a `floor(...)` or the like. */
export function substitute(dimension: Dimension, numbers: ReadonlyMap<string, number>): Dimension {
  if (!isSymbolic(dimension)) return dimension;
  const terms = dimension.terms.map(({ coefficient, factors }) =>
    factors.reduce<Dimension>((left, factor) => multiply(left, substituteFactor(factor, numbers)), coefficient),
  );
  return terms.reduce(add);
}

function substituteFactor(factor: string, numbers: ReadonlyMap<string, number>): Dimension {
  const number = numbers.get(factor);
  if (number !== undefined) return number;
  return numbers.size > 0 && factor.includes('(') ? unknown(`${factor} has no value yet`) : symbol(factor);
}

/** Times a fraction, rounded down: `scale(h, 0.5)` is `floor(h/2)`. Unknown where neither the factor nor its inverse is whole. */
export function scale(dimension: Dimension, factor: number): Dimension {
  if (isKnown(dimension)) return Math.floor(dimension * factor);
  if (isUnknown(dimension) || Number.isInteger(factor)) return multiply(dimension, factor);
  const inverse = 1 / factor;
  return Number.isInteger(inverse) ? floorDivide(dimension, inverse) : unknown(`${print(dimension)} times ${factor}`);
}

/** `1x3x224x224` with numbers, `batch x 3 x height x width` with symbols, `?` without a rank. */
export function printShape(shape: readonly Dimension[] | null): string {
  if (shape === null) return '?';
  return shape.map(print).join(shape.every(isKnown) ? 'x' : ' x ');
}

/** `12`, `batch`, `2*sequence+1`, `floor((h+1)/2)`; `?` when unknown. */
export function print(dimension: Dimension): string {
  if (typeof dimension === 'number') return String(dimension);
  if (dimension.kind === 'unknown') return '?';
  return dimension.terms.map((term, index) => printTerm(term, index === 0)).join('');
}

function parenthesize(dimension: Dimension): string {
  const text = print(dimension);
  return isSymbolic(dimension) && (dimension.terms.length > 1 || text.includes('*')) ? `(${text})` : text;
}

function extreme(name: 'max' | 'min', a: Dimension, b: Dimension): Dimension {
  if (isUnknown(a)) return a;
  if (isUnknown(b)) return b;
  if (isKnown(a) && isKnown(b)) return Math[name](a, b);
  const least = lowerBound(subtract(b, a));
  if (least !== undefined && least >= 0) return name === 'max' ? b : a;
  const most = lowerBound(subtract(a, b));
  if (most !== undefined && most >= 0) return name === 'max' ? a : b;
  if (absorbs(name, a, b)) return a;
  if (absorbs(name, b, a)) return b;
  const [first, second] = [print(a), print(b)].sort();
  return opaque(`${name}(${first},${second})`);
}

/** max(x, min(x, y)) and min(x, max(x, y)) are x. */
function absorbs(name: 'max' | 'min', a: Dimension, b: SymbolicDimension | number): boolean {
  const [only, ...more] = termsOf(b);
  if (only?.coefficient !== 1 || only.factors.length !== 1 || more.length > 0) return false;
  const text = print(b);
  const inner = name === 'max' ? 'min' : 'max';
  return text.startsWith(`${inner}(${print(a)},`) || (text.startsWith(`${inner}(`) && text.endsWith(`,${print(a)})`));
}

/**
 * A number that the dimension is at least, taking every symbol to be at least 1 (no empty tensors) and every
 * `floor(...)` at least 0; undefined where a negative term rules that out.
 */
export function lowerBound(dimension: Dimension): number | undefined {
  if (isKnown(dimension)) return dimension;
  if (isUnknown(dimension)) return undefined;
  let bound = 0;
  for (const { coefficient, factors } of dimension.terms) {
    if (factors.length > 0 && coefficient < 0) return undefined;
    bound += factors.some((factor) => factor.includes('(')) ? 0 : coefficient;
  }
  return bound;
}

function opaque(text: string): Dimension {
  return text.length > longestFactor ? tooLarge : symbol(text);
}

function termsOf(dimension: number | SymbolicDimension): readonly Term[] {
  if (typeof dimension !== 'number') return dimension.terms;
  return dimension === 0 ? [] : [{ coefficient: dimension, factors: [] }];
}

function combine(
  a: Dimension,
  b: Dimension,
  operation: (x: readonly Term[], y: readonly Term[]) => Dimension,
): Dimension {
  if (isUnknown(a)) return a;
  if (isUnknown(b)) return b;
  return operation(termsOf(a), termsOf(b));
}

function collect(terms: readonly Term[]): Dimension {
  const byFactors = new Map<string, Term>();
  for (const term of terms) {
    const key = term.factors.join('*');
    const coefficient = (byFactors.get(key)?.coefficient ?? 0) + term.coefficient;
    byFactors.set(key, { coefficient, factors: term.factors });
  }
  const kept = [...byFactors.entries()].filter(([, term]) => term.coefficient !== 0);
  if (kept.length > maximumTerms) return tooLarge;
  // The constant (empty key) goes last, as people write it: 2*sequence+1.
  kept.sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : a > b ? 1 : 0));
  const [only] = kept;
  if (only === undefined) return 0;
  if (kept.length === 1 && only[0] === '') return only[1].coefficient;
  return { kind: 'symbolic', terms: kept.map(([, term]) => term) };
}

function divideExactly(a: number | SymbolicDimension, b: number | SymbolicDimension): Dimension | undefined {
  const divisor = termsOf(b);
  const [by] = divisor;
  if (divisor.length !== 1 || by === undefined) return undefined;
  const quotients = termsOf(a).map((term) => divideTerm(term, by));
  return quotients.every((term) => term !== undefined) ? collect(quotients) : undefined;
}
