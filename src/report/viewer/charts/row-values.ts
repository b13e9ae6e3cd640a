/** The numbers of all rows, for charts over them. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { visibleName } from '../../inert.ts';
import { rowName } from '../../repeats.ts';
import type { RowMetric } from '../rows/row-metrics.ts';

export interface RowValues {
  readonly base: readonly (number | null)[];
  readonly head: readonly (number | null)[];
}

export function rowValues(rows: readonly DiffRow[], metric: RowMetric): RowValues {
  return { base: rows.map((row) => metric.of(row.base)), head: rows.map((row) => metric.of(row.head)) };
}

export function shownName(row: DiffRow): string {
  return visibleName(rowName(row), 200);
}
