/** Every kernel of a schedule with its place and its time, in execution order. */
import type { Kernel, Schedule } from '../schedule/schedule.ts';
import type { KernelTime } from './kernel-time.ts';
import { timeKernel, unitOf } from './kernel-time.ts';
import { paceOf } from './pace.ts';
import type { Placement } from './placement.ts';

export interface TimedKernel {
  readonly kernel: Kernel;
  readonly placement: Placement;
  readonly time: KernelTime;
}

/** One after the other: a time holds dozens of terms, and large models have a hundred thousand kernels. */
export function* timesOf(schedule: Schedule): Generator<TimedKernel> {
  const { target, kernels } = schedule;
  const paceSeconds = paceOf(schedule);
  let unitBefore: string | undefined;
  for (const kernel of kernels) {
    const placement = { unit: unitOf(target, kernel.unit), type: kernel.type, target, paceSeconds };
    const handedOver = unitBefore !== undefined && unitBefore !== kernel.unit;
    unitBefore = kernel.unit;
    yield { kernel, placement, time: timeKernel(kernel, placement, handedOver) };
  }
}
