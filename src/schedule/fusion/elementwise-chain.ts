import type { Fusion, Group } from '../group.ts';
import { merge, sameShape, soleProducer } from '../group.ts';
import type { Operation } from '../program.ts';

/** Consecutive element-wise operators of one shape: each element goes through all of them while it is in a register. */
export const elementwiseChain: Fusion = (operation, context) => {
  if (!isElementwise(operation)) return undefined;
  const groups = [...new Set(operation.node.inputs)]
    .map((name) => soleProducer(name, operation, context))
    .filter((group) => group !== undefined)
    .filter((group) => group.members.every(isElementwise) && sameShape(group.members.at(-1)!, operation));
  const [first, ...others] = groups.sort((a, b) => a.host.index - b.host.index) as [Group, ...Group[]] | [];
  return first && merge([first, ...others], operation);
};

function isElementwise({ work }: Operation): boolean {
  return work.operatorClass === 'elementwise' && work.nests.length === 0;
}
