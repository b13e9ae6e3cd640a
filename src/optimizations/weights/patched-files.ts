/**
 * The given model with the edited weights in it as they would be read back, in the bytes of the file's own floats: the
 * same graph, so that any runtime can run both and tell what the edit does to the outputs.
 */
import type { ModelSources } from '../../ir/byte-source.ts';
import { isFloat } from '../../ir/data-type.ts';
import type { Graph, Initializer } from '../../ir/graph.ts';
import { inverseOf } from '../../ir/permutation.ts';
import type { EditedWeight } from '../optimization.ts';
import { usedConstants } from '../rewriting.ts';
import type { NotKnown } from './changed-elements.ts';
import { editedElements, type EditedElements } from './edited-elements.ts';
import type { ElementStream } from './element-stream.ts';
import { originalElements, transposed } from './original-elements.ts';
import { patchesOf } from './patch.ts';
import { placesOf, splicedFiles, type FileSplice } from './places.ts';
import { chainOf, lastEdits, readBack } from './read-back.ts';

export interface PatchedFiles {
  /** Files that nothing is written into are those of the given model. */
  readonly sources: ModelSources;
  /** Weights that were written. */
  readonly written: number;
  readonly left: readonly LeftWeight[];
}

/** A weight that stays as the file has it. */
export interface LeftWeight {
  readonly weight: string;
  /** A sentence without a full stop. */
  readonly reason: string;
}

/** @param graph the edited one, which tells what else reads a weight */
export function patchedFiles(sources: ModelSources, weights: readonly EditedWeight[], graph: Graph): PatchedFiles {
  const elements = editedElements(sources, weights);
  const used = placesOf(usedConstants(graph).values());
  const made: WeightPatch[] = [];
  const left: LeftWeight[] = [];
  for (const weight of lastEdits(weights)) {
    if (weight.change.kind === 'quantize-bias') continue;
    const patches = patchOf(weight, { elements, sources, used });
    if ('reason' in patches) left.push({ weight: weight.from.name, reason: patches.reason });
    else made.push({ weight: weight.from.name, patches });
  }
  const overlapping = overlaps(made);
  for (const { weight } of overlapping) left.push({ weight, reason: 'other weights share its bytes in the file' });
  const written = made.filter((one) => !overlapping.has(one));
  const patches = written.flatMap((one) => one.patches);
  return { sources: splicedFiles(sources, patches), written: written.length, left };
}

interface WeightPatch {
  readonly weight: string;
  readonly patches: readonly FileSplice[];
}

interface Patching {
  readonly elements: EditedElements;
  readonly sources: ModelSources;
  /** Where constants begin that the edited graph still reads. */
  readonly used: ReadonlySet<string>;
}

function patchOf(weight: EditedWeight, { elements, sources, used }: Patching): readonly FileSplice[] | NotKnown {
  const { from } = chainOf(weight, elements)[0]!;
  const result = readBack(weight, elements);
  if ('reason' in result) return result;
  const { constant, stream } = asStored(from, result.edited);
  if ([...placesOf([constant])].some((place) => used.has(place))) {
    return { reason: 'layers that the edit was not made for read it too' };
  }
  if (!isFloat(constant.dtype) || constant.nonZeros !== undefined) return { reason: 'the file holds no plain floats' };
  if (constant.foldedFrom !== undefined) return { reason: 'the weights are computed when the model is loaded' };
  const before = originalElements(constant, sources, elements.read);
  return 'reason' in before ? before : patchesOf(constant, stream, sources);
}

/** The file's constant whose elements were moved about to make this one, and the stream in its order. */
function asStored(from: Initializer, edited: ElementStream): { constant: Initializer; stream: ElementStream } {
  let [constant, stream] = [from, edited];
  while (constant.movedFrom !== undefined) {
    const { shape } = constant;
    const { constant: before, permutation } = constant.movedFrom;
    if (permutation !== undefined) stream = transposed({ shape, stream }, inverseOf(permutation));
    constant = before;
  }
  return { constant, stream };
}

/** Those that the file has no place of their own for. */
function overlaps(made: readonly WeightPatch[]): ReadonlySet<WeightPatch> {
  const found = new Set<WeightPatch>();
  const all = made.flatMap((owner) => owner.patches.map((patch) => ({ owner, patch })));
  all.sort((a, b) => compare(a.patch.file, b.patch.file) || a.patch.offset - b.patch.offset);
  let before: FileSplice | undefined;
  for (const { owner, patch } of all) {
    if (before?.file === patch.file && patch.offset < before.offset + before.byteLength) found.add(owner);
    else before = patch;
  }
  return found;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
