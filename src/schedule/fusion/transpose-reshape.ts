import type { Fusion } from '../group.ts';
import { isProduct, merge, soleProducer } from '../group.ts';

/** A Transpose beside a matrix product, which reads or writes with strides instead of moving the tensor. */
export const transposeReshape: Fusion = (operation, context) => {
  if (operation.operator === 'Transpose') {
    const group = soleProducer(operation.node.inputs[0] ?? '', operation, context);
    return group !== undefined && isProduct(group.host) ? merge([group], operation, [operation]) : undefined;
  }
  if (!isProduct(operation)) return undefined;
  const transposes = operation.node.inputs
    .map((name) => soleProducer(name, operation, context))
    .filter((group) => group !== undefined)
    .filter((group) => group.members.length === 1 && group.host.operator === 'Transpose');
  const [first, ...others] = transposes;
  if (first === undefined) return undefined;
  const absorbed = transposes.map((group) => group.host);
  return { ...merge([first, ...others], operation, absorbed), host: operation };
};
