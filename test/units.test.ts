import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.ts';
import {
  apportion,
  parsePercent,
  parseQuantity,
  percent,
  printBand,
  printChange,
  printColumn,
  printDelta,
  printQuantity,
  type Quantity,
} from '../src/units.ts';

const quantities: readonly Quantity[] = ['size', 'memory', 'time', 'energy', 'power', 'frequency', 'count'];

describe('parsing', () => {
  test.each<[string, Quantity, number]>([
    ['512 KiB', 'memory', 524288],
    ['5 MB', 'size', 5_000_000],
    ['5MB', 'size', 5_000_000],
    ['1.5 GiB', 'size', 1_610_612_736],
    ['3 kB', 'size', 3000],
    ['3 KB', 'size', 3000],
    ['12 B', 'size', 12],
    ['30 ms', 'time', 0.03],
    ['4 us', 'time', 4e-6],
    ['4 µs', 'time', 4e-6],
    ['4 \u03bcs', 'time', 4e-6],
    ['700 ns', 'time', 7e-7],
    ['2 s', 'time', 2],
    ['3.1 mJ', 'energy', 0.0031],
    ['5 uJ', 'energy', 5e-6],
    ['150 mW', 'power', 0.15],
    ['2 kW', 'power', 2000],
    ['30 Hz', 'frequency', 30],
    ['1.5 kHz', 'frequency', 1500],
    ['300 M', 'count', 3e8],
    ['3.4G', 'count', 3.4e9],
    ['12', 'count', 12],
    ['1e6', 'count', 1e6],
    [' .5 s ', 'time', 0.5],
  ])('%j as %s', (text, quantity, expected) => {
    expect(parseQuantity(text, quantity)).toBe(expected);
  });

  test.each<[string, Quantity, string]>([
    ['5 parsecs', 'time', '"5 parsecs" is not a time: unknown unit "parsecs"; use one of ns, µs, ms, s'],
    ['5', 'time', '"5" is not a time: it has no unit; use one of ns, µs, ms, s'],
    ['30 MS', 'time', '"30 MS" is not a time: unknown unit "MS"; use one of ns, µs, ms, s'],
    ['5 ms', 'size', '"5 ms" is not a size: unknown unit "ms"; use one of B, kB, MB, GB, KiB, MiB, GiB'],
    ['-3 ms', 'time', '"-3 ms" is not a time: it must not be negative'],
    ['fast', 'time', '"fast" is not a time: write a number and a unit'],
    ['', 'energy', '"" is not an energy: write a number and a unit'],
    ['1e999 s', 'time', '"1e999 s" is not a time: write a number and a unit'],
    ['3 ms ms', 'time', '"3 ms ms" is not a time: write a number and a unit'],
    ['3 T', 'count', '"3 T" is not a count: unknown unit "T"; use one of k, M, G'],
  ])('refuses %j as %s', (text, quantity, message) => {
    expect(() => parseQuantity(text, quantity)).toThrow(new UserError(message));
  });

  test('an error never repeats control characters or long text', () => {
    expect(() => parseQuantity(`\u001b[31m${'x'.repeat(5000)}`, 'time')).toThrow(/^"\?\[31mx{34}…" is not a time/);
  });

  test('percent', () => {
    expect(parsePercent('5%')).toBe(0.05);
    expect(parsePercent('2.5 %')).toBe(0.025);
    expect(() => parsePercent('5')).toThrow('"5" is not a percentage: write it like 5%');
  });

  test('what is printed parses back to within three digits', () => {
    const value = fc.double({ min: 1e-8, max: 9e8, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.constantFrom(...quantities), value, (quantity, number) => {
        const whole = quantity === 'size' || quantity === 'memory' || quantity === 'count' || quantity === 'frequency';
        const exact = whole ? Math.ceil(number) : number;
        const parsed = parseQuantity(printQuantity(exact, quantity), quantity);
        expect(Math.abs(parsed - exact)).toBeLessThanOrEqual(exact * 0.00501);
      }),
    );
  });
});

