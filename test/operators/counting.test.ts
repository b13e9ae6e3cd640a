import { expect, test } from 'vitest';
import { halvings } from '../../src/operators/counting.ts';

test('a count is halved as often as its logarithm says, rounded up', () => {
  expect([1, 2, 3, 4, 5, 1024, 1025, 2 ** 40, 2 ** 40 + 1].map(halvings)).toEqual([0, 1, 2, 2, 3, 10, 11, 40, 41]);
  expect([1.5, 0, Number.NaN, Infinity].map(halvings)).toEqual([1, 0, Number.NaN, Infinity]);
});
