/** All terms of one kernel, and its latency. */
import { isDepthwise } from '../schedule/algorithm.ts';
import type { ComputeUnit, Target } from '../schedule/target.ts';
import type { KernelWork } from './kernel-work.ts';
import { computeTerms } from './compute.ts';
import { memoryTerms } from './memory.ts';
import { npuTerms } from './npu-terms.ts';
import { fillTerms } from './pipeline.ts';
import type { Placement } from './placement.ts';
import type { Term } from './term.ts';
import { latencyOf, serialLane } from './term.ts';

export interface KernelTime {
  readonly terms: readonly Term[];
  readonly overlapNorm: number;
  readonly latencySeconds: number;
}

export function unitOf(target: Target, id: string): ComputeUnit {
  return target.units.find((unit) => unit.id === id)!;
}

/** `handedOver`: the kernel before ran on another unit. Kernels that do nothing (views) take no time. */
export function timeKernel(kernel: KernelWork, placement: Placement, handedOver: boolean): KernelTime {
  const { unit } = placement;
  const { overlapNorm } = unit;
  if (kernel.algorithm === 'none' && kernel.streams.length === 0) return { terms: [], overlapNorm, latencySeconds: 0 };
  const own =
    kernel.steps === undefined
      ? [...computeTerms(kernel, placement), ...memoryTerms(kernel, placement)]
      : npuTerms(kernel, placement);
  const terms = [...own, ...startTerms(kernel, unit, handedOver), ...fillTerms(kernel, placement)];
  return { terms, overlapNorm, latencySeconds: latencyOf(terms, overlapNorm) };
}

function startTerms(kernel: KernelWork, unit: ComputeUnit, handedOver: boolean): Term[] {
  const dispatch: Term = {
    cause: 'dispatch',
    bound: 'dispatch',
    seconds: unit.dispatchSeconds * kernel.repetitions,
    lane: serialLane,
    numbers: [`units.${unit.id}.dispatchSeconds`],
  };
  const groups: Term = {
    ...dispatch,
    seconds: (unit.groupSeconds ?? 0) * kernel.repetitions * furtherGroups(kernel),
    numbers: [`units.${unit.id}.groupSeconds`],
  };
  const handover: Term = {
    cause: 'transfer/sync',
    bound: 'link',
    seconds: unit.handoverSeconds,
    lane: serialLane,
    numbers: [`units.${unit.id}.handoverSeconds`],
  };
  return [dispatch, groups, ...(handedOver ? [handover] : [])].filter(({ seconds }) => seconds > 0);
}

function furtherGroups({ nests }: KernelWork): number {
  return nests.reduce((sum, nest) => sum + (isDepthwise(nest) ? 0 : nest.G - 1), 0);
}
