/** Where optimizing pays: what each of several edits would change in each layer, from one simulation an edit. */
import type { LayerCost, Simulation } from '../simulate/simulation.ts';
import { parseEdits } from '../optimizations/index.ts';
import { headsOf } from './layer-heads.ts';
import { chooseEdits } from './selection.ts';
import { whatIf, type Subject } from './what-if.ts';

export interface WhatIfTable {
  /** In the grammar of what-ifs, each made on every layer that it applies to. */
  readonly edits: readonly string[];
  readonly rows: readonly WhatIfRow[];
}

export interface WhatIfRow {
  readonly layer: string;
  /** For each edit what changes; null where it does not apply to this layer. */
  readonly changes: readonly (LayerChange | null)[];
}

/** Of the edited model against the given one: below 0 is saved. */
export interface LayerChange {
  readonly latencySeconds: number;
  readonly energyJoules: number;
  readonly weightsBytes: number;
  readonly fileBytes: number;
}

/**
 * The edit of a single layer may come to a little more than its row says, since the borders between edited and unedited
 * layers cost; `applied` simulates it exactly. Throws `UserError` for a text that is no edit of this model.
 */
export function whatIfTable(subject: Subject, base: Simulation, edits: readonly string[]): WhatIfTable {
  const columns = edits.map((text) => columnOf(subject, base, text));
  const layers = base.layers.filter(({ nodes }) => nodes.length > 0);
  return {
    edits,
    rows: layers.map(({ name }) => ({ layer: name, changes: columns.map((column) => column.get(name) ?? null) })),
  };
}

function columnOf(subject: Subject, base: Simulation, text: string): ReadonlyMap<string, LayerChange> {
  const { head, touched } = whatIf(subject, base, chooseEdits(parseEdits(text), base));
  const names = new Set(touched);
  const heads = headsOf(head);
  const changed = base.layers.filter(({ name }) => names.has(name));
  return new Map(changed.map((layer) => [layer.name, changeOf(layer, heads(layer))]));
}

function changeOf(before: LayerCost, after: readonly LayerCost[]): LayerChange {
  const change = (of: (layer: LayerCost) => number) => after.reduce((sum, layer) => sum + of(layer), -of(before));
  return {
    latencySeconds: change(({ latencySeconds }) => latencySeconds),
    energyJoules: change(({ energyJoules }) => energyJoules),
    weightsBytes: change(({ weightsBytes }) => weightsBytes),
    fileBytes: change(({ fileBytes }) => fileBytes),
  };
}
