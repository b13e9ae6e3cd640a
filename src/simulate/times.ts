/** Every kernel of a schedule with its place and its time, in execution order. */
import type { Kernel, Schedule } from '../schedule/schedule.ts';
import type { KernelTime } from './kernel-time.ts';
import { timeKernel, unitOf } from './kernel-time.ts';
import { workKey } from './kernel-work.ts';
import { paceOf } from './pace.ts';
import type { Placement } from './placement.ts';

export interface TimedKernel {
  readonly kernel: Kernel;
  readonly placement: Placement;
  readonly time: KernelTime;
}

/** More kinds of kernels than any real model has. */
const mostRemembered = 4096;

/**
 * One after the other: a time holds dozens of terms, and large models have a hundred thousand kernels. Kernels that are
 * alike have one time, the same record.
 */
export function* timesOf(schedule: Schedule): Generator<TimedKernel> {
  const { target, kernels } = schedule;
  const paceSeconds = paceOf(schedule);
  const known = new Map<string, Pick<TimedKernel, 'placement' | 'time'>>();
  let unitBefore: string | undefined;
  for (const kernel of kernels) {
    const handedOver = unitBefore !== undefined && unitBefore !== kernel.unit;
    unitBefore = kernel.unit;
    const key = `${handedOver ? 'handed over' : ''};${workKey(kernel)}`;
    let timed = known.get(key);
    if (timed === undefined) {
      const placement = { unit: unitOf(target, kernel.unit), type: kernel.type, target, paceSeconds };
      timed = { placement, time: timeKernel(kernel, placement, handedOver) };
      if (known.size < mostRemembered) known.set(key, timed);
    }
    yield { kernel, placement: timed.placement, time: timed.time };
  }
}
