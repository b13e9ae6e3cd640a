/** What runs when, and which tensor lies where meanwhile: for the timeline and the memory map. */
import { timelineOf } from '../../../simulate/timeline.ts';
import type { Answers, Place, SideName } from './protocol.ts';
import type { Session } from './session.ts';

export function scheduleAnswer({ simulated }: Session, place: Place, side: SideName): Answers['schedule'] {
  const { schedule } = simulated(place, side);
  const { target, arenas } = schedule;
  return {
    units: target.units.map(({ id }) => id),
    memories: target.memories.map(({ id }) => id),
    activationsMemory: target.plan.activations,
    startSeconds: target.invokeSeconds,
    kernels: Array.from(timelineOf(schedule), ({ kernel, startSeconds, seconds, lanes }) => ({
      ...{ layer: kernel.name, unit: kernel.unit, startSeconds, seconds, lanes },
    })),
    arenas: arenas.map(({ memory, capacityBytes, peakBytes, peakKernel, placements }) => ({
      ...{ memory, capacityBytes, peakBytes, peakKernel, placements },
    })),
  };
}
