import type { Fusion, Group } from '../group.ts';
import { isConstant, isProduct, merge, sameShape, soleProducer } from '../group.ts';

/**
 * A product and the Add of another feature map of its shape. Of two products the deeper one takes the sum, of two as
 * deep the Add's first operand: the same network in another order of its nodes compiles to the same kernels.
 */
export const residualAdd: Fusion = (operation, context) => {
  const { inputs } = operation.node;
  const depthOf = ({ host }: Group) => context.program.depths[host.index] ?? 0;
  if (operation.operator !== 'Add' || inputs.some((name) => isConstant(name, context))) return undefined;
  const candidates = inputs
    .map((name) => soleProducer(name, operation, context))
    .filter((group) => group !== undefined)
    .filter((group) => isProduct(group.host) && sameShape(group.members.at(-1)!, operation))
    .sort((a, b) => depthOf(b) - depthOf(a));
  const [deepest] = candidates;
  return deepest && merge([deepest], operation);
};
