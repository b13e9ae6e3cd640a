/** Per-element work: activations, additions, pooling, copies. */
import type { VectorOperation } from '../operators/work.ts';
import type { ComputeType, ComputeUnit } from '../schedule/target.ts';
import type { KernelWork } from './kernel-work.ts';
import type { Placement } from './placement.ts';
import { parallelShare } from './placement.ts';
import type { Term } from './term.ts';
import { computeLane } from './term.ts';

/** What the column ends of a systolic array do as results drain out of it, at the pace of the array. */
const drainOperations: readonly VectorOperation[] = ['add', 'multiply', 'convert'];

/**
 * Kernels without MACs (pooling, softmax, resize) reach their class's share of the vector rate; what is fused behind a
 * product (bias, clamp) runs at the full rate on data that is in registers.
 */
export function vectorTerms(kernel: KernelWork, { unit, type }: Placement): Term[] {
  const ownClass = kernel.nests.length === 0 ? unit.efficiency[kernel.operatorClass] : undefined;
  const rate = unit.clockHertz * unit.cores * parallelShare(unit) * widthScale(unit, type) * (ownClass ?? 1);
  return kernel.vector
    .filter(({ elements, operation }) => elements > 0 && !isHidden(kernel, unit, operation))
    .map(({ operation, elements }) => ({
      cause: isLayout(kernel, operation) ? 'layout/cast' : 'vector/activation',
      bound: 'vector',
      seconds: (elements * kernel.repetitions) / (unit.vectorElementsPerCycle[operation] * rate),
      lane: computeLane,
      numbers: [
        `units.${unit.id}.clockHertz`,
        `units.${unit.id}.vectorElementsPerCycle.${operation}`,
        ...(ownClass === undefined ? [] : [`units.${unit.id}.efficiency.${kernel.operatorClass}`]),
      ],
    }));
}

function isHidden({ nests }: KernelWork, { kind }: ComputeUnit, operation: VectorOperation): boolean {
  return kind === 'systolic' && nests.length > 0 && drainOperations.includes(operation);
}

/** Kernels that only move or convert, and conversions inside others. */
function isLayout({ operatorClass }: KernelWork, operation: VectorOperation): boolean {
  return operatorClass === 'data-movement' || operatorClass === 'quantize' || operation === 'convert';
}

/** How many elements of the type the unit's vectors hold for each 32-bit one. */
export function widthScale({ vectorScalesWithWidth }: ComputeUnit, type: ComputeType): number {
  if (!vectorScalesWithWidth || type === 'float32') return 1;
  return type === 'int8' ? 4 : 2;
}
