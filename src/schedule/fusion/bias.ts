import type { Fusion } from '../group.ts';
import { isConstant, isProduct, merge, soleProducer } from '../group.ts';

/** A product and the Add of a constant after it, which becomes its bias. */
export const bias: Fusion = (operation, context) => {
  if (operation.operator !== 'Add') return undefined;
  const activations = operation.node.inputs.filter((name) => !isConstant(name, context));
  const [tensor] = activations;
  if (tensor === undefined || activations.length !== 1) return undefined;
  const group = soleProducer(tensor, operation, context);
  return group !== undefined && isProduct(group.host) && group.members.at(-1) === group.host
    ? merge([group], operation)
    : undefined;
};
