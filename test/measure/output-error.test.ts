import { describe, expect, test } from 'vitest';
import { addRun, noSums, outputError } from '../../src/measure/output-error.ts';

function errorOf(...runs: readonly (readonly [readonly number[], readonly number[]])[]) {
  const sums = runs.reduce(
    (all, [original, edited]) => addRun(all, Float64Array.from(original), Float64Array.from(edited)),
    noSums,
  );
  return outputError('y', sums);
}

describe('errors of outputs', () => {
  test('are those of all runs together', () => {
    // Σy² = 30, Σ(y−y')² = 2, Σy'² = 30 − 4 + 1 + 1, Σyy' = 30 − 1 · 1 + 0.
    const { sqnrDecibels, cosine } = errorOf(
      [
        [1, 2],
        [0, 2],
      ],
      [
        [3, 4],
        [3, 3],
      ],
    );
    expect(sqnrDecibels).toBeCloseTo(10 * Math.log10(15), 12);
    expect(cosine).toBeCloseTo((4 + 9 + 12) / Math.sqrt(30 * (4 + 9 + 9)), 12);
  });

  test('equal outputs', () => {
    expect(
      errorOf([
        [0.1, -3],
        [0.1, -3],
      ]),
    ).toEqual({ name: 'y', sqnrDecibels: null, cosine: 1 });
  });

  test.each([
    [[1, Infinity], [1, 1], '1 element is not finite in the original'],
    [[1, 1, 1], [1, NaN, -Infinity], '2 elements are not finite in the edited model'],
    [[1, 1], [1], 'its length depends on the data: 2 and 1 elements'],
    [[1e200], [1], 'too large to be squared'],
    [[0, 0], [0, 1], 'the original gives nothing but zeros'],
  ])('%j beside %j', (original, edited, reason) => {
    expect(errorOf([original, edited])).toEqual({ name: 'y', sqnrDecibels: null, cosine: null, reason });
  });

  test('no numbers', () => {
    expect(outputError('y', addRun(noSums, undefined, undefined)).reason).toBe('its elements are no plain numbers');
  });
});
