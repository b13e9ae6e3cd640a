// The fit of target numbers: factors that measurements were made with are found again, and priors hold the rest.
import { expect, test } from 'vitest';
import type { Case, Prior } from '../../tools/calibrate/fit.mjs';
import { fitFactors, predict } from '../../tools/calibrate/fit.mjs';

const prior: Prior = { block: '', mean: 0, spread: 1, limit: Infinity };

/** Measured where the rate is twice and the start three times what the fit begins with. */
function measured(work: number, starts: number): Case {
  return {
    measured: work / 2 + starts * 3,
    weight: 1,
    parts: [
      { seconds: work, factors: [['rate', -1]] },
      { seconds: starts, factors: [['start', 1]] },
    ],
  };
}

const cases = [measured(100, 1), measured(10, 2), measured(50, 10), measured(3, 3), measured(400, 1)];

test('finds the factors that the measurements were made with', () => {
  const factors = fitFactors(
    cases,
    new Map([
      ['rate', prior],
      ['start', prior],
    ]),
  );
  expect(Math.exp(factors.get('rate')!)).toBeCloseTo(2, 1);
  expect(Math.exp(factors.get('start')!)).toBeCloseTo(3, 1);
  for (const one of cases) expect(predict(one, factors) / one.measured).toBeCloseTo(1, 1);
});

test('one wild measurement moves little', () => {
  const wild = { ...measured(200, 1), measured: 2000 };
  const factors = fitFactors(
    [...cases, wild],
    new Map([
      ['rate', prior],
      ['start', prior],
    ]),
  );
  expect(Math.exp(factors.get('rate')!)).toBeGreaterThan(1.8);
});

test('what nothing was measured of stays at its prior, moved by its block', () => {
  const inBlock = { ...prior, block: 'cpu', spread: 0.2 };
  const priors = new Map([
    ['rate', inBlock],
    ['other', { ...inBlock, mean: -0.5 }],
    ['alone', { ...prior, mean: 0.7 }],
  ]);
  const factors = fitFactors(
    [1, 10, 100].map((work) => ({
      measured: work / 2,
      weight: 1,
      parts: [{ seconds: work, factors: [['rate', -1]] }],
    })),
    priors,
  );
  expect(factors.get('alone')).toBeCloseTo(0.7, 6);
  expect(factors.get('other')! + 0.5).toBeGreaterThan(0.4);
});

test('a share of a peak hardly passes its limit', () => {
  const factors = fitFactors(
    cases,
    new Map([
      ['rate', { ...prior, limit: Math.log(1.2) }],
      ['start', prior],
    ]),
  );
  expect(Math.exp(factors.get('rate')!)).toBeLessThan(1.3);
});
