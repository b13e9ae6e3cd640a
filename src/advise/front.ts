/** What can be had for how much: the edits that no other edit beats in everything. */
import type { Simulation } from '../simulate/simulation.ts';
import type { Trial } from './trial.ts';

export interface FrontPoint {
  readonly edits: string;
  readonly touched: readonly string[];
  readonly totals: Simulation['totals'];
}

const longestFront = 40;

/**
 * The Pareto front of the trials over layers touched, latency, energy, peak memory and file size: fewest layers first. Of
 * trials that come to the same the first one stands for all.
 */
export function frontOf(made: readonly Trial[]): readonly FrontPoint[] {
  const scored = made.toReversed().map((trial) => ({ trial, scores: scoresOf(trial) }));
  const distinct = [...new Map(scored.map((one) => [one.scores.join(' '), one])).values()];
  const front = distinct.filter(
    (one) => !distinct.some((other) => other !== one && dominates(other.scores, one.scores)),
  );
  return front
    .toSorted((a, b) => compareScores(a.scores, b.scores) || (a.trial.edits < b.trial.edits ? -1 : 1))
    .slice(0, longestFront)
    .map(({ trial: { edits, touched, head } }) => ({ edits, touched, totals: head.totals }));
}

/** Less is better in each. */
function scoresOf({ touched, head: { totals } }: Trial): readonly number[] {
  return [touched.length, totals.latencySeconds, totals.energyJoules, totals.peakMemoryBytes, totals.fileBytes];
}

function dominates(first: readonly number[], second: readonly number[]): boolean {
  return first.every((score, index) => score <= second[index]!) && first.some((score, index) => score < second[index]!);
}

function compareScores(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((score, index) => score !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
