/** Puts an upper bound in place of sizes that the data decides while the model runs, and keeps the list of them. */
import { isKnown, isUnknown } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { findOperator } from '../operators/index.ts';
import type { InferenceContext } from '../operators/operator.ts';
import { numericShape } from '../operators/type.ts';
import type { PreparedModel } from './prepared.ts';

type Unresolved = PreparedModel['unresolved'][number];

/** The types with bounds filled in; each tensor that needed one is told to `note`. */
export function boundSizes(
  context: InferenceContext,
  outputs: readonly TensorType[],
  note: (unresolved: Unresolved) => void,
): readonly TensorType[] {
  if (outputs.every(({ shape }) => shape?.some(isUnknown) !== true)) return outputs;
  const bounds = findOperator(context.node.domain, context.node.operator)?.upperBound?.(context);
  return outputs.map((type, position) => {
    const tensor = context.node.outputs[position];
    if (!tensor || type.shape?.some(isUnknown) !== true) return type;
    const shape = bounded(type.shape, bounds?.[position]?.shape ?? null);
    const assumed = numericShape(shape);
    if (assumed === undefined) return type;
    note({ tensor, reason: reasonOf(type.shape), assumed });
    return { ...type, shape };
  });
}

function bounded(shape: Shape, bound: Shape | null): Shape {
  return shape.map((size, axis) => (isUnknown(size) && bound?.length === shape.length ? bound[axis]! : size));
}

export function reasonOf(shape: Shape | null): string {
  const open = shape?.find((size) => !isKnown(size));
  return open !== undefined && isUnknown(open) ? open.reason : 'its size is not known';
}
