/** The units of the target that the rows run on. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { leadingLayer, presentLayers } from '../../../compare/rows.ts';

/** Of the head; of the base for what was removed. */
export function unitOfRow(row: DiffRow | undefined): string | undefined {
  return row === undefined ? undefined : leadingLayer(presentLayers(row))?.unit;
}

/** Number of each unit: 0 for the one that most layers run on. */
export function numberUnits(rows: readonly DiffRow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const { unit, nodes } of presentLayers(row))
      if (nodes.length > 0) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  const order = [...counts].toSorted(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
  return new Map(order.map(([unit], index) => [unit, index]));
}