describe('printing', () => {
  test.each<[number, Quantity, string]>([
    [0.0214, 'time', '21.4 ms'],
    [0.033, 'time', '33.0 ms'],
    [0.9996e-3, 'time', '1.00 ms'],
    [0.9994e-3, 'time', '999 µs'],
    [12, 'time', '12.0 s'],
    [1234, 'time', '1234 s'],
    [4e-12, 'time', '0.00400 ns'],
    [0, 'time', '0 s'],
    [411648, 'memory', '402 KiB'],
    [1000 * 1024, 'memory', '1000 KiB'],
    [524288, 'size', '524 kB'],
    [4_123_456, 'size', '4.12 MB'],
    [999, 'size', '999 B'],
    [0, 'memory', '0 B'],
    [0.139, 'power', '139 mW'],
    [0.0031, 'energy', '3.10 mJ'],
    [30, 'frequency', '30.0 Hz'],
    [7, 'count', '7'],
    [1_234_567, 'count', '1.23M'],
    [-0.002, 'time', '\u22122.00 ms'],
    [Number.NaN, 'time', '?'],
  ])('%d as %s', (value, quantity, expected) => {
    expect(printQuantity(value, quantity)).toBe(expected);
  });

  test('changes carry their sign', () => {
    expect(printDelta(0.0116, 'time')).toBe('+11.6 ms');
    expect(printDelta(-0.0087, 'time')).toBe('\u22128.70 ms');
    expect(printDelta(0, 'time')).toBe('0');
    expect(printDelta(-0, 'time')).toBe('0');
    expect(printChange(0.5421)).toBe('+54%');
    expect(printChange(-0.0343)).toBe('\u22123.4%');
    expect(printChange(0.05)).toBe('+5%');
    expect(printChange(0)).toBe('0%');
    expect(printChange(1e-6)).toBe('+<0.1%');
    expect(printChange(12.5)).toBe('+1250%');
    // Nothing is left only where nothing is left.
    expect([-1, -0.996, -0.99999].map(printChange)).toEqual(['\u2212100%', '\u221299.6%', '\u2212>99.9%']);
    expect(percent(0.0996)).toBe('10%');
  });

  test('bands', () => {
    expect(printBand(10, [9.2, 10.8])).toBe('±8%');
    expect(printBand(10, [9.5, 10.9])).toBe('\u22125%/+9%');
    expect(printBand(10, null)).toBe('');
    expect(printBand(0, [0, 0])).toBe('');
  });
});

describe('columns that add up', () => {
  test('the printed rows add up to the printed total', () => {
    // 8.94 + 2.44 + 0.26 = 11.64 prints as 11.6; plain rounding of the rows would give 8.9 + 2.4 + 0.3 = 11.6.
    expect(printColumn([0.00894, 0.00244, 0.00026], 'time')).toEqual({
      rows: ['+8.9 ms', '+2.4 ms', '+0.3 ms'],
      total: '+11.6 ms',
    });
    // Three thirds: plain rounding would show 3.3 + 3.3 + 3.3 beside 10.0; the remainder goes to the first.
    expect(printColumn([0.01 / 3, 0.01 / 3, 0.01 / 3], 'time')).toEqual({
      rows: ['+3.4 ms', '+3.3 ms', '+3.3 ms'],
      total: '+10.0 ms',
    });
  });

  test('zero stays zero, and a row too small to print is not called zero', () => {
    expect(printColumn([0, 1e-9, 0.0123], 'time').rows).toEqual(['0', '~0', '+12.3 ms']);
    expect(printColumn([], 'time')).toEqual({ rows: [], total: '0' });
    expect(printColumn([100, -100], 'size')).toEqual({ rows: ['+100 B', '\u2212100 B'], total: '0' });
  });

  test('steps add up to the rounded sum and no row is off by more than one step', () => {
    const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.constantFrom(0.01, 1, 25), (values, step) => {
        const counts = apportion(values, step);
        const sum = values.reduce((left, right) => left + right, 0);
        const total = counts.reduce((left, right) => left + right, 0);
        expect(Math.abs(total - sum / step)).toBeLessThanOrEqual(0.5 + 1e-6);
        counts.forEach((count, index) => {
          expect(Math.abs(count - values[index]! / step)).toBeLessThanOrEqual(1);
          if (values[index] === 0) expect(count).toBe(0);
        });
      }),
    );
  });
});
