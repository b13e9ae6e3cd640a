/**
 * Quantities as people write and read them. Files and reports say `30 ms` and `512 KiB`; everything inside is SI.
 * Printing knows no locale: the same number prints the same everywhere.
 */
import { UserError } from './errors.ts';

/** `memory` is `size` printed in powers of 1024, as data sheets give it. */
export type Quantity = 'size' | 'memory' | 'time' | 'energy' | 'power' | 'frequency' | 'count';

interface Unit {
  readonly name: string;
  readonly scale: number;
}

const decimalSizes: readonly Unit[] = [
  { name: 'B', scale: 1 },
  { name: 'kB', scale: 1e3 },
  { name: 'MB', scale: 1e6 },
  { name: 'GB', scale: 1e9 },
];

const binarySizes: readonly Unit[] = [
  { name: 'B', scale: 1 },
  { name: 'KiB', scale: 2 ** 10 },
  { name: 'MiB', scale: 2 ** 20 },
  { name: 'GiB', scale: 2 ** 30 },
];

/** Units that a quantity is printed in, smallest first. */
const printedUnits: Readonly<Record<Quantity, readonly Unit[]>> = {
  size: decimalSizes,
  memory: binarySizes,
  time: [
    { name: 'ns', scale: 1e-9 },
    { name: 'µs', scale: 1e-6 },
    { name: 'ms', scale: 1e-3 },
    { name: 's', scale: 1 },
  ],
  energy: prefixed('J'),
  power: prefixed('W'),
  frequency: [
    { name: 'Hz', scale: 1 },
    { name: 'kHz', scale: 1e3 },
  ],
  count: [
    { name: '', scale: 1 },
    { name: 'k', scale: 1e3 },
    { name: 'M', scale: 1e6 },
    { name: 'G', scale: 1e9 },
  ],
};

const allSizes = [...decimalSizes, ...binarySizes.slice(1)];
const parsedUnits: Readonly<Record<Quantity, readonly Unit[]>> = {
  ...printedUnits,
  size: allSizes,
  memory: allSizes,
};

/** Other spellings, after the Greek mu has become the micro sign. */
const aliases: Readonly<Record<string, string>> = { KB: 'kB', us: 'µs', uJ: 'µJ', uW: 'µW' };

const nouns: Readonly<Record<Quantity, string>> = {
  size: 'a size',
  memory: 'a size',
  time: 'a time',
  energy: 'an energy',
  power: 'a power',
  frequency: 'a frequency',
  count: 'a count',
};

export const minus = '\u2212';

function prefixed(base: string): readonly Unit[] {
  return [
    { name: `n${base}`, scale: 1e-9 },
    { name: `µ${base}`, scale: 1e-6 },
    { name: `m${base}`, scale: 1e-3 },
    { name: base, scale: 1 },
    { name: `k${base}`, scale: 1e3 },
  ];
}

/** `30 ms` → 0.03, `512 KiB` → 524288, `3.5M` → 3500000; throws a UserError that says what is wrong. */
export function parseQuantity(text: string, quantity: Quantity): number {
  const { number, unit: written } = splitNumber(text, nouns[quantity]);
  const name = aliases[written] ?? written;
  const unit = parsedUnits[quantity].find((candidate) => candidate.name === name);
  if (unit !== undefined) return scaled(number, unit.scale);
  const problem = written === '' ? 'it has no unit' : `unknown unit "${written}"`;
  const units = unitNames(quantity).join(', ');
  throw new UserError(`"${shorten(text)}" is not ${nouns[quantity]}: ${problem}; use one of ${units}`);
}

/** The units that a quantity may be written in. */
export function unitNames(quantity: Quantity): readonly string[] {
  return parsedUnits[quantity].map(({ name }) => name).filter((name) => name !== '');
}

/** `5%` → 0.05; throws a UserError for anything else. */
export function parsePercent(text: string): number {
  const { number, unit } = splitNumber(text, 'a percentage');
  if (unit !== '%') throw new UserError(`"${shorten(text)}" is not a percentage: write it like 5%`);
  return number / 100;
}

/** Dividing by a power of ten rounds once, multiplying by its inexact inverse twice: 30 ms must be 0.03 exactly. */
function scaled(number: number, scale: number): number {
  return scale < 1 ? number / Math.round(1 / scale) : number * scale;
}

