/** Which numbers of the target the seconds of an inference hang on: what a calibration needs to know. */
import type { Schedule } from '../schedule/schedule.ts';
import { sharesOf } from './term.ts';
import { timesOf } from './times.ts';

/** Part of the latency of one inference, and the paths of the numbers that it is (inversely) proportional to. */
export interface Contribution {
  readonly numbers: readonly string[];
  readonly seconds: number;
}

/**
 * Adds up to the latency. On targets where nothing overlaps (norm 1) it is exact for other values of the numbers too:
 * fixed costs (`…Seconds`) are proportional to theirs, all other parts inversely.
 */
export function contributionsOf(schedule: Schedule): readonly Contribution[] {
  const { target } = schedule;
  const collected = new Map<string, Contribution>();
  const add = ({ numbers, seconds }: Contribution) => {
    const key = numbers.join(' ');
    collected.set(key, { numbers, seconds: (collected.get(key)?.seconds ?? 0) + seconds });
  };
  if (target.invokeSeconds > 0) add({ numbers: ['invokeSeconds'], seconds: target.invokeSeconds });
  for (const { time } of timesOf(schedule)) {
    for (const { term, seconds } of sharesOf(time.terms, time.overlapNorm)) add({ numbers: term.numbers, seconds });
  }
  return [...collected.values()];
}
