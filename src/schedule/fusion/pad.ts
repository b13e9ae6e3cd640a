import type { Fusion } from '../group.ts';
import { isProduct, merge, soleProducer } from '../group.ts';
import { stringAttribute } from '../../operators/attribute.ts';

/** As `pad`, into convolutions only. */
export const padConvolution: Fusion = (operation, context) =>
  operation.work.operatorClass === 'pooling' ? undefined : pad(operation, context);

/** A Pad with zeros into the convolution or pool that follows: its loops skip what would be padding. */
export const pad: Fusion = (operation, context) => {
  const follows =
    operation.work.operatorClass === 'pooling' ||
    (isProduct(operation) && operation.typed.inputs[0]?.shape?.length !== 2);
  if (!follows) return undefined;
  const group = soleProducer(operation.node.inputs[0] ?? '', operation, context);
  if (group?.host.operator !== 'Pad' || stringAttribute(group.host.node, 'mode', 'constant') !== 'constant')
    return undefined;
  return { ...merge([group], operation, group.members), host: operation };
};
