/** What was found out about edited weights, told again where the weights are not there: by what was done to them. */
import type { Initializer } from '../ir/graph.ts';
import type { EditedWeight } from '../optimizations/optimization.ts';
import { constantKey, type RecordedWeights, type WeightFacts } from '../schedule/npu/weights/facts.ts';
import { changeText } from './change-text.ts';

interface Recorded {
  readonly recorded?: RecordedWeights | undefined;
  readonly edited?: ReadonlyMap<string, WeightFacts>;
}

/** A record for the edited model: that of the given one and what is known of the edits. */
export function withEdits<R extends Recorded>(record: R, weights: readonly EditedWeight[]): R {
  const { recorded, edited } = record;
  if (edited === undefined || weights.length === 0) return record;
  const all = new Map(recorded);
  for (const [constant, key] of editKeys(weights)) {
    const facts = edited.get(key);
    if (facts !== undefined) all.set(constant, facts);
  }
  return { ...record, recorded: all };
}

/**
 * By `constantKey` of what edits made: what was done, and to what. Names tell the model's constants apart; what an edit made
 * is told by what it was made from.
 */
export function editKeys(weights: readonly EditedWeight[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const names = new Map<Initializer, string>();
  for (const { from, to, change, storage } of weights) {
    const key = `[${JSON.stringify(names.get(from) ?? from.name)},${changeText(change)}]`;
    names.set(to, key);
    keys.set(constantKey(to), key);
    storage.forEach((constant, index) => keys.set(constantKey(constant), `${key} ${index}`));
  }
  return keys;
}
