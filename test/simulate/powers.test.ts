/** Powers of our own are those of mathematics, and the same everywhere. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exponential, logarithm, power } from '../../src/simulate/powers.ts';

/** Within a few steps of the last of 53 bits. */
const near = (value: number, expected: number, scale = Math.abs(expected)): void =>
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(4 * Number.EPSILON * Math.max(scale, Number.MIN_VALUE));

test('are exact where they can be', () => {
  expect([0, 1, 2, 3, 0.5].map((value) => power(value, 1))).toEqual([0, 1, 2, 3, 0.5]);
  expect([power(0, 4), power(1, 4), power(1, 0.25), power(3, 2)]).toEqual([0, 1, 1, 9]);
  expect([exponential(0), logarithm(1), logarithm(Infinity)]).toEqual([1, 0, Infinity]);
  expect([exponential(-1000), exponential(1000)]).toEqual([0, Infinity]);
});

test('end where there is no logarithm', () => {
  expect([logarithm(0), logarithm(-1), logarithm(Number.NaN)]).toEqual([-Infinity, Number.NaN, Number.NaN]);
  near(logarithm(Number.MIN_VALUE), Math.log(Number.MIN_VALUE));
  expect([power(-1, 0.5), power(Number.NaN, 3), exponential(Number.NaN)]).toEqual([NaN, NaN, NaN]);
});

// The digits are of tables, cut where a number of 64 bits ends.
test.each([
  [exponential(1), 2.718281828459045],
  [exponential(-1), 0.36787944117144233],
  [exponential(0.1), 1.1051709180756477],
  [logarithm(2), 0.6931471805599453],
  [logarithm(10), 2.302585092994046],
  [logarithm(0.001), -6.907755278982137],
  [power(2, 0.5), 1.4142135623730951],
  [power(10, -3), 0.001],
  [power(0.7, 4), 0.2401],
])('%d is %d', (value, expected) => near(value, expected));

test('are near those of the language', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
      near(logarithm(value), Math.log(value), Math.max(1e-3, Math.abs(Math.log(value))));
    }),
  );
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (value) => {
      near(exponential(value), Math.exp(value));
    }),
  );
  fc.assert(
    fc.property(
      fc.double({ min: 1e-9, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 8, noNaN: true }),
      (value, exponent) => {
        const expected = value ** exponent;
        near(power(value, exponent), expected, expected * Math.max(4, Math.abs(exponent * Math.log(value))));
      },
    ),
  );
});
