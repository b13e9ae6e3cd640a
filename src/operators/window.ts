/**
 * Sliding windows of convolutions and pooling: kernel, strides, dilations and padding per spatial axis, and the output
 * positions they give (ONNX Conv and MaxPool, https://onnx.ai/onnx/operators/).
 */
import { add, ceilDivide, floorDivide, isKnown, minimum, multiply, subtract, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Node } from '../ir/graph.ts';
import { intAttribute, intsAttribute, stringAttribute } from './attribute.ts';

/** All lists have one entry per spatial axis. */
export interface Window {
  readonly kernel: readonly Dimension[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly padding: 'explicit' | 'same' | 'valid';
  readonly ceilMode: boolean;
}

/** Reads a node's window; a list of the wrong length counts as absent, as do pads beside an `auto_pad`. */
export function windowOf(node: Node, kernel: readonly Dimension[]): Window {
  const rank = kernel.length;
  const list = (name: string, length: number, fallback: number): readonly number[] => {
    const values = intsAttribute(node, name, []);
    return values.length === length ? values : Array.from({ length }, () => fallback);
  };
  const padding = paddingOf(node);
  const pads = padding === 'explicit' ? list('pads', 2 * rank, 0) : Array.from({ length: 2 * rank }, () => 0);
  return {
    kernel,
    strides: list('strides', rank, 1),
    dilations: list('dilations', rank, 1),
    padsBegin: pads.slice(0, rank),
    padsEnd: pads.slice(rank),
    padding,
    ceilMode: intAttribute(node, 'ceil_mode', 0) === 1,
  };
}

function paddingOf(node: Node): Window['padding'] {
  const padding = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (padding.startsWith('SAME')) return 'same';
  return padding === 'VALID' ? 'valid' : 'explicit';
}

/** The kernel as the attribute gives it, else as the weight's spatial axes do. */
export function kernelOf(node: Node, weightAxes: readonly Dimension[] | undefined): readonly Dimension[] | undefined {
  const attribute = intsAttribute(node, 'kernel_shape', []);
  return attribute.length > 0 ? attribute : weightAxes;
}

/** Output positions per spatial axis, for an input of these sizes. */
export function windowPositions(input: readonly Dimension[], window: Window): Dimension[] {
  return input.map((size, axis) => positionsAlong(size, window, axis));
}

function positionsAlong(size: Dimension, window: Window, axis: number): Dimension {
  const stride = window.strides[axis]!;
  if (stride < 1) return unknown('the stride is not positive');
  if (window.padding === 'same') return ceilDivide(size, stride);
  const padded = add(size, window.padsBegin[axis]! + window.padsEnd[axis]!);
  const span = subtract(padded, extent(window, axis));
  const positions = add((window.ceilMode ? ceilDivide : floorDivide)(span, stride), 1);
  const inside = window.ceilMode ? startingInside(positions, size, window, axis) : positions;
  return isKnown(inside) && inside < 0 ? unknown('the window is larger than the padded input') : inside;
}

/** With `ceil_mode` a last window that would start in the end padding is left out. */
function startingInside(positions: Dimension, size: Dimension, window: Window, axis: number): Dimension {
  const reach = extent(window, axis);
  const stride = window.strides[axis]!;
  const canStartOutside = !isKnown(reach) || window.padsEnd[axis]! + stride > reach;
  return canStartOutside ? minimum(positions, ceilDivide(add(size, window.padsBegin[axis]!), stride)) : positions;
}

/** Input elements that the dilated kernel spans. */
export function extent(window: Window, axis: number): Dimension {
  return add(multiply(subtract(window.kernel[axis] ?? 1, 1), window.dilations[axis]!), 1);
}

/** Spatial sizes folded to two: the last axis is X, all before it Y (1 for one spatial axis). */
export function foldSpatial(sizes: readonly Dimension[]): { readonly y: number; readonly x: number } {
  const numbers = sizes.map((size) => (isKnown(size) ? size : 0));
  return { y: numbers.slice(0, -1).reduce((product, size) => product * size, 1), x: numbers.at(-1) ?? 1 };
}

/** Strides and dilations as a loop nest has them: of the last two spatial axes. */
export function nestSteps(window: Window): {
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
} {
  return {
    strideY: window.strides.at(-2) ?? 1,
    strideX: window.strides.at(-1) ?? 1,
    dilationY: window.dilations.at(-2) ?? 1,
    dilationX: window.dilations.at(-1) ?? 1,
  };
}
