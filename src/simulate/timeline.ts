/** When each kernel runs in one inference, and what is busy meanwhile. */
import type { Kernel, Schedule } from '../schedule/schedule.ts';
import { laneSpans, type LaneSpan } from './term.ts';
import { timesOf } from './times.ts';

export interface TimelineEntry {
  readonly kernel: Kernel;
  /** From the start of the inference. */
  readonly startSeconds: number;
  readonly seconds: number;
  /** Starts count from the kernel's. */
  readonly lanes: readonly LaneSpan[];
}

/** One kernel after the other, behind what starting an inference costs: the ends are those of the simulated layers. */
export function* timelineOf(schedule: Schedule): Generator<TimelineEntry> {
  let startSeconds = schedule.target.invokeSeconds;
  for (const { kernel, time } of timesOf(schedule)) {
    const seconds = time.latencySeconds;
    yield { kernel, startSeconds, seconds, lanes: laneSpans(time.terms, time.overlapNorm) };
    startSeconds += seconds;
  }
}
