/** How many channels of each set stay. */
import type { Node } from '../../ir/graph.ts';
import { current } from './channels.ts';
import type { Axis, ChannelSet } from './channels.ts';

export interface Choice {
  readonly share: number;
  readonly selects: (node: Node) => boolean;
}

/** All producers of a set are pruned, or none; of so many channels the share goes, rounded down. */
export function keptOf(set: ChannelSet, { share, selects }: Choice): number {
  const { size, producers, fixed } = set;
  if (fixed !== undefined || producers.size === 0 || ![...producers].every(selects)) return size;
  return Math.max(1, size - Math.floor(share * size));
}

export function keptSize(axis: Axis, choice: Choice): number {
  return current(axis).reduce((sum, { set, width }) => sum + keptOf(set, choice) * width, 0);
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
