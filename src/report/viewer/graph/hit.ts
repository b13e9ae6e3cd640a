/** Which boxes lie under a pointer or a rubber band. */
import type { Box } from '../../html/document.ts';
import type { Point } from './viewport.ts';

/** Index of the topmost box at a point, -1 for none. */
export function boxAt(boxes: readonly Box[], { x, y }: Point): number {
  return boxes.findLastIndex((box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height);
}

/** Indices of the boxes that a rectangle touches. */
export function boxesIn(boxes: readonly Box[], area: Box): readonly number[] {
  return boxes.flatMap((box, index) => (touches(box, area) ? [index] : []));
}

export function touches(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/** Between two corners, whichever they are. */
export function between(a: Point, b: Point): Box {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}
