import type { Fusion, FusionContext, Group } from '../group.ts';
import { isConstant, merge, soleProducer } from '../group.ts';
import type { Operation } from '../program.ts';

const scales: ReadonlySet<string> = new Set(['Mul', 'Div', 'Add', 'Where']);

/** The scores of attention (product, scale, mask, softmax) and the product with the values, which never leave the chip. */
export const attention: Fusion = (operation, context) => {
  if (operation.operator !== 'MatMul') return undefined;
  const softmax = soleProducer(operation.node.inputs[0] ?? '', operation, context);
  if (softmax?.members.length !== 1 || softmax.host.work.operatorClass !== 'softmax') return undefined;
  const steps = stepsBefore(softmax.host, context);
  return steps && merge([...steps, softmax], operation);
};

/** The groups from the first product to the softmax, at most a scale and a mask between them. */
function stepsBefore(softmax: Operation, context: FusionContext): [Group, ...Group[]] | undefined {
  const between: Group[] = [];
  let at = softmax;
  for (let step = 0; step < 4; step++) {
    const groups = at.node.inputs
      .filter((name) => !isConstant(name, context))
      .map((name) => soleProducer(name, at, context))
      .filter((group) => group !== undefined);
    const scores = groups.find(({ host }) => host.operator === 'MatMul');
    if (scores !== undefined) return [scores, ...between.reverse()];
    const scale = groups.find(
      ({ host, members }) => scales.has(host.operator) && members.every((one) => scales.has(one.operator)),
    );
    if (scale === undefined) return undefined;
    between.push(scale);
    at = scale.members[0]!;
  }
  return undefined;
}
