/** The elements of an edited model's constants, through all edits back to those of the file. */
import type { ModelSources } from '../../ir/byte-source.ts';
import type { Initializer } from '../../ir/graph.ts';
import type { EditedWeight } from '../optimization.ts';
import { changeElements } from './change-elements.ts';
import type { ChangedElements, Elements, NotKnown, ReadConstant } from './changed-elements.ts';
import { originalElements } from './original-elements.ts';

/** By what tells constants apart, whatever they are called by now. */
type Edits = ReadonlyMap<Initializer['ranges'], EditedWeight>;

export interface EditedElements {
  /** As they are behind the edits that made the constant, or as the file has them. */
  readonly read: ReadConstant;
  /** What one edit made. */
  readonly changed: (weight: EditedWeight) => ChangedElements | NotKnown;
  /** The edit that made the constant. */
  readonly editOf: (constant: Initializer) => EditedWeight | undefined;
}

/** Scales, thresholds and tables are found when they are asked for, once; elements are computed anew each time. */
export function editedElements(sources: ModelSources, weights: readonly EditedWeight[]): EditedElements {
  const edits: Edits = new Map(weights.map((weight) => [weight.to.ranges, weight]));
  const found = new WeakMap<EditedWeight, ChangedElements | NotKnown>();
  const editOf = (constant: Initializer) => edits.get(constant.ranges);
  const changed = (weight: EditedWeight): ChangedElements | NotKnown => {
    const known = found.get(weight);
    if (known !== undefined) return known;
    const before = read(weight.from);
    const after = 'reason' in before ? before : changeElements(before, weight.change, read);
    found.set(weight, after);
    return after;
  };
  const read: ReadConstant = (constant) => {
    const edit = editOf(constant);
    if (edit === undefined) return originalElements(constant, sources, read);
    const after = changed(edit);
    return 'reason' in after ? after : ({ shape: after.shape, stream: after.values } satisfies Elements);
  };
  return { read, changed, editOf };
}
