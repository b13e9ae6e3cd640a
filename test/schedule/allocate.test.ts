import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate, liveProfile } from '../../src/schedule/allocate.ts';
import type { AllocationLimits } from '../../src/schedule/allocate.ts';
import type { LiveRange } from '../../src/schedule/live-ranges.ts';

const limits: AllocationLimits = { alignBytes: 1, method: 'greedy-by-size', capacityBytes: Infinity };

function range(tensor: string, bytes: number, firstKernel: number, lastKernel: number): LiveRange {
  return { tensor, bytes, firstKernel, lastKernel };
}

function addresses(ranges: readonly LiveRange[], more: Partial<AllocationLimits> = {}) {
  const { placements } = allocate(ranges, { ...limits, ...more });
  return Object.fromEntries(placements.map(({ tensor, address }) => [tensor, address]));
}

describe('greedy by size', () => {
  test('the largest first, each at the lowest free address', () => {
    // A chain in → a → b → out of 100, 300, 200, 50 bytes. `a` goes to 0; `b` is alive with it: 300; `in` too: 300, where
    // `b` is not yet alive; `out` is alive with `b` alone: 0.
    const chain = [range('in', 100, 0, 0), range('a', 300, 0, 1), range('b', 200, 1, 2), range('out', 50, 2, 2)];
    expect(addresses(chain)).toEqual({ in: 300, a: 0, b: 300, out: 0 });
    expect(allocate(chain, limits).endBytes).toBe(500);
  });

  test('uses gaps', () => {
    // `wide` spans both; `big` (100) at 0, `wide` (60) above it, `late` (80) under `wide` once `big` is gone.
    const ranges = [range('big', 100, 0, 0), range('wide', 60, 0, 1), range('late', 80, 1, 1)];
    expect(addresses(ranges)).toEqual({ big: 0, wide: 100, late: 0 });
  });

  test('aligns addresses, not sizes', () => {
    const ranges = [range('a', 10, 0, 0), range('b', 9, 0, 0)];
    expect(addresses(ranges, { alignBytes: 16 })).toEqual({ a: 0, b: 16 });
    expect(allocate(ranges, { ...limits, alignBytes: 16 }).endBytes).toBe(25);
  });

  test('spills what does not fit', () => {
    const ranges = [range('a', 60, 0, 1), range('b', 50, 1, 2), range('c', 30, 1, 2)];
    // 100 bytes: `a` at 0, `b` would end at 110, `c` fits behind `a`.
    const { placements, spilled } = allocate(ranges, { ...limits, capacityBytes: 100 });
    expect(placements.map(({ tensor, address }) => [tensor, address])).toEqual([
      ['a', 0],
      ['c', 60],
    ]);
    expect(spilled.map(({ tensor }) => tensor)).toEqual(['b']);
  });
});

describe('the hill climb', () => {
  // Greedy: c (50 B) at 0, d (40 B, gone before c comes) at 0, b (20 B, alive with both) at 50, and a (20 B, alive with d
  // and b) finds only 10 B between them: it ends at 90. With a before b: d 0–40, a 40–60, b 60–80, c 0–50, which is the most
  // that is ever alive (kernel 2: 20 + 20 + 40).
  const ranges = [range('a', 20, 2, 2), range('b', 20, 1, 3), range('c', 50, 3, 3), range('d', 40, 1, 2)];

  test('finds what greedy misses', () => {
    expect(liveProfile(ranges, ({ bytes }) => bytes)).toEqual([0, 60, 80, 70]);
    expect(allocate(ranges, limits).endBytes).toBe(90);
    expect(allocate(ranges, { ...limits, method: 'hill-climb' }).endBytes).toBe(80);
  });

  test('gives the same addresses every time', () => {
    const climbing = { method: 'hill-climb' } as const;
    expect(addresses(ranges.toReversed(), climbing)).toEqual(addresses(ranges, climbing));
  });
});

describe('any buffers', () => {
  const buffers = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.nat(30), fc.nat(200)), { maxLength: 40 })
    .map((list) => list.map(([bytes, first, length], i) => range(`t${i}`, bytes, first, first + length)));
  const anyLimits = fc.record({
    alignBytes: fc.constantFrom(1, 4, 16),
    method: fc.constantFrom<AllocationLimits['method']>('greedy-by-size', 'hill-climb'),
    capacityBytes: fc.constantFrom(Infinity, 3000),
  });

  /** No two that are alive together share a byte; every address is aligned; nothing ends above the capacity. */
  function check(ranges: readonly LiveRange[], given: AllocationLimits): void {
    const { placements, spilled, endBytes } = allocate(ranges, given);
    expect(placements.length + spilled.length).toBe(ranges.length);
    for (const [i, a] of placements.entries()) {
      expect(a.address % given.alignBytes).toBe(0);
      expect(a.address + a.bytes).toBeLessThanOrEqual(Math.min(endBytes, given.capacityBytes));
      for (const b of placements.slice(i + 1)) {
        const together = a.firstKernel <= b.lastKernel && b.firstKernel <= a.lastKernel;
        const overlap = a.address < b.address + b.bytes && b.address < a.address + a.bytes;
        if (together && overlap) throw new Error(`${a.tensor} and ${b.tensor} overlap`);
      }
    }
    if (spilled.length > 0) return;
    expect(endBytes).toBeGreaterThanOrEqual(Math.max(0, ...liveProfile(ranges, ({ bytes }) => bytes)));
  }

  test('never overlap while alive, and need at least what is alive', () => {
    fc.assert(fc.property(buffers, anyLimits, check));
  });

  test('in great number are stacked, in less than quadratic time', () => {
    // 2001 buffers that live to the end make 2001 × 2000 / 2 pairs: more than are searched for gaps.
    const many = Array.from({ length: 2001 }, (_, i) => range(`t${i}`, 1 + (i % 7), i, 2001));
    const { placements } = allocate(many, { ...limits, alignBytes: 4 });
    const ends = placements.toSorted((a, b) => a.address - b.address);
    expect(ends.every(({ address, bytes }, i) => address + bytes <= (ends[i + 1]?.address ?? Infinity))).toBe(true);
    const huge = Array.from({ length: 20_000 }, (_, i) => range(`t${i}`, 16, i, 20_000));
    expect(allocate(huge, limits).endBytes).toBe(20_000 * 16);
  });
});
