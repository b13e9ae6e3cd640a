/** What becomes of a weight's elements, by the kind of the change. */
import { cast } from './cast.ts';
import type { ChangedElements, Elements, NotKnown, ReadConstant } from './changed-elements.ts';
import { mostClustered, palettize } from './palettize.ts';
import { elementCount } from '../../formats/dense.ts';
import { prune } from './prune.ts';
import { quantize } from './quantize.ts';
import { sparsify, sparsifyTwoOfFour } from './smallest.ts';
import type { WeightChange } from './weight-change.ts';

/** Reads statistics of the elements at once, the elements themselves when somebody asks for them. */
export function changeElements(
  elements: Elements,
  change: WeightChange,
  read: ReadConstant,
): ChangedElements | NotKnown {
  switch (change.kind) {
    case 'quantize':
      return quantize(elements, change);
    case 'quantize-bias':
      return { reason: 'the steps of a bias follow from activations, which nobody ran' };
    case 'cast':
      return cast(elements, change.dtype);
    case 'palettize':
      return elementCount(elements.shape) > mostClustered
        ? { reason: `more than ${mostClustered} elements are not clustered` }
        : palettize(elements, change.bits);
    case 'sparsify':
      return sparsify(elements, change.share);
    case 'sparsify-two-of-four':
      return sparsifyTwoOfFour(elements, change.axis);
    case 'prune':
      return prune(elements, change.axes, read);
  }
}
