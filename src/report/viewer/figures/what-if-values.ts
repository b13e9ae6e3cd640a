/** A what-if row by row: what each layer of the head would take, and how much more or less that is. */
import type { AdditiveMetric } from '../../../compare/comparison.ts';
import type { TargetReport } from '../../report.ts';
import type { WhatIfAnswer } from '../worker/protocol.ts';

export interface WhatIfValues {
  /** By row; NaN: there is none. */
  readonly edited: Float64Array;
  readonly effect: Float64Array;
  /** Of the layers that the edits bring with them: they are in no row. */
  readonly added: number;
}

interface Asked {
  readonly target: TargetReport;
  readonly answer: WhatIfAnswer;
  /** Values of the head as it is. */
  readonly head: Float64Array;
}

/** @param delta of a metric that adds up: of others a what-if tells the whole model alone */
export function whatIfValues(delta: AdditiveMetric, { target, answer, head }: Asked): WhatIfValues {
  const { layers: rows } = target;
  const { changes, added, document } = answer;
  const effect = Float64Array.from(rows, (row, index) => {
    if (Number.isNaN(head[index]!)) return NaN;
    return row.head.reduce((sum, { id }) => sum + (changes.get(id)?.[delta] ?? 0), 0);
  });
  if (delta === 'fileBytes') addRest(effect, rows, document.head.fileBytes - document.base.fileBytes - added.fileBytes);
  return { effect, edited: head.map((value, row) => value + effect[row]!), added: added[delta] };
}

/** What the layers leave of the file is in the row without layers. */
function addRest(effect: Float64Array, rows: TargetReport['layers'], total: number): void {
  const overhead = rows.findIndex(({ base, head }) => base.length === 0 && head.length === 0);
  if (overhead < 0 || Number.isNaN(effect[overhead]!)) return;
  effect[overhead] = effect.reduce((left, value) => left - (value || 0), total);
}
