import { expect, test } from 'vitest';
import type { TimedBytes } from '../../../src/schedule/npu/neighbourhood.ts';
import { climb } from '../../../src/schedule/npu/hill-climb.ts';
import { mersenneTwister } from '../../../src/schedule/npu/mersenne-twister.ts';

test('the source of chance is MT19937: its 10,000th number is the one that the C++ standard names', () => {
  const next = mersenneTwister();
  for (let i = 1; i < 10_000; i++) next();
  expect(next()).toBe(4_123_659_995);
});

test('a chain of layers takes what its two largest neighbours do', () => {
  const bytes = [64, 512, 128, 256];
  const ranges = bytes.map((size, index) => ({ bytes: size, start: index, end: index + 1 }));
  expect(climb(ranges, 16, 2 ** 30).endBytes).toBe(512 + 128);
});

test('sizes are aligned, and nothing takes nothing', () => {
  expect(climb([{ bytes: 5, start: 0, end: 0 }], 16, 2 ** 30).endBytes).toBe(16);
  expect(climb([], 16, 2 ** 30)).toEqual({ addresses: [], endBytes: 0 });
});

test('whatever lives at one time lies apart', () => {
  const next = mersenneTwister();
  const ranges: TimedBytes[] = Array.from({ length: 60 }, () => {
    const start = next() % 40;
    return { bytes: 16 + (next() % 5000), start, end: start + (next() % 8) };
  });
  const { addresses, endBytes } = climb(ranges, 16, 2 ** 30);
  for (const [i, one] of ranges.entries()) {
    expect(addresses[i]! % 16).toBe(0);
    expect(addresses[i]! + one.bytes).toBeLessThanOrEqual(endBytes);
    for (const [j, other] of ranges.slice(0, i).entries()) {
      const together = one.start <= other.end && other.start <= one.end;
      const apart = addresses[i]! >= addresses[j]! + other.bytes || addresses[j]! >= addresses[i]! + one.bytes;
      expect(apart || !together).toBe(true);
    }
  }
});
