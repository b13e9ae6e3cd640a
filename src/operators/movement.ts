/** Work of operators that compute nothing: they move elements, or not even that. */
import type { TensorType } from '../ir/graph.ts';
import type { Operator, TypedNode } from './operator.ts';
import { elementCount } from './type.ts';
import type { Work } from './work.ts';

/** No bytes move: the output is the input under another shape. */
export function viewWork(): Work {
  return { operatorClass: 'view', nests: [], vector: [] };
}

/** Each output element is copied once. */
export function moveWork(_node: TypedNode, outputs: readonly TensorType[]): Work {
  return {
    operatorClass: 'data-movement',
    nests: [],
    vector: [{ operation: 'move', elements: totalElements(outputs) }],
  };
}

/** Elements of all these tensors together; those without a shape count 0. */
export function totalElements(types: readonly (TensorType | undefined)[]): number {
  return types.reduce((sum, type) => sum + (elementCount(type) ?? 0), 0);
}

/** An operator that only moves elements. */
export function moving(
  name: string,
  documentation: string,
  { infer, evaluate }: Pick<Operator, 'infer' | 'evaluate'>,
  parameterInputs: readonly number[] | 'all' = [0],
): Operator {
  const known = { domain: '', name, documentation, infer, work: moveWork, parameterInputs };
  return evaluate === undefined ? known : { ...known, evaluate };
}
