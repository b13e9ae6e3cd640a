/** The file's weights beside those that the edits leave of them, element by element. */
import type { EditedWeight } from '../optimization.ts';
import type { NotKnown } from './changed-elements.ts';
import type { Elements } from './changed-elements.ts';
import type { EditedElements } from './edited-elements.ts';
import type { ElementStream } from './element-stream.ts';

/** Each tensor's last edit: those that others go on from are left out. */
export function lastEdits(weights: readonly EditedWeight[]): readonly EditedWeight[] {
  const continued = new Set(weights.map(({ from }) => from.ranges));
  return weights.filter(({ to }) => !continued.has(to.ranges));
}

/** The edit that made a tensor, and all before it, the first one first. */
export function chainOf(weight: EditedWeight, { editOf }: EditedElements): readonly EditedWeight[] {
  const chain = [weight];
  for (let before = editOf(weight.from); before !== undefined; before = editOf(before.from)) chain.push(before);
  return chain.reverse();
}

export interface ReadBack {
  /** As they are before the first edit. */
  readonly original: Elements;
  /** What is read back behind the last one, in the shape of `original`: what was pruned is 0. */
  readonly edited: ElementStream;
}

/** Throws `UserError` where the file does not hold what a shape asks for. */
export function readBack(weight: EditedWeight, elements: EditedElements): ReadBack | NotKnown {
  const chain = chainOf(weight, elements);
  const original = elements.read(chain[0]!.from);
  const edited = elements.changed(weight);
  if ('reason' in original) return original;
  if ('reason' in edited) return edited;
  return { original, edited: restoredTo(edited.values, chain, elements) };
}

/** In the shape that the file has. */
function restoredTo(values: ElementStream, chain: readonly EditedWeight[], { changed }: EditedElements): ElementStream {
  return chain.toReversed().reduce((stream, weight) => {
    const edit = changed(weight);
    return 'reason' in edit || edit.restored === undefined ? stream : edit.restored(stream);
  }, values);
}
