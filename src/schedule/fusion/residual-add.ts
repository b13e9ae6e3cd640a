import type { Fusion } from '../group.ts';
import { isConstant, isProduct, merge, sameShape, soleProducer } from '../group.ts';

/** A product and the Add of another feature map of its shape; of two products, the later one takes the sum. */
export const residualAdd: Fusion = (operation, context) => {
  const { inputs } = operation.node;
  if (operation.operator !== 'Add' || inputs.some((name) => isConstant(name, context))) return undefined;
  const candidates = inputs
    .map((name) => soleProducer(name, operation, context))
    .filter((group) => group !== undefined)
    .filter((group) => isProduct(group.host) && sameShape(group.members.at(-1)!, operation))
    .sort((a, b) => b.host.index - a.host.index);
  const [latest] = candidates;
  return latest && merge([latest], operation);
};
