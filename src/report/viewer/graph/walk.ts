/** Where arrow keys lead from a box: down and up along wires, sideways to what stands beside it. */
import type { Box, ModuleLayout } from '../../html/document.ts';
import { middleOf } from './viewport.ts';

export type Direction = 'down' | 'up' | 'left' | 'right';

/** Index of the box; the same one where there is none. */
export function stepFrom({ boxes, wires }: ModuleLayout, from: number, direction: Direction): number {
  const here = boxes[from];
  if (here === undefined) return from;
  if (direction === 'left' || direction === 'right') return beside(boxes, from, direction) ?? from;
  const along = wires.flatMap((wire) => {
    const [start, end] = direction === 'down' ? [wire.from, wire.to] : [wire.to, wire.from];
    return start === from && end >= 0 && end !== from ? [end] : [];
  });
  // Where no wire leads on, in execution order.
  const fallback = direction === 'down' ? Math.min(boxes.length - 1, from + 1) : Math.max(0, from - 1);
  if (along.length === 0) return fallback;
  return along.toSorted((a, b) => distance(boxes[a]!, here) - distance(boxes[b]!, here) || a - b)[0]!;
}

function distance(a: Box, b: Box): number {
  const [one, other] = [middleOf(a), middleOf(b)];
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/** The nearest box on that side, where going down counts thrice. */
function beside(boxes: readonly Box[], from: number, direction: 'left' | 'right'): number | undefined {
  const here = middleOf(boxes[from]!);
  const sign = direction === 'right' ? 1 : -1;
  const candidates = boxes.flatMap((box, index) => {
    const { x, y } = middleOf(box);
    const across = sign * (x - here.x);
    return across > 1 ? [{ index, cost: across + 3 * Math.abs(y - here.y) }] : [];
  });
  return candidates.toSorted((a, b) => a.cost - b.cost || a.index - b.index)[0]?.index;
}
