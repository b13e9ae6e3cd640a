/** Each element becomes the index of the nearest of 2^bits numbers. */
import type { ChangedElements, Elements } from './changed-elements.ts';
import { elementCount } from '../../formats/dense.ts';
import { bestCentres } from './clusters.ts';
import { mapElements, streamOf, type ElementStream } from './element-stream.ts';

/** The numbers are sorted in memory. */
export const mostClustered = 67_108_864;

/** Beside the indices: the table. What is no finite number does not count for it. */
export function palettize({ shape, stream }: Elements, bits: number): ChangedElements {
  const table = bestCentres(sortedFinite(stream, elementCount(shape)), 2 ** bits);
  const borders = table.subarray(1).map((centre, index) => (table[index]! + centre) / 2);
  const stored = mapElements(stream, () => (element) => indexOf(borders, element));
  const values = mapElements(stored, () => (index) => table[index]!);
  return { shape, values, stored, storage: [streamOf(table)] };
}

function sortedFinite(stream: ElementStream, count: number): Float64Array {
  const finite = new Float64Array(count);
  let filled = 0;
  for (const chunk of stream()) for (const element of chunk) if (Number.isFinite(element)) finite[filled++] = element;
  return finite.subarray(0, filled).sort();
}

/** How many borders lie below. */
function indexOf(borders: Float64Array, element: number): number {
  let [low, high] = [0, borders.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (borders[middle]! < element) low = middle + 1;
    else high = middle;
  }
  return low;
}
