/** What a change makes of a tensor's elements. */
import type { Initializer } from '../../ir/graph.ts';
import type { ElementStream } from './element-stream.ts';

export interface ChangedElements {
  readonly shape: readonly number[];
  /** What the new elements stand for, row-major in the new shape: integers times their scale, not the integers. */
  readonly values: ElementStream;
  /** What the file stores of them: integers, indices, the floats themselves; as many as `values` has. */
  readonly stored: ElementStream;
  /** Elements of the constants beside the weight, in the order of `EditedWeight.storage`. */
  readonly storage: readonly ElementStream[];
  /** Elements of the new shape at their places in the old one, zeros between them; absent where no place went. */
  readonly restored?: (values: ElementStream) => ElementStream;
}

/** A tensor as a change finds it. */
export interface Elements {
  readonly shape: readonly number[];
  readonly stream: ElementStream;
}

/** Where the elements of a slice along an axis lie: `Math.floor(index / inner) % size` is the slice. */
export interface Slicing {
  readonly size: number;
  readonly inner: number;
}

export function slicingOf(shape: readonly number[], axis: number): Slicing {
  return { size: shape[axis] ?? 1, inner: shape.slice(axis + 1).reduce((product, size) => product * size, 1) };
}

/** Why something cannot be said. A sentence without a full stop. */
export interface NotKnown {
  readonly reason: string;
}

/** Elements of a constant as it is when the change is made. */
export type ReadConstant = (constant: Initializer) => Elements | NotKnown;
