/** How many channels of each set stay. */
import type { Node } from '../../ir/graph.ts';
import { current, sizeOfAxis } from './channels.ts';
import type { Axis, ChannelSet } from './channels.ts';

export interface Choice {
  readonly share: number;
  readonly selects: (node: Node) => boolean;
  /** What was decided so far. */
  readonly kept: Map<ChannelSet, number>;
}

/** All producers of a set are pruned, or none; of so many channels the share goes, rounded down. */
export function keptOf(set: ChannelSet, choice: Choice): number {
  const known = choice.kept.get(set);
  if (known !== undefined) return known;
  const kept = decide(set, choice);
  choice.kept.set(set, kept);
  return kept;
}

function decide({ size, producers, fixed }: ChannelSet, { share, selects }: Choice): number {
  if (fixed !== undefined || producers.size === 0) return size;
  for (const producer of producers) if (!selects(producer)) return size;
  return Math.max(1, size - Math.floor(share * size));
}

export function keptSize(axis: Axis, choice: Choice): number {
  let size = 0;
  for (const { set, width } of current(axis)) size += keptOf(set, choice) * width;
  return size;
}

/** Of all axes; undefined where nothing goes. */
export function keptSizes(axes: readonly Axis[], choice: Choice): readonly number[] | undefined {
  let loses = false;
  const sizes: number[] = [];
  for (const axis of axes) {
    const kept = keptSize(axis, choice);
    if (kept !== sizeOfAxis(axis)) loses = true;
    sizes.push(kept);
  }
  return loses ? sizes : undefined;
}

/** True where something of it goes. */
export function loses(axis: Axis, choice: Choice): boolean {
  return keptSize(axis, choice) !== sizeOfAxis(axis);
}

export function producersOfAxis(axis: Axis): ReadonlySet<Node> {
  return new Set(current(axis).flatMap(({ set }) => [...set.producers]));
}

/** Why no channel of a selected producer goes: a sentence without a full stop. */
export function reasonToStay(axis: Axis, { share, selects }: Choice): string {
  const sets = current(axis).map(({ set }) => set);
  const fixed = sets.find((set) => set.fixed !== undefined);
  if (fixed !== undefined) return `its channels ${fixed.fixed}`;
  const missing = [...producersOfAxis(axis)].filter((node) => !selects(node));
  if (missing.length > 0) {
    const named = missing.slice(0, 3).map(({ id }) => id);
    const more = missing.length > named.length ? ` and ${missing.length - named.length} more` : '';
    return `its channels are tied to those of ${named.join(', ')}${more}, which ${missing.length === 1 ? 'is' : 'are'} not selected`;
  }
  return `${share} of ${Math.max(...sets.map(({ size }) => size))} channels is less than one`;
}
