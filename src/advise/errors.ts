/** Weight errors of many trials: what is done to one node's weights is measured once. */
import type { ModelSources } from '../ir/byte-source.ts';
import type { EditedWeight } from '../optimizations/optimization.ts';
import { weightErrors, type WeightError } from '../optimizations/weights/weight-errors.ts';
import { changeText } from './change-text.ts';
import type { Subject } from './what-if.ts';

/** By id of the node. */
export type MeasureErrors = (weights: readonly EditedWeight[]) => ReadonlyMap<string, WeightError>;

const notAvailable: WeightError = { sqnrDecibels: null, reason: 'weights not available' };

export function errorMeasure({ sources, recorded }: Subject): MeasureErrors {
  if (sources === undefined) return (weights) => tellErrors(weights, recorded?.errors);
  const known = new Map<string, WeightError>(recorded?.errors);
  return (weights) => {
    // Which channels go may hang on what was done to other nodes.
    if (weights.some(isPruned)) return weightErrors(sources, weights);
    const errors = new Map<string, WeightError>();
    for (const [node, edits] of byNode(weights)) {
      const key = keyOf(edits);
      const error = known.get(key) ?? weightErrors(sources, edits).get(node);
      if (error === undefined) continue;
      known.set(key, error);
      errors.set(node, error);
    }
    return errors;
  };
}

/** What was recorded; nothing is of pruned weights, whose keys would be long. */
function tellErrors(
  weights: readonly EditedWeight[],
  recorded: ReadonlyMap<string, WeightError> | undefined,
): ReadonlyMap<string, WeightError> {
  const tell = (edits: readonly EditedWeight[]) => (edits.some(isPruned) ? undefined : recorded?.get(keyOf(edits)));
  return new Map([...byNode(weights)].map(([node, edits]) => [node, tell(edits) ?? notAvailable]));
}

function isPruned({ change }: EditedWeight): boolean {
  return change.kind === 'prune';
}

/** What `errorMeasure` would find out, for where the weights will not be: `recorded.errors` of a subject. */
export function recordedErrors(
  sources: ModelSources,
  edited: Iterable<readonly EditedWeight[]>,
): ReadonlyMap<string, WeightError> {
  const recorded = new Map<string, WeightError>();
  for (const weights of edited) {
    if (weights.some(isPruned)) continue;
    for (const [node, edits] of byNode(weights)) {
      const key = keyOf(edits);
      const error = recorded.get(key) ?? weightErrors(sources, edits).get(node);
      if (error !== undefined) recorded.set(key, error);
    }
  }
  return recorded;
}

function byNode(weights: readonly EditedWeight[]): ReadonlyMap<string, readonly EditedWeight[]> {
  const nodes = new Map<string, EditedWeight[]>();
  for (const weight of weights) {
    const edits = nodes.get(weight.node);
    if (edits === undefined) nodes.set(weight.node, [weight]);
    else edits.push(weight);
  }
  return nodes;
}

/** Names tell the model's constants apart, and edits name what they make after what they are made from. */
function keyOf(edits: readonly EditedWeight[]): string {
  const texts = edits.map(
    ({ node, from, change }) => `[${JSON.stringify(node)},${JSON.stringify(from.name)},${changeText(change)}]`,
  );
  return `[${texts.join()}]`;
}
