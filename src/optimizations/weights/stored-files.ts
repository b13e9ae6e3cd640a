/**
 * The given model's files with the edited weights in them as the edited file stores them: integers, indices and their
 * tables. No runtime reads these; they compress as the edited file does.
 */
import { elementCount } from '../../formats/dense.ts';
import type { ModelSources } from '../../ir/byte-source.ts';
import { bytesOf, type DataType } from '../../ir/data-type.ts';
import type { Graph, Initializer, Model } from '../../ir/graph.ts';
import type { EditedWeight } from '../optimization.ts';
import { usedConstants } from '../rewriting.ts';
import { editedElements, type EditedElements } from './edited-elements.ts';
import { elementBytes } from './element-bytes.ts';
import type { ElementStream } from './element-stream.ts';
import { placesOf, splicedFiles, storedConstant, type FileSplice } from './places.ts';
import { chainOf, lastEdits } from './read-back.ts';

/** The edit and what it is made on. */
export interface Storing {
  readonly model: Model;
  readonly sources: ModelSources;
  readonly weights: readonly EditedWeight[];
  /** The edited one, which tells what else reads a weight. */
  readonly graph: Graph;
}

/**
 * Null where the new bytes of a weight, or its place, are not known. Nodes and names that the edit adds are not in the files;
 * a bias of 32 bits stays what it is. Throws `UserError` where a file does not hold what a shape asks for.
 */
export function storedFiles({ model, sources, weights, graph }: Storing): ModelSources | null {
  // Core ML keeps masks, tables and indices in forms of its own.
  if (model.format === 'coreml') return null;
  const elements = editedElements(sources, weights);
  const used = placesOf(usedConstants(graph).values());
  const splices = new Map<string, FileSplice>();
  for (const weight of lastEdits(weights)) {
    if (weight.change.kind === 'quantize-bias') continue;
    const constant = storedConstant(chainOf(weight, elements)[0]!.from);
    const parts = partsOf(weight, elements);
    if (parts === null || !isPlain(constant)) return null;
    const stays = [...placesOf([constant])].some((place) => used.has(place));
    for (const splice of splicesOf(constant, parts, stays)) {
      const place = `${splice.offset} ${splice.file}`;
      // One file holds it once, whatever the edited one would do.
      if (splices.has(place)) return null;
      splices.set(place, splice);
    }
  }
  return splicedFiles(sources, [...splices.values()]);
}

function isPlain({ available, foldedFrom, nonZeros, ranges }: Initializer): boolean {
  return available && foldedFrom === undefined && nonZeros === undefined && ranges.length > 0;
}

interface Part {
  readonly dtype: DataType;
  readonly count: number;
  readonly stream: ElementStream;
}

function partsOf(weight: EditedWeight, { changed }: EditedElements): readonly Part[] | null {
  const { to, storage } = weight;
  const edit = changed(weight);
  if ('reason' in edit) return null;
  const table = to.packing?.table;
  const dtype: DataType = table === undefined ? to.dtype : indexType(table.bits);
  const own = { dtype, count: elementCount(to.shape), stream: edit.stored };
  return [
    own,
    ...storage.map((constant, index) => ({
      ...{ dtype: constant.dtype, count: elementCount(constant.shape) },
      stream: edit.storage[index] ?? (() => []),
    })),
  ];
}

function indexType(bits: number): DataType {
  return ([1, 2, 3, 4, 6] as const).map((one) => `uint${one}` as const).find((one) => one === `uint${bits}`) ?? 'uint8';
}

/** All parts in place of the first range, nothing in place of the others; behind the range where its own bytes stay. */
function splicesOf({ ranges }: Initializer, parts: readonly Part[], stays: boolean): readonly FileSplice[] {
  const newByteLength = parts.reduce((sum, { dtype, count }) => sum + bytesOf(dtype, count), 0);
  return ranges.flatMap(({ file, offset, byteLength }, index) => {
    const isFirst = index === 0;
    if (stays && !isFirst) return [];
    return {
      ...{ file, offset: stays ? offset + byteLength : offset, byteLength: stays ? 0 : byteLength },
      ...{ newByteLength: isFirst ? newByteLength : 0, bytes: () => joined(parts, newByteLength) },
    };
  });
}

function joined(parts: readonly Part[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let position = 0;
  for (const { dtype, count, stream } of parts) {
    const own = elementBytes(stream, dtype, count);
    bytes.set(own, position);
    position += own.length;
  }
  return bytes;
}
