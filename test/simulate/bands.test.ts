import { expect, test } from 'vitest';
import type { Provenance } from '../../src/schedule/target.ts';
import { bandsOf } from '../../src/simulate/bands.ts';
import { toyTarget } from './toy.ts';

const number = (path: string, sigma: number): Provenance => ({
  path,
  value: 1,
  kind: 'estimate',
  source: 'toy',
  sigma,
});
const estimate = {
  latencySeconds: 10,
  energyJoules: 4,
  averagePowerWatts: 0.4,
  peakMemoryBytes: 1000,
  rateHertz: undefined,
  seconds: new Map([
    ['clock', 8],
    ['bandwidth', 2],
  ]),
  joules: new Map([['energy.staticWatts', 4]]),
};
const provenance = [number('clock', 0.3), number('bandwidth', 0.4), number('energy.staticWatts', 0.1)];

test('propagates the spread of the numbers by the time that hangs on them', () => {
  // σ² = (0.8 · 0.3)² + (0.2 · 0.4)² = 0.064; the 80% band is 10 · exp(±1.2816 · 0.25298).
  const { latencySeconds } = bandsOf(estimate, { ...toyTarget, provenance });
  expect(latencySeconds?.[0]).toBeCloseTo(7.2308, 3);
  expect(latencySeconds?.[1]).toBeCloseTo(13.8298, 3);
});

test('energy that is static power follows the time, power does not', () => {
  // Energy: √(0.064 + 0.1²) = 0.27203; power: 0.1 alone.
  const { energyJoules, averagePowerWatts } = bandsOf(estimate, { ...toyTarget, provenance });
  expect(energyJoules?.[1]).toBeCloseTo(4 * Math.exp(1.2816 * 0.27203), 3);
  expect(averagePowerWatts?.[1]).toBeCloseTo(0.4 * Math.exp(1.2816 * 0.1), 6);
});

test('a validated target has the band that was found', () => {
  const row = {
    metric: 'latency',
    band: [0.9, 1.3],
    medianAbsoluteError: 0.1,
    rows: 9,
    families: ['x'],
    source: 's',
  } as const;
  const { latencySeconds } = bandsOf(estimate, { ...toyTarget, provenance, validation: [row] });
  expect(latencySeconds).toEqual([9, 13]);
});

test('without spread the band is the estimate', () => {
  expect(bandsOf(estimate, toyTarget).latencySeconds).toEqual([10, 10]);
});
