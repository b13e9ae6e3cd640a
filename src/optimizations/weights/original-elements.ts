/** The elements of the file's own constants, and of those that are such a constant moved about. */
import { UserError } from '../../errors.ts';
import { elementCount } from '../../formats/dense.ts';
import { elementReader } from '../../formats/elements.ts';
import { elementChunks, readElements } from '../../formats/weights.ts';

import type { ModelSources } from '../../ir/byte-source.ts';
import type { Initializer } from '../../ir/graph.ts';
import type { Elements, NotKnown } from './changed-elements.ts';
import type { ElementStream } from './element-stream.ts';

const absent: NotKnown = { reason: 'the weights are not available' };

/** Whether anything can be read: an edit of what cannot is made all the same. */
export function isReadable({ available, foldedFrom, movedFrom }: Initializer): boolean {
  return available && (foldedFrom === undefined || movedFrom !== undefined);
}

/** Throws `UserError` when they are read and the file does not hold what the shape asks for. */
export function originalElements(
  constant: Initializer,
  sources: ModelSources,
  read: (constant: Initializer) => Elements | NotKnown,
): Elements | NotKnown {
  const { dtype, shape, available, ranges, foldedFrom, movedFrom, nonZeros, indices } = constant;
  if (!available || ranges.some(({ file }) => sources.get(file) === undefined)) return absent;
  if (elementReader(dtype) === undefined) return { reason: `elements of type ${dtype} are no plain numbers` };
  if (movedFrom !== undefined) {
    const from = read(movedFrom.constant);
    if ('reason' in from) return from;
    const { permutation } = movedFrom;
    return { shape, stream: permutation === undefined ? from.stream : transposed(from, permutation) };
  }
  if (foldedFrom !== undefined) return { reason: 'the weights are computed when the model is loaded' };
  if (nonZeros === undefined) return { shape, stream: () => elementChunks(constant, sources) };
  if (indices === undefined) return { reason: 'the places of the sparse weights are not known' };
  return { shape, stream: () => [scattered(constant, sources)] };
}

function scattered(constant: Initializer, sources: ModelSources): Float64Array {
  const elements = readElements(constant, sources);
  if (elements === undefined) throw new UserError(`the sparse tensor ${constant.name} cannot be read`);
  return elements;
}

/** With the axes in another order. In memory, since the first element may come last. */
export function transposed({ shape, stream }: Elements, permutation: readonly number[]): ElementStream {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const sizes = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  return () => {
    const from = new Float64Array(elementCount(shape));
    let filled = 0;
    for (const chunk of stream()) {
      from.set(chunk, filled);
      filled += chunk.length;
    }
    return [moved(from, sizes, steps)];
  };
}

/** Row-major over `sizes`; neighbours along an axis lie its step apart in `from`. */
function moved(from: Float64Array, sizes: readonly number[], steps: readonly number[]): Float64Array {
  const result = new Float64Array(from.length);
  const place = sizes.map(() => 0);
  let at = 0;
  for (let index = 0; index < result.length; index += 1) {
    result[index] = from[at]!;
    for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
      place[axis]! += 1;
      at += steps[axis]!;
      if (place[axis]! < sizes[axis]!) break;
      at -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}
