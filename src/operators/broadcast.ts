/** Multidirectional (NumPy) broadcasting of shapes: https://onnx.ai/onnx/repo-docs/Broadcasting.html */
import { equal, isKnown, isUnknown, maximum, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Shape } from '../ir/graph.ts';

/** The common shape of two operands; `null` when the rank of either is unknown. */
export function broadcastShapes(a: Shape | null, b: Shape | null): Shape | null {
  if (a === null || b === null) return null;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    return broadcastDimensions(left, right);
  });
}

/** As `broadcastShapes` over any number of operands. */
export function broadcastAll(shapes: readonly (Shape | null)[]): Shape | null {
  return shapes.reduce<Shape | null>((common, shape) => broadcastShapes(common, shape), []);
}

/** A symbol against a number above 1 is that number: the symbol can only be 1 or the same. */
export function broadcastDimensions(a: Dimension, b: Dimension): Dimension {
  if (a === 1) return b;
  if (b === 1) return a;
  if (isKnown(a) && isKnown(b)) return a === b ? a : unknown(`dimensions ${a} and ${b} do not broadcast`);
  if (isKnown(a)) return a;
  if (isKnown(b)) return b;
  if (isUnknown(a)) return a;
  if (isUnknown(b)) return b;
  return equal(a, b) ? a : maximum(a, b);
}
