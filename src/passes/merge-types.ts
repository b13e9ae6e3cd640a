/**
 * What the file declares of a tensor fills what inference could not tell; inference wins where it could, but for element
 * types where the format's own count (`Graph.typesDeclared`).
 */
import { isUnknown } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';

export function mergeTypes(
  inferred: TensorType,
  declared: TensorType | undefined,
  typesDeclared: boolean | undefined = false,
): TensorType {
  if (declared === undefined) return inferred;
  const dtype = (typesDeclared ? declared.dtype : null) ?? inferred.dtype ?? declared.dtype;
  const shape = mergeShapes(inferred.shape, declared.shape);
  const container = inferred.container ?? (inferred.dtype === null ? declared.container : undefined);
  const reason = dtype === null || shape === null ? (inferred.reason ?? declared.reason) : undefined;
  return {
    dtype,
    shape,
    ...(container === undefined ? {} : { container }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function mergeShapes(inferred: Shape | null, declared: Shape | null): Shape | null {
  if (inferred === null) return declared;
  if (declared?.length !== inferred.length) return inferred;
  return inferred.map((dimension, axis) => {
    const other = declared[axis]!;
    return isUnknown(dimension) && !isUnknown(other) ? other : dimension;
  });
}
