/**
 * Where channels and kernels lie. ONNX has channels second and filters first; formats with another order keep it, as two
 * attributes of the node that its entry understands:
 *
 * - `channels_last` = 1: feature maps are batch × spatial axes × channels;
 * - `weight_axes`: for each axis of ONNX's weight (filters × channels per group × kernel, or channels × filters per group
 *   × kernel for transposed convolutions) the axis of the stored weight. `[0, 3, 1, 2]` is filters × kernel × channels.
 */
import type { Node, Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { normalizeAxes } from './type.ts';

export function isChannelsLast(node: Node): boolean {
  return intAttribute(node, 'channels_last', 0) === 1;
}

export function spatialAxes(channelsLast: boolean, shape: Shape): Shape {
  return channelsLast ? shape.slice(1, -1) : shape.slice(2);
}

/** A feature map's shape from its parts. */
export function imageShape(
  channelsLast: boolean,
  batch: Shape[number],
  channels: Shape[number],
  spatial: Shape,
): Shape {
  return channelsLast ? [batch, ...spatial, channels] : [batch, channels, ...spatial];
}

/** The axes of a stored weight in ONNX's order; undefined where they are no such order. */
export function weightAxes(node: Node, rank: number): readonly number[] | undefined {
  const axes = intsAttribute(node, 'weight_axes', undefined);
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return axes.length === rank ? normalizeAxes(axes, rank) : undefined;
}

/** The weight's shape in ONNX's order; undefined where it is not known. */
export function weightShape(node: Node, weight: TensorType | undefined): Shape | undefined {
  const shape = weight?.shape;
  if (!shape) return undefined;
  return weightAxes(node, shape.length)?.map((axis) => shape[axis]!);
}
