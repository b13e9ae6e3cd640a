/** Budgets of the report made by hand, as its totals meet them. */
import { budget } from './reports.ts';

export const power = budget({ metric: 'power', key: 'averagePowerWatts', limit: 0.15, actual: 0.139, base: 0.102 });

export const peak = budget({
  metric: 'peak-memory',
  key: 'peakMemoryBytes',
  limit: 524288,
  actual: 411648,
  base: 411648,
});

export const size = budget({ metric: 'size', key: 'fileBytes', limit: 5e6, actual: 4.3e6, base: 4.1e6 });

export const broken = [
  budget({
    maxIncrease: { kind: 'ratio', value: 0.05 },
    verdict: 'fail',
    verdicts: { max: 'fail', maxIncrease: 'fail' },
    reason: '33.0 ms is over the limit of 30.0 ms',
  }),
  power,
  peak,
  size,
];