function splitNumber(text: string, noun: string): { readonly number: number; readonly unit: string } {
  const parts = /^(\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(e[+-]?\d{1,3})?[ \u00a0]?([^\d\s][^\s]*)?$/i.exec(text.trim());
  const number = Number(`${parts?.[1] ?? ''}${parts?.[2] ?? ''}`);
  if (parts === null || !Number.isFinite(number)) {
    const problem = text.trim().startsWith('-') ? 'it must not be negative' : 'write a number and a unit';
    throw new UserError(`"${shorten(text)}" is not ${noun}: ${problem}`);
  }
  return { number, unit: (parts[3] ?? '').replace('\u03bc', 'µ') };
}

function shorten(text: string): string {
  const printable = text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
  return printable.length > 40 ? `${printable.slice(0, 39)}…` : printable;
}

/** Three significant digits in the unit that suits: `21.4 ms`, `402 KiB`, `3.45 MB`, `0 ms` never as `-0`. */
export function printQuantity(value: number, quantity: Quantity): string {
  if (!Number.isFinite(value)) return '?';
  const unit = unitFor([value], quantity);
  return withUnit(`${value < 0 ? minus : ''}${digits(Math.abs(value) / unit.scale, unit)}`, unit);
}

/** A change with its sign: `+11.6 ms`, `−8.7 ms`; `0` when nothing changed. */
export function printDelta(value: number, quantity: Quantity): string {
  if (value === 0) return '0';
  return value > 0 ? `+${printQuantity(value, quantity)}` : printQuantity(value, quantity);
}

/** A relative change: 0.54 → `+54%`, −0.034 → `−3.4%`. */
export function printChange(share: number): string {
  if (!Number.isFinite(share)) return '?';
  if (share === 0) return '0%';
  const text = share > -1 && share < 0 ? lessThanAll(-share) : percent(Math.abs(share));
  return text === '0%' ? `${share < 0 ? minus : '+'}<0.1%` : `${share < 0 ? minus : '+'}${text}`;
}

/** What is left of a saving of 99.6% must not read as nothing. */
function lessThanAll(share: number): string {
  const text = percent(share);
  if (text !== '100%') return text;
  return share < 0.9995 ? `${(share * 100).toFixed(1)}%` : '>99.9%';
}

/** How far the band reaches from the value: `±8%`; `−5%/+9%` where the sides differ; empty where there is nothing to say. */
export function printBand(value: number, band: readonly [number, number] | null | undefined): string {
  if (band === null || band === undefined || value === 0) return '';
  const [below, above] = [percent((value - band[0]) / value), percent((band[1] - value) / value)];
  return below === above ? `±${above}` : `${minus}${below}/+${above}`;
}

/** 0.082 → `8.2%`, 0.54 → `54%`. */
export function percent(share: number): string {
  const value = share * 100;
  const text = Math.abs(value) >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
  return `${text.replace(/^-0$/, '0').replace('-', minus)}%`;
}

export interface PrintedColumn {
  readonly rows: readonly string[];
  readonly total: string;
}

/**
 * Signed changes of a column in one unit, rounded so that the printed rows add up to the printed total. A row that is
 * not 0 but rounds to nothing prints `~0`.
 */
export function printColumn(values: readonly number[], quantity: Quantity): PrintedColumn {
  const total = values.reduce((sum, value) => sum + value, 0);
  const unit = unitFor([total, ...values], quantity);
  const decimals = wholeUnits.has(unit.name) ? 0 : decimalsFor(largest([total, ...values]) / unit.scale);
  const steps = apportion(values, unit.scale / 10 ** decimals);
  const print = (count: number, value: number): string => {
    if (count === 0) return value === 0 ? '0' : '~0';
    return withUnit(`${count < 0 ? minus : '+'}${(Math.abs(count) / 10 ** decimals).toFixed(decimals)}`, unit);
  };
  return {
    rows: values.map((value, index) => print(steps[index]!, value)),
    total: print(
      steps.reduce((sum, count) => sum + count, 0),
      total,
    ),
  };
}

/** How a column of numbers is printed that have their unit in common: `1.2345` under `ms`. */
export interface CommonUnit {
  /** Empty for plain counts. */
  readonly name: string;
  readonly scale: number;
  readonly decimals: number;
}

/** @param digits significant ones of the largest value */
export function commonUnit(values: readonly number[], quantity: Quantity, digits: number): CommonUnit {
  const unit = unitFor(values, quantity);
  const size = largest(values) / unit.scale;
  const exponent = size === 0 ? 0 : Math.floor(Math.log10(size));
  const decimals = wholeUnits.has(unit.name) ? 0 : Math.min(Math.max(digits - 1 - exponent, 0), 6);
  return { name: unit.name, scale: unit.scale, decimals };
}

/**
 * Whole steps for each value that add up to the rounded total: the largest remainders are rounded up. Zeros stay zero;
 * of equal remainders the first wins.
 */
export function apportion(values: readonly number[], step: number): readonly number[] {
  const exact = values.map((value) => value / step);
  const counts = exact.map((value) => Math.floor(value));
  const remainders = exact.map((value, index) => value - counts[index]!);
  const open = Math.round(remainders.reduce((sum, remainder) => sum + remainder, 0));
  for (const index of largestFew(remainders, open)) counts[index]! += 1;
  return counts.map((count) => (count === 0 ? 0 : count));
}

/** Indices of the `count` largest; of equal ones the first. Numbers by themselves are sorted fast. */
function largestFew(values: readonly number[], count: number): readonly number[] {
  if (!(count > 0)) return [];
  const least = Float64Array.from(values).sort()[values.length - count]!;
  let ties = count - values.filter((value) => value > least).length;
  return values.flatMap((value, index) => (value > least || (value === least && ties-- > 0) ? [index] : []));
}

/** Units of which there are no fractions. */
const wholeUnits: ReadonlySet<string> = new Set(['', 'B']);

const countUnits: ReadonlySet<Unit> = new Set(printedUnits.count);

/** The largest unit in which three digits give at least 1: 999.6 µs is 1.00 ms. A zero takes the base unit. */
function unitFor(values: readonly number[], quantity: Quantity): Unit {
  const units = printedUnits[quantity];
  const size = largest(values);
  if (size === 0) return units.find((unit) => unit.scale === 1)!;
  return units.findLast((unit) => Number((size / unit.scale).toPrecision(3)) >= 1) ?? units[0]!;
}

function largest(values: readonly number[]): number {
  return values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
}

function digits(value: number, unit: Unit): string {
  if (wholeUnits.has(unit.name) && Number.isInteger(value)) return String(value);
  return value.toFixed(decimalsFor(value));
}

/** Decimals that leave three significant digits, six at most. */
function decimalsFor(value: number): number {
  if (value === 0) return 0;
  const exponent = Number(value.toExponential(2).split('e')[1]);
  return Math.min(Math.max(2 - exponent, 0), 6);
}

/** Counts carry their prefix close, as people write them: `300M`, `21.4 ms`. */
function withUnit(number: string, unit: Unit): string {
  return countUnits.has(unit) ? `${number}${unit.name}` : `${number} ${unit.name}`;
}
