/** What was done to a weight, as JSON: a text that tells changes apart. */
import type { WeightChange } from '../optimizations/weights/weight-change.ts';

/** Edits are made once, and asked about on each target and with each edit that is put behind them. */
const known = new WeakMap<WeightChange, string>();

export function changeText(change: WeightChange): string {
  const text = known.get(change) ?? JSON.stringify(change);
  known.set(change, text);
  return text;
}
