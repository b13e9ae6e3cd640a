/** Weights on a unit that has all of them on the chip: where its memory ends, the layers that are left fall back. */
import { printQuantity } from '../units.ts';
import type { Precision } from './legalize.ts';
import { storedBytes } from './legalize.ts';
import type { Operation, Program } from './program.ts';
import { elementsOf } from './program.ts';
import type { Fallback } from './schedule.ts';
import type { Target } from './target.ts';

/** The memory that the unit at `unitId` reads its weights from. */
export function weightsMemoryOf(unitId: string, { plan, support }: Target): string {
  const { weights, fallbackWeights = weights } = plan;
  return unitId === support.fallbackUnit ? fallbackWeights : weights;
}

/**
 * `reasons` with what does not fit added. Weights are placed in execution order and each once, as the memory map does
 * it; a layer whose own do not fit is left out, and smaller ones behind it may still find room.
 */
export function leaveOutWhatDoesNotFit(
  reasons: readonly (Fallback | null)[],
  { operations }: Program,
  target: Target,
  precision: Precision,
): readonly (Fallback | null)[] {
  const { plan, memories } = target;
  if (plan.weightsMustFit !== true) return reasons;
  const memory = memories.find(({ id }) => id === plan.weights)!;
  const placed = new Set<string>();
  let end = 0;
  return operations.map((operation, index) => {
    const own = reasons[index] ?? null;
    if (own !== null) return own;
    const weights = weightsOf(operation, precision).filter(({ tensor }) => !placed.has(tensor));
    const after = weights.reduce((at, { bytes }) => Math.ceil(at / plan.alignBytes) * plan.alignBytes + bytes, end);
    if (weights.length > 0 && after > memory.capacityBytes) return tooLarge(operation, weights, memory);
    for (const { tensor } of weights) placed.add(tensor);
    end = after;
    return null;
  });
}

interface Weight {
  readonly tensor: string;
  readonly bytes: number;
}

/** Filters and matrices; what is beside them (bias, scales) has a small memory of its own. */
function weightsOf({ node, typed, work, parameterInputs }: Operation, precision: Precision): readonly Weight[] {
  const positions = new Set(work.nests.map(({ stationaryInput }) => stationaryInput));
  return node.inputs.flatMap((tensor, position) => {
    if (!positions.has(position) || typed.constant[position] !== true || !parameterInputs.has(position)) return [];
    const type = typed.inputs[position];
    return [{ tensor, bytes: storedBytes(type?.dtype ?? null, elementsOf(type), 'weight', precision) }];
  });
}

function tooLarge(
  { operator }: Operation,
  weights: readonly Weight[],
  { id, capacityBytes }: { readonly id: string; readonly capacityBytes: number },
): Fallback {
  const needed = weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const [own, room] = [needed, capacityBytes].map((bytes) => printQuantity(bytes, 'memory'));
  const where = needed > capacityBytes ? `${room ?? ''} of ${id}` : `what the layers before it leave of ${room ?? ''}`;
  return { code: 'weights-too-large', reason: `\`${operator}\` has ${own ?? ''} of weights, too large for ${where}` };
}
