import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Term } from '../../src/simulate/term.ts';
import { laneSpans, latencyOf, serialLane, sharesOf } from '../../src/simulate/term.ts';

const term = (lane: string, seconds: number): Term => ({
  cause: 'compute',
  bound: 'compute',
  lane,
  seconds,
  numbers: [],
});
const three = [term('compute', 3), term('dram', 4), term(serialLane, 1)];

describe('latencyOf', () => {
  test('adds lanes up where nothing overlaps', () => expect(latencyOf(three, 1)).toBe(8)); // 3 + 4 + 1
  test('takes the slowest lane where all overlap', () => expect(latencyOf(three, Infinity)).toBe(5)); // max(3, 4) + 1
  test('is between the two for a norm between', () => expect(latencyOf(three, 2)).toBe(6)); // √(9 + 16) + 1
  test('adds terms of one lane up', () => expect(latencyOf([term('dram', 1), term('dram', 2)], Infinity)).toBe(3));
  test('is zero for nothing', () => expect(latencyOf([], 2)).toBe(0));
});

describe('sharesOf', () => {
  test('gives each lane its power of the norm', () => {
    // The overlapped part is 5: 5 · 9/25 = 1.8 and 5 · 16/25 = 3.2; the serial term is its own.
    expect(sharesOf(three, 2).map(({ seconds }) => seconds)).toEqual([1.8, 3.2, 1]);
  });

  test('gives everything to the slowest lane under perfect overlap, in proportion within it', () => {
    const terms = [term('compute', 3), term('dram', 1), term('dram', 3)];
    expect(sharesOf(terms, Infinity).map(({ seconds }) => seconds)).toEqual([0, 1, 3]);
  });

  test('adds up to the latency for every norm', () => {
    const lane = fc.constantFrom('compute', 'dram', 'sram', serialLane);
    const terms = fc.array(fc.tuple(lane, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 8 });
    const norm = fc.constantFrom(1, 1.5, 2, 4, Infinity);
    fc.assert(
      fc.property(terms, norm, (pairs, p) => {
        const made = pairs.map(([name, seconds]) => term(name, seconds));
        const sum = sharesOf(made, p).reduce((total, { seconds }) => total + seconds, 0);
        expect(sum).toBeCloseTo(latencyOf(made, p), 12);
      }),
    );
  });
});

describe('laneSpans', () => {
  const spans = (p: number) =>
    laneSpans(three, p).map(({ lane, startSeconds, seconds }) => [lane, startSeconds, seconds]);

  test('puts lanes behind one another where nothing overlaps, the arithmetic last', () =>
    expect(spans(1)).toEqual([
      [serialLane, 0, 1],
      ['dram', 1, 4],
      ['compute', 5, 3],
    ]));

  test('lets all run at once where all overlap', () =>
    expect(spans(Infinity)).toEqual([
      [serialLane, 0, 1],
      ['dram', 1, 4],
      ['compute', 2, 3],
    ]));

  test('puts steps behind one another', () => {
    const steps = [
      { ...term('dram', 2), step: 0 },
      { ...term('compute', 1), step: 1 },
    ];
    expect(laneSpans(steps, Infinity)).toEqual([
      { lane: 'dram', startSeconds: 0, seconds: 2 },
      { lane: 'compute', startSeconds: 2, seconds: 1 },
    ]);
  });

  test('ends with the latency and never starts before the kernel', () => {
    const terms = fc.array(
      fc.tuple(fc.constantFrom('compute', 'dram', 'sram', serialLane), fc.double({ min: 0, max: 1, noNaN: true })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(terms, fc.constantFrom(1, 1.5, 2, Infinity), (pairs, p) => {
        const made = pairs.map(([lane, seconds]) => term(lane, seconds));
        const drawn = laneSpans(made, p);
        const ends = drawn.map(({ startSeconds, seconds }) => startSeconds + seconds);
        expect(Math.max(0, ...ends)).toBeCloseTo(latencyOf(made, p), 9);
        for (const { startSeconds } of drawn) expect(startSeconds).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });
});
