/** A kernel's place: the unit it runs on and the type it computes in. */
import type { ComputeType, ComputeUnit, RateClass, Target } from '../schedule/target.ts';
import type { KernelWork } from './kernel-work.ts';

export interface Placement {
  readonly unit: ComputeUnit;
  readonly type: ComputeType;
  readonly target: Target;
  /** On a pipeline of stages: the time from one inference to the next; see `pipeline.ts`. */
  readonly paceSeconds?: number;
}

/** A number of the target together with its path in the target's file. */
export interface TargetNumber {
  readonly value: number;
  readonly path: string;
}

/** MACs per second of all cores in the type; 0 where the unit cannot compute in it. */
export function peakMacsPerSecond(unit: ComputeUnit, type: ComputeType): number {
  return unit.cores * unit.clockHertz * (unit.macsPerCycle[type] ?? 0);
}

/** Reached share of the peak: by type, then by class, else the unit's default. */
export function efficiencyOf(kernel: KernelWork, { unit, type }: Placement): TargetNumber {
  for (const rateClass of rateClassesOf(kernel)) {
    const value = unit.efficiencyByType?.[type]?.[rateClass];
    if (value !== undefined) return { value, path: `units.${unit.id}.efficiencyByType.${type}.${rateClass}` };
  }
  for (const rateClass of rateClassesOf(kernel)) {
    const value = unit.efficiency[rateClass];
    if (value !== undefined) return { value, path: `units.${unit.id}.efficiency.${rateClass}` };
  }
  return { value: unit.efficiency.default ?? 1, path: `units.${unit.id}.efficiency.default` };
}

/** The class itself, behind the way to convolve that may have a rate of its own. */
function rateClassesOf({ operatorClass, algorithm, nests }: KernelWork): readonly RateClass[] {
  if (algorithm === 'winograd') return ['winograd', operatorClass];
  const grouped = nests.some((nest) => nest.G > 1 && nest.C > 1);
  return operatorClass === 'convolution' && grouped ? ['grouped-convolution', operatorClass] : [operatorClass];
}

/** One core runs at full rate; several lose to shared caches and uneven work. */
export function parallelShare({ cores, parallelEfficiency }: ComputeUnit): number {
  return cores === 1 ? 1 : parallelEfficiency;
}
