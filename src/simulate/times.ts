/** Every kernel of a schedule with its place and its time, in execution order. */
import type { Kernel, Schedule } from '../schedule/schedule.ts';
import type { KernelTime } from './kernel-time.ts';
import { timeKernel, unitOf } from './kernel-time.ts';
import { areAlike, roughSize } from './kernel-work.ts';
import { paceOf } from './pace.ts';
import type { Placement } from './placement.ts';

export interface TimedKernel {
  readonly kernel: Kernel;
  readonly placement: Placement;
  readonly time: KernelTime;
}

/** More kinds of kernels than any real model has. */
const mostRemembered = 4096;

/** Kernels of one size that differ otherwise; a model that is made of such must not be looked through again and again. */
const mostOfOneSize = 32;

interface Remembered extends TimedKernel {
  readonly handedOver: boolean;
}

/**
 * One after the other: a time holds dozens of terms, and large models have a hundred thousand kernels. Kernels that are
 * alike have one time, the same record.
 */
export function* timesOf(schedule: Schedule): Generator<TimedKernel> {
  const { target, kernels } = schedule;
  const paceSeconds = paceOf(schedule);
  const bySize = new Map<number, Remembered[]>();
  let remembered = 0;
  let unitBefore: string | undefined;
  for (const kernel of kernels) {
    const handedOver = unitBefore !== undefined && unitBefore !== kernel.unit;
    unitBefore = kernel.unit;
    const size = roughSize(kernel);
    const known = bySize.get(size) ?? [];
    const alike = knownTime(kernel, handedOver, known);
    if (alike !== undefined) {
      yield { kernel, placement: alike.placement, time: alike.time };
      continue;
    }
    const placement = { unit: unitOf(target, kernel.unit), type: kernel.type, target, paceSeconds };
    const timed = { kernel, placement, time: timeKernel(kernel, placement, handedOver) };
    if (remembered < mostRemembered && known.length < mostOfOneSize) {
      remembered += 1;
      known.push({ ...timed, handedOver });
      bySize.set(size, known);
    }
    yield timed;
  }
}

function knownTime(kernel: Kernel, handedOver: boolean, known: readonly Remembered[]): Remembered | undefined {
  for (const one of known) if (one.handedOver === handedOver && areAlike(one.kernel, kernel)) return one;
  return undefined;
}
