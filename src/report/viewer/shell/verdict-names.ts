/** What signs of verdicts are called, and what a sentence says of a budget: `latency fails`. */
import type { Verdict } from '../../../compare/comparison.ts';

export const verdictNames: Readonly<Record<Verdict, string>> = {
  pass: 'passes',
  waived: 'fails, accepted',
  warn: 'warns',
  'not-measured': 'not measured',
  fail: 'fails',
};
