/** What is known of the axes of all tensors while the operators are walked through. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import type { TypedNode } from '../../operators/operator.ts';
import { numericShape } from '../../operators/type.ts';
import { fix, fixedAxis, freeAxis, unite } from './channels.ts';
import type { Axis } from './channels.ts';

export type Axes = readonly Axis[];

/** Axes by tensor; only tensors whose sizes are all numbers have some. */
export type AxesByTensor = Map<string, Axes>;

/** One node, with the axes of its operands. */
export interface Following {
  readonly node: Node;
  readonly typed: TypedNode;
  /** By position; undefined for an absent input. */
  readonly inputs: readonly (Axes | undefined)[];
  /** Sizes of the outputs by position; undefined for an absent one. */
  readonly outputs: readonly (readonly number[] | undefined)[];
  /** True where the input is a constant that can lose elements. */
  readonly isConstant: (position: number) => boolean;
  readonly graph: Graph;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
}

/** The outputs' axes, or why the channels cannot be followed: a sentence behind "`Operator` name". */
export type Followed = readonly (Axes | undefined)[] | string;

export type Rule = (following: Following) => Followed;

export function reasonAt({ operator, id }: Node, why: string): string {
  return `reach \`${operator}\` ${id}, which ${why}`;
}

export function sizesOf(axes: Axes): readonly number[] {
  return axes.map((axis) => axis.reduce((sum, { set, width }) => sum + set.size * width, 0));
}

/** Axes of an operator's own: sizes that no channel stands behind. */
export function ownAxes(shape: readonly number[], node: Node): Axes {
  return shape.map((size) => fixedAxis(size, `are tied to sizes that \`${node.operator}\` ${node.id} makes`));
}

export function uniteAt({ node }: Following, left: Axis, right: Axis): void {
  unite(left, right, reasonAt(node, 'mixes sizes that do not fit each other'));
}

export function fixAll(axes: Axes, reason: string): void {
  for (const axis of axes) fix(axis, reason);
}

/** A constant's axes, which are those of the file's constants that it was computed from. */
export function constantAxes(constant: Initializer, { initializers }: Graph, known: AxesByTensor): Axes {
  const before = known.get(constant.name);
  if (before !== undefined) return before;
  const axes = constant.shape.map(freeAxis);
  known.set(constant.name, axes);
  for (const name of constant.movedFrom === undefined ? (constant.foldedFrom ?? []) : []) {
    const origin = initializers.get(name);
    if (origin !== undefined && origin !== constant) shareAxes(origin, axes, known);
  }
  return axes;
}

function shareAxes(origin: Initializer, axes: Axes, known: AxesByTensor): void {
  const order = orderOf(origin.shape, sizesOf(axes));
  if (order === undefined) return;
  const shared = order.map((position, axis) => (position < 0 ? freeAxis(origin.shape[axis]!) : axes[position]!));
  const before = known.get(origin.name);
  if (before === undefined) known.set(origin.name, shared);
  else before.forEach((axis, position) => unite(axis, shared[position]!, 'are read in two ways by constants'));
}

/** For each axis of what a constant was computed from the axis that it became, -1 for none; undefined where they moved. */
function orderOf(from: readonly number[], to: readonly number[]): readonly number[] | undefined {
  if (from.length === to.length && from.every((size, axis) => size === to[axis])) return from.map((_, axis) => axis);
  if (from.length <= 1) {
    const at = to.indexOf(from[0] ?? 1);
    return from.map(() => at);
  }
  return undefined;
}

export function shapeOf(graph: Graph, name: string): readonly number[] | undefined {
  return numericShape(graph.tensors.get(name)?.shape);
}
