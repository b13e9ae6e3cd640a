/** Building tensor types, and reading operands whose types are only partly known. */
import type { DataType } from '../ir/data-type.ts';
import { isKnown, unknown } from '../ir/dimension.ts';
import type { Dimension, UnknownDimension } from '../ir/dimension.ts';
import type { Element, Shape, TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import type { TypedNode } from './operator.ts';

/** A tensor of this element type and shape; give `reason` where one of them is null. */
export function tensor(dtype: DataType | null, shape: Shape | null, reason?: string): TensorType {
  return reason === undefined || (dtype !== null && shape !== null) ? { dtype, shape } : { dtype, shape, reason };
}

/** Nothing is known of it, and why. */
export function unknownType(reason: string): TensorType {
  return { dtype: null, shape: null, reason };
}

/** The type of `input`, passed on; unknown when the input is absent. */
export function sameAs(input: TensorType | undefined): TensorType {
  return input ?? unknownType('an input is missing');
}

export function dtypeOf(input: TensorType | undefined): DataType | null {
  return input?.dtype ?? null;
}

/** A tensor of `dtype` whose shape is not known because that of `input` is not. */
export function shapeUnknownAs(dtype: DataType | null, input: TensorType | undefined): TensorType {
  return tensor(dtype, null, input?.reason ?? 'the shape of an input is not known');
}

/** Ranks above this are not followed; no real tensor has them. */
export const maximumRank = 64;

/** `rank` dimensions that only a run can tell; null for a rank that no tensor has. */
export function unknownDimensions(rank: number, reason: string): UnknownDimension[] | null {
  return rank > maximumRank ? null : Array.from({ length: rank }, () => unknown(reason));
}

/** The axis counted from the front; undefined when it lies outside of the rank. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  const fromFront = axis < 0 ? axis + rank : axis;
  return Number.isInteger(axis) && fromFront >= 0 && fromFront < rank ? fromFront : undefined;
}

/** As `normalizeAxis` for several axes; undefined when any lies outside of the rank or stands twice. */
export function normalizeAxes(axes: readonly number[], rank: number): readonly number[] | undefined {
  if (axes.length > Math.min(rank, maximumRank)) return undefined;
  const normalized = axes.map((axis) => normalizeAxis(axis, rank));
  if (normalized.some((axis) => axis === undefined)) return undefined;
  return new Set(normalized).size === axes.length ? (normalized as number[]) : undefined;
}

/** All dimensions as numbers; undefined when any is a symbol or unknown. */
export function numericShape(shape: Shape | null | undefined): readonly number[] | undefined {
  return shape?.every(isKnown) ? shape : undefined;
}

/** Elements of a tensor whose shape is all numbers; undefined otherwise. */
export function elementCount(type: TensorType | undefined): number | undefined {
  return numericShape(type?.shape)?.reduce((count, size) => count * size, 1);
}

/** All elements as numbers; undefined when any is symbolic or unknown. */
export function numbersOf(value: TensorValue | undefined): readonly number[] | undefined {
  const elements = value?.elements;
  return elements?.every((element): element is number => typeof element === 'number') ? elements : undefined;
}

/**
 * A list of integers that older opsets keep in attribute `name` and newer ones in input `position` (axes, pads,
 * repeats). `undefined`: not given. `null`: computed at run time.
 */
export function listOperand(context: TypedNode, name: string, position: number): readonly Element[] | null | undefined {
  const attribute = intsAttribute(context.node, name, undefined) ?? oneInt(context, name);
  if (attribute !== undefined) return attribute;
  if (context.inputs[position] === undefined) return undefined;
  return context.values[position]?.elements ?? null;
}

/** As `listOperand`, all of them numbers; a symbolic element makes it `null`. */
export function intsOperand(context: TypedNode, name: string, position: number): readonly number[] | null | undefined {
  const list = listOperand(context, name, position);
  if (list === undefined || list === null) return list;
  return list.every((element): element is number => typeof element === 'number') ? list : null;
}

function oneInt({ node }: TypedNode, name: string): readonly number[] | undefined {
  const value = intAttribute(node, name, undefined);
  return value === undefined ? undefined : [value];
}

/** Reason of a dimension that the data decides while the model runs. */
export function decidedAtRunTime(operator: string): string {
  return `the data decides it at run time (${operator})`;
}

/** Replaces the dimension at `axis`. */
export function withDimension(shape: Shape, axis: number, dimension: Dimension): Shape {
  return shape.with(axis, dimension);
}
