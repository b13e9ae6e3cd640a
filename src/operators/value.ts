/** Building and rearranging the values of small tensors. */
import type { DataType } from '../ir/data-type.ts';
import { unknown } from '../ir/dimension.ts';
import type { Element, TensorType, TensorValue } from '../ir/graph.ts';
import type { TypedNode } from './operator.ts';
import { numericShape } from './type.ts';

/** Values of more elements than this are not followed: they hold data, not shapes. */
export const maximumElements = 4096;

/** Undefined when the tensor, or an axis of an empty one, is too large to follow or the elements do not fill the shape. */
export function tensorValue(
  dtype: DataType | null | undefined,
  shape: readonly number[],
  elements: readonly Element[],
): TensorValue | undefined {
  const small = elements.length <= maximumElements && shape.every((size) => size <= maximumElements);
  return small && elements.length === sizeOf(shape) && dtype ? { dtype, shape, elements } : undefined;
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** Elements to step over for one step along each axis, row-major. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Calls `pick` for each coordinate of `shape` in row-major order; undefined when the shape is too large to follow. */
export function mapCoordinates<T>(
  shape: readonly number[],
  pick: (coordinates: readonly number[]) => T,
): readonly T[] | undefined {
  const count = sizeOf(shape);
  if (count > maximumElements) return undefined;
  const coordinates = new Array<number>(shape.length).fill(0);
  return Array.from({ length: count }, () => {
    const picked = pick(coordinates);
    advance(coordinates, shape);
    return picked;
  });
}

function advance(coordinates: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    coordinates[axis] = coordinates[axis]! + 1;
    if (coordinates[axis]! < shape[axis]!) return;
    coordinates[axis] = 0;
  }
}

/**
 * A value of `type` whose element at each coordinate is the source's element at the coordinate that `from` gives;
 * `fill` where that lies outside of the source.
 */
export function rearrange(
  source: TensorValue | undefined,
  type: TensorType | undefined,
  from: (coordinates: readonly number[]) => readonly number[],
  fill: Element = unknown('outside of the source'),
): TensorValue | undefined {
  const shape = numericShape(type?.shape);
  if (source === undefined || shape === undefined) return undefined;
  const strides = stridesOf(source.shape);
  const elements = mapCoordinates(shape, (coordinates) => {
    const place = from(coordinates);
    const inside = place.every((position, axis) => position >= 0 && position < source.shape[axis]!);
    return inside ? source.elements[place.reduce((sum, position, axis) => sum + position * strides[axis]!, 0)]! : fill;
  });
  return elements && tensorValue(source.dtype, shape, elements);
}

/** The evaluation of an operator that changes its first input's shape and no element: the same elements under a new shape. */
export function viewOf(infer: (context: TypedNode) => readonly TensorType[]) {
  return (context: TypedNode): readonly (TensorValue | undefined)[] => {
    const [source] = context.values;
    const [type] = infer(context);
    const shape = numericShape(type?.shape);
    return [source && shape && tensorValue(type?.dtype ?? source.dtype, shape, source.elements)];
  };
}
