/** Elements of initializers as numbers. */
import type { ModelSources } from '../ir/byte-source.ts';
import { bitsPerElement, isInteger } from '../ir/data-type.ts';
import type { Initializer, TensorValue } from '../ir/graph.ts';
import { denseChunks, elementCount, storedBytes } from './dense.ts';
import { elementReader, elementsIn } from './elements.ts';
import { viewOf } from './protobuf.ts';

/** A tensor of more elements is not read into memory as a whole: 512 MiB of numbers. */
const maximumElements = 67_108_864;

/** Integers and booleans of up to this many elements may be shapes, axes or indices; other types scales and limits. */
const smallTensor = { integers: 4096, others: 256 } as const;

/**
 * Chunks of the stored elements in file order, rounded to doubles: all of them for a dense tensor, the non-zero ones
 * for a sparse tensor. Empty when the bytes are not there or the elements are no plain numbers.
 */
export function* elementChunks(
  initializer: Initializer,
  sources: ModelSources,
  path?: string,
): Generator<Float64Array, void, undefined> {
  const read = elementReader(initializer.dtype);
  if (read === undefined) return;
  const bits = bitsPerElement(initializer.dtype);
  let left = initializer.nonZeros ?? elementCount(initializer.shape);
  for (const chunk of denseChunks(initializer, sources, path)) {
    const view = viewOf(chunk);
    // The last byte of packed elements may hold padding.
    const elements = new Float64Array(Math.min(left, elementsIn(view, bits)));
    for (let index = 0; index < elements.length; index += 1) elements[index] = read(view, index);
    left -= elements.length;
    yield elements;
  }
}

/**
 * All elements, row-major, zeros of sparse tensors included. Undefined when the bytes are not there, the elements are
 * strings or complex, or there are more than 67,108,864 (use `elementChunks`).
 * @throws UserError when the file does not hold what the shape asks for.
 */
export function readElements(initializer: Initializer, sources: ModelSources, path?: string): Float64Array | undefined {
  const count = elementCount(initializer.shape);
  if (!initializer.available || count > maximumElements || elementReader(initializer.dtype) === undefined) {
    return undefined;
  }
  if (initializer.indices) return scatter(initializer, sources, path);
  // Where they lie is not known.
  if (initializer.nonZeros !== undefined) return undefined;
  const elements = new Float64Array(count);
  let filled = 0;
  for (const chunk of elementChunks(initializer, sources, path)) {
    elements.set(chunk, filled);
    filled += chunk.length;
  }
  return elements;
}

/** A sparse tensor as a dense one. Undefined when a position lies outside. */
function scatter(initializer: Initializer, sources: ModelSources, path?: string): Float64Array | undefined {
  const { shape, indices } = initializer;
  const values = readElements(storedElements(initializer), sources, path);
  const positions = indices && readElements(indices, sources, path);
  if (values === undefined || indices === undefined || positions === undefined) return undefined;
  const coordinates = indices.shape.length === 2 ? shape.length : 1;
  const elements = new Float64Array(elementCount(shape));
  for (const [index, value] of values.entries()) {
    const at = positions.subarray(index * coordinates, (index + 1) * coordinates);
    const linear = coordinates === 1 ? at[0]! : at.reduce((sum, each, axis) => sum * shape[axis]! + each, 0);
    if (!(linear >= 0 && linear < elements.length)) return undefined;
    elements[linear] = value;
  }
  return elements;
}

/** The values of a sparse tensor as the dense list that the file holds. */
function storedElements({ name, dtype, encoding, ranges, fileBytes, available, nonZeros }: Initializer): Initializer {
  return { name, dtype, shape: [nonZeros ?? 0], encoding, ranges, fileBytes, available };
}

/** The value of a tensor small enough to decide a shape, an axis or a scale; undefined for larger ones. */
export function smallValue(initializer: Initializer, sources: ModelSources, path: string): TensorValue | undefined {
  const { dtype, shape } = initializer;
  const limit = isInteger(dtype) || dtype === 'bool' ? smallTensor.integers : smallTensor.others;
  if (elementCount(shape) > limit) return undefined;
  const elements = plainElements(initializer, sources) ?? readElements(initializer, sources, path);
  return elements && { dtype, shape, elements: unboxed(elements) };
}

/** By the shortest way, which most small tensors can go: one range of dense bytes. */
function plainElements(initializer: Initializer, sources: ModelSources): Float64Array | undefined {
  const { dtype, shape, encoding, ranges, available, nonZeros } = initializer;
  const [range] = ranges;
  const read = elementReader(dtype);
  if (encoding !== 'raw' || !available || nonZeros !== undefined || ranges.length !== 1) return undefined;
  if (read === undefined || range!.byteLength !== storedBytes(initializer)) return undefined;
  const bytes = sources.get(range!.file)?.read(range!.offset, range!.byteLength);
  if (bytes === undefined) return undefined;
  const view = viewOf(bytes);
  const elements = new Float64Array(elementCount(shape));
  for (let index = 0; index < elements.length; index += 1) elements[index] = read(view, index);
  return elements;
}

/**
 * A list of no more than the numbers themselves: spread, or made from a typed array, it would hold an object for each.
 */
function unboxed(elements: Float64Array): readonly number[] {
  const list: number[] = [];
  for (const element of elements) list.push(element);
  // Grown by pushes it has room to spare.
  return list.slice();
}
