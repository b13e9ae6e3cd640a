/** Every kernel of a schedule with its place and its time, in execution order. */
import type { Kernel, Schedule } from '../schedule/schedule.ts';
import type { Target } from '../schedule/target.ts';
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

/** More kinds of kernels than most models have: a time holds dozens of terms, and every target has its own. */
const mostRemembered = 1024;

/** Kernels of one size that differ otherwise; a model that is made of such must not be looked through again and again. */
const mostOfOneSize = 32;

interface Remembered extends TimedKernel {
  readonly handedOver: boolean;
}

/** What kernels on one target take, by their rough size. */
interface KnownTimes {
  readonly paceSeconds: number;
  readonly bySize: Map<number, Remembered[]>;
  count: number;
}

/** A what-if's kernels are mostly those of the model before, or of the what-if before. */
const knownTimes = new WeakMap<Target, KnownTimes>();

function knownTimesOf(target: Target, paceSeconds: number): KnownTimes {
  const known = knownTimes.get(target);
  if (known?.paceSeconds === paceSeconds) return known;
  const fresh: KnownTimes = { paceSeconds, bySize: new Map(), count: 0 };
  knownTimes.set(target, fresh);
  return fresh;
}

/**
 * One after the other: a time holds dozens of terms, and large models have a hundred thousand kernels. Kernels that are
 * alike have one time, the same record.
 */
export function* timesOf(schedule: Schedule): Generator<TimedKernel> {
  const { target, kernels } = schedule;
  const paceSeconds = paceOf(schedule);
  const times = knownTimesOf(target, paceSeconds);
  let unitBefore: string | undefined;
  for (const kernel of kernels) {
    const handedOver = unitBefore !== undefined && unitBefore !== kernel.unit;
    unitBefore = kernel.unit;
    const size = roughSize(kernel);
    const alike = knownTime(kernel, handedOver, times.bySize.get(size) ?? []);
    if (alike !== undefined) {
      yield { kernel, placement: alike.placement, time: alike.time };
      continue;
    }
    const placement = { unit: unitOf(target, kernel.unit), type: kernel.type, target, paceSeconds };
    const timed = { kernel, placement, time: timeKernel(kernel, placement, handedOver) };
    remember(times, size, { ...timed, handedOver });
    yield timed;
  }
}

function remember(times: KnownTimes, size: number, timed: Remembered): void {
  if (times.count === mostRemembered) {
    times.bySize.clear();
    times.count = 0;
  }
  const known = times.bySize.get(size) ?? [];
  if (known.length === mostOfOneSize) known.shift();
  else times.count += 1;
  known.push(timed);
  times.bySize.set(size, known);
}

function knownTime(kernel: Kernel, handedOver: boolean, known: readonly Remembered[]): Remembered | undefined {
  // What was asked last is mostly asked again.
  return known.findLast((one) => one.handedOver === handedOver && areAlike(one.kernel, kernel));
}
