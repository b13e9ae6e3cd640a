/** Weight errors of many trials: what is done to one node's weights is measured once. */
import type { EditedWeight } from '../optimizations/optimization.ts';
import { weightErrors, type WeightError } from '../optimizations/weights/weight-errors.ts';
import type { Subject } from './what-if.ts';

/** By id of the node. */
export type MeasureErrors = (weights: readonly EditedWeight[]) => ReadonlyMap<string, WeightError>;

const notAvailable: WeightError = { sqnrDecibels: null, reason: 'weights not available' };

export function errorMeasure({ sources, recorded }: Subject): MeasureErrors {
  const known = new Map<string, WeightError>(recorded?.errors);
  return (weights) => {
    // Which channels go may hang on what was done to other nodes.
    if (sources !== undefined && weights.some(({ change }) => change.kind === 'prune')) {
      return weightErrors(sources, weights);
    }
    const nodes = new Map<string, EditedWeight[]>();
    for (const weight of weights) nodes.set(weight.node, [...(nodes.get(weight.node) ?? []), weight]);
    const errors = new Map<string, WeightError>();
    for (const [node, edits] of nodes) {
      const key = keyOf(edits);
      const error = known.get(key) ?? (sources === undefined ? notAvailable : weightErrors(sources, edits).get(node));
      if (error === undefined) continue;
      known.set(key, error);
      errors.set(node, error);
    }
    return errors;
  };
}

/** Names tell the model's constants apart, and edits name what they make after what they are made from. */
function keyOf(edits: readonly EditedWeight[]): string {
  return JSON.stringify(edits.map(({ node, from, change }) => [node, from.name, change]));
}
