/** Slices of the smallest norm go. */
import type { ChangedElements, Elements } from './changed-elements.ts';
import { slicingOf } from './changed-elements.ts';
import type { ElementStream } from './element-stream.ts';
import { eachElement, filterElements } from './element-stream.ts';

/** @param keeps by slice along the axis: whether it stays */
export function prune({ shape, stream }: Elements, axis: number, keeps: readonly boolean[]): ChangedElements {
  const { size, inner } = slicingOf(shape, axis);
  const stays = (index: number) => keeps[Math.floor(index / inner) % size] === true;
  const values = filterElements(stream, stays);
  const restored = (left: ElementStream): ElementStream =>
    function* () {
      const kept = eachElement(left);
      let first = 0;
      for (const chunk of stream()) {
        const start = first;
        yield chunk.map((_, place) => (stays(start + place) ? (kept.next().value ?? 0) : 0));
        first += chunk.length;
      }
    };
  const kept = keeps.filter(Boolean).length;
  return { shape: shape.with(axis, kept), values, stored: values, storage: [], restored };
}

/** The `kept` slices along the axis with the largest sums of squares stay; of equal ones those that come last. */
export function slicesKept({ shape, stream }: Elements, axis: number, kept: number): readonly boolean[] {
  const { size, inner } = slicingOf(shape, axis);
  const sums = new Float64Array(size);
  let index = 0;
  for (const chunk of stream()) {
    for (const element of chunk) sums[Math.floor(index++ / inner) % size]! += element * element;
  }
  const order = [...sums.keys()].sort((left, right) => compareSums(sums[left]!, sums[right]!) || left - right);
  const dropped = new Set(order.slice(0, Math.max(0, size - kept)));
  return [...sums.keys()].map((slice) => !dropped.has(slice));
}

/** What is no number is larger than all. */
function compareSums(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : left > right ? 1 : 0;
}
