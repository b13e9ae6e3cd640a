/** The files of an edited model: those of the given one, and one more for each constant that an edit made. */
import { elementCount } from '../../formats/dense.ts';
import { bufferSource, type ByteSource, type ModelSources } from '../../ir/byte-source.ts';
import type { Initializer } from '../../ir/graph.ts';
import type { EditedWeight } from '../optimization.ts';
import type { ChangedElements, NotKnown } from './changed-elements.ts';
import { elementBytes } from './element-bytes.ts';
import type { ElementStream } from './element-stream.ts';
import { editedElements, type EditedElements } from './edited-elements.ts';

/** A constant and the edit it belongs to. */
interface Made {
  readonly constant: Initializer;
  readonly weight: EditedWeight;
  readonly elements: (changed: ChangedElements) => ElementStream | undefined;
}

/**
 * Whoever reads a constant of the edited model through these gets its new elements, computed when they are read; the bytes
 * of the last one are kept. What cannot be computed is not there. Reading throws `UserError` where the file does not hold
 * what a shape asks for.
 */
export function editedSources(sources: ModelSources, weights: readonly EditedWeight[]): ModelSources {
  const elements = editedElements(sources, weights);
  const made = new Map<string, Made>();
  for (const weight of weights) {
    for (const one of constantsOf(weight)) made.set(one.constant.ranges[0]?.file ?? '', one);
  }
  let last: { readonly path: string; readonly source: ByteSource | undefined } | undefined;
  return {
    ...sources,
    get: (path) => {
      const one = made.get(path);
      if (one === undefined) return sources.get(path);
      if (last?.path !== path) last = { path, source: sourceOf(one, elements) };
      return last.source;
    },
    identity: (path) => sources.identity?.(path),
    absentBytes: (path) => sources.absentBytes?.(path),
    paths: () => sources.paths?.() ?? [],
  };
}

function sourceOf({ constant, weight, elements }: Made, edited: EditedElements): ByteSource | undefined {
  // A sparse constant's bytes are those of its stored elements alone, while an edit knows all of them.
  if (constant.nonZeros !== undefined) return undefined;
  const changed: ChangedElements | NotKnown = edited.changed(weight);
  const stream = 'reason' in changed ? undefined : elements(changed);
  if (stream === undefined) return undefined;
  return bufferSource(elementBytes(stream, constant.dtype, elementCount(constant.shape)));
}

function constantsOf(weight: EditedWeight): readonly Made[] {
  const { to, storage } = weight;
  return [
    // Of a compressed weight those that it is unpacked to.
    { constant: to, weight, elements: ({ values, stored }) => (to.packing === undefined ? stored : values) },
    ...storage.map((constant, index) => ({
      constant,
      weight,
      elements: (changed: ChangedElements) => changed.storage[index],
    })),
  ];
}
