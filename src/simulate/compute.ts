/** Time of a kernel's arithmetic on a unit: multiply-accumulates by the unit's geometry, and per-element work. */
import type { LoopNest } from '../operators/work.ts';
import type { ComputeUnit } from '../schedule/target.ts';
import type { KernelWork } from './kernel-work.ts';
import type { Rounding } from './geometry.ts';
import { stepMacs } from './geometry.ts';
import { roundToMicroKernel } from './micro-kernel.ts';
import { paddedTerms } from './padding.ts';
import type { Placement } from './placement.ts';
import { efficiencyOf, parallelShare, peakMacsPerSecond } from './placement.ts';
import { roundToProcessors } from './channel-processors.ts';
import { roundToArray } from './systolic.ts';
import type { Term } from './term.ts';
import { transformTerms } from './transform.ts';
import { vectorTerms } from './vector.ts';
import { roundToWaves } from './waves.ts';

/** Terms of one inference in the compute lane: MACs, what padding adds, per-element work. */
export function computeTerms(kernel: KernelWork, placement: Placement): Term[] {
  if (kernel.algorithm === 'none') return [];
  return [...macTerms(kernel, placement), ...transformTerms(kernel, placement), ...vectorTerms(kernel, placement)];
}

/**
 * seconds = executed MACs / (peak × parallel efficiency × class efficiency), and the same for what rounding adds.
 * Winograd executes fewer MACs than the nests have; padding shrinks with them.
 */
function macTerms(kernel: KernelWork, placement: Placement): Term[] {
  const { unit, type } = placement;
  const peak = peakMacsPerSecond(unit, type) * parallelShare(unit);
  const direct = kernel.nests.reduce((sum, nest) => sum + stepMacs(nest) * nest.sequentialSteps, 0);
  if (direct === 0 || peak === 0) return [];
  const roundings = kernel.nests.map((nest) => roundingOf(nest, unit));
  const padded = kernel.nests.reduce(
    (sum, nest, index) => sum + roundings[index]!.paddedMacs * nest.sequentialSteps,
    0,
  );
  const efficiency = efficiencyOf(kernel, placement);
  const executed = kernel.macs === 0 ? 1 : kernel.executedMacs / kernel.macs;
  const secondsPerMac = (executed * kernel.repetitions) / (peak * efficiency.value);
  return paddedTerms({
    seconds: direct * secondsPerMac,
    paddingSeconds: (padded - direct) * secondsPerMac,
    detail: roundings[largestNest(kernel.nests)]!.detail,
    numbers: [
      `units.${unit.id}.clockHertz`,
      `units.${unit.id}.macsPerCycle.${type}`,
      `units.${unit.id}.parallelEfficiency`,
      efficiency.path,
    ],
  });
}

function roundingOf(nest: LoopNest, { geometry, cores }: ComputeUnit): Rounding {
  switch (geometry.kind) {
    case 'micro-kernel':
      return roundToMicroKernel(nest, geometry, cores);
    case 'array':
      return roundToArray(nest, geometry);
    case 'processors':
      return roundToProcessors(nest, geometry);
    case 'waves':
      return roundToWaves(nest, geometry, cores);
    case 'block':
    case 'u85':
      // What such a unit did not get, as it would run at its peak.
      return { paddedMacs: stepMacs(nest), detail: '' };
  }
}

function largestNest(nests: readonly LoopNest[]): number {
  return nests.reduce((largest, nest, index) => (stepMacs(nest) > stepMacs(nests[largest]!) ? index : largest), 0);
}
