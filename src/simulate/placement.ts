/** A kernel's place: the unit it runs on and the type it computes in. */
import type { OperatorClass } from '../operators/work.ts';
import type { ComputeType, ComputeUnit, Target } from '../schedule/target.ts';

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

/** Reached share of the peak: by class and type, else by class, else the unit's default. */
export function efficiencyOf(operatorClass: OperatorClass, { unit, type }: Placement): TargetNumber {
  const ofType = unit.efficiencyByType?.[type]?.[operatorClass];
  if (ofType !== undefined)
    return { value: ofType, path: `units.${unit.id}.efficiencyByType.${type}.${operatorClass}` };
  const ofClass = unit.efficiency[operatorClass];
  if (ofClass !== undefined) return { value: ofClass, path: `units.${unit.id}.efficiency.${operatorClass}` };
  return { value: unit.efficiency.default ?? 1, path: `units.${unit.id}.efficiency.default` };
}

/** One core runs at full rate; several lose to shared caches and uneven work. */
export function parallelShare({ cores, parallelEfficiency }: ComputeUnit): number {
  return cores === 1 ? 1 : parallelEfficiency;
}
