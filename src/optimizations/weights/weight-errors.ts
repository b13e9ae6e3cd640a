/** How far the edited weights are from the file's. */
import { UserError } from '../../errors.ts';
import type { ModelSources } from '../../ir/byte-source.ts';
import type { Initializer } from '../../ir/graph.ts';
import type { EditedWeight } from '../optimization.ts';
import type { Elements, NotKnown } from './changed-elements.ts';
import { editedElements, type EditedElements } from './edited-elements.ts';
import { forEachPair, type ElementStream } from './element-stream.ts';
import { chainOf, lastEdits, readBack } from './read-back.ts';

/** Of the weights of one node together, biases left out where there is anything else. */
export interface WeightError {
  /**
   * 10·log10(Σw² / Σ(w−q)²) with the file's weights w and those that the edits leave q, pruned ones as zeros; null where
   * nothing is lost or the reason says why it is not known.
   */
  readonly sqnrDecibels: number | null;
  readonly reason?: string;
}

/** What a node's weights amount to. */
interface Power {
  readonly signal: number;
  readonly noise: number;
}

/**
 * By id of the node that uses the weights. Each tensor is measured once, behind the last of its edits against what the file
 * holds. Memory is bounded by one tensor.
 */
export function weightErrors(
  sources: ModelSources,
  weights: readonly EditedWeight[],
): ReadonlyMap<string, WeightError> {
  const elements = editedElements(sources, weights);
  // A bias of 32 bits loses nothing beside weights of 8.
  const last = lastEdits(weights).filter(({ change }) => change.kind !== 'quantize-bias');
  const extents = new Map(last.map((weight) => [weight, extentOf(chainOf(weight, elements)[0]!.from)]));
  const largest = new Map<string, number>();
  for (const [{ node }, extent] of extents) largest.set(node, Math.max(extent, largest.get(node) ?? 0));
  const found = new Map<string, Power | NotKnown>();
  for (const [weight, extent] of extents) {
    if (extent < largest.get(weight.node)!) continue;
    const power = measured(weight, elements);
    const before = found.get(weight.node);
    found.set(weight.node, before === undefined ? power : added(before, power));
  }
  return new Map([...found].map(([node, power]) => [node, errorOf(power)]));
}

/** What tells a bias from the weights that it stands beside: 2 for a matrix and more, 1 for one of a single row, 0 for a vector. */
function extentOf({ shape }: Initializer): number {
  if (shape.length < 2) return 0;
  return shape.filter((size) => size > 1).length > 1 ? 2 : 1;
}

function added(left: Power | NotKnown, right: Power | NotKnown): Power | NotKnown {
  if ('reason' in left) return left;
  if ('reason' in right) return right;
  return { signal: left.signal + right.signal, noise: left.noise + right.noise };
}

function errorOf(power: Power | NotKnown): WeightError {
  if ('reason' in power) return { sqnrDecibels: null, reason: power.reason };
  if (power.noise === 0) return { sqnrDecibels: null };
  return { sqnrDecibels: 10 * Math.log10(power.signal / power.noise) };
}

function measured(weight: EditedWeight, elements: EditedElements): Power | NotKnown {
  try {
    const result = readBack(weight, elements);
    return 'reason' in result ? result : powerOf(result.original, result.edited, overflowReason(weight));
  } catch (error) {
    if (error instanceof UserError) return { reason: 'the file does not hold the weights that it declares' };
    throw error;
  }
}

function overflowReason({ change }: EditedWeight): string {
  return change.kind === 'cast' ? `are too large for ${change.dtype}` : 'become infinite';
}

function powerOf({ stream }: Elements, edited: ElementStream, overflow: string): Power | NotKnown {
  let [signal, noise, hostile, infinite] = [0, 0, 0, 0];
  forEachPair(stream, edited, (before, after) => {
    if (!Number.isFinite(before)) hostile += 1;
    else if (!Number.isFinite(after)) infinite += 1;
    signal += before * before;
    noise += (before - after) ** 2;
  });
  if (hostile > 0) return { reason: `${counted(hostile)} not finite` };
  if (infinite > 0) return { reason: `${infinite === 1 ? '1 weight' : `${infinite} weights`} ${overflow}` };
  if (!Number.isFinite(signal)) return { reason: 'the weights are too large to be squared' };
  return { signal, noise };
}

function counted(count: number): string {
  return count === 1 ? '1 of the weights is' : `${count} of the weights are`;
}
