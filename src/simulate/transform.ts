/** What Winograd's convolution does beside its products: transforming inputs and outputs. */
import { winogradWork } from '../schedule/algorithm.ts';
import { transformedType } from '../schedule/winograd.ts';
import type { KernelWork } from './kernel-work.ts';
import type { Placement } from './placement.ts';
import { parallelShare } from './placement.ts';
import type { Term } from './term.ts';
import { computeLane } from './term.ts';
import { widthScale } from './vector.ts';

export function transformTerms(kernel: KernelWork, placement: Placement): Term[] {
  const { unit, type } = placement;
  const { winograd } = unit;
  if (kernel.algorithm !== 'winograd' || winograd === undefined) return [];
  const elements = kernel.nests.reduce(
    (sum, nest) => sum + (winogradWork(nest, placement)?.transformedElements ?? 0),
    0,
  );
  const rate = unit.clockHertz * unit.cores * parallelShare(unit) * widthScale(unit, transformedType(type));
  return [
    {
      cause: 'layout/cast',
      bound: 'vector',
      seconds: (elements * kernel.repetitions) / (winograd.transformedElementsPerCycle * rate),
      lane: computeLane,
      numbers: [`units.${unit.id}.clockHertz`, `units.${unit.id}.winograd.transformedElementsPerCycle`],
      detail: "transforms of Winograd's convolution",
    },
  ];
}
