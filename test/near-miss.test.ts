import { describe, expect, test } from 'vitest';
import { didYouMean, nearMiss } from '../src/near-miss.ts';

describe('the nearest name', () => {
  const known = ['latency', 'energy', 'power', 'peak-memory', 'size'];

  test.each([
    ['latencey', 'latency'], // one letter too many
    ['enegry', 'energy'], // two swapped
    ['Power', 'power'], // case
    ['peak_memory', 'peak-memory'],
    ['sise', 'size'],
  ])('%s: %s', (name, expected) => {
    expect(nearMiss(name, known)).toBe(expected);
  });

  test.each(['', 'throughput', 'xyz', 'p'])('none for %j', (name) => {
    expect(nearMiss(name, known)).toBeUndefined();
    expect(didYouMean(name, known)).toBe('');
  });

  test('the first of equals', () => {
    expect(nearMiss('cat', ['bat', 'hat'])).toBe('bat');
  });

  test('long names take no long time', () => {
    const long = 'a'.repeat(1_000_000);
    expect(
      nearMiss(
        long,
        Array.from({ length: 1000 }, () => `${long}b`),
      ),
    ).toBe(`${long}b`);
  });
});
