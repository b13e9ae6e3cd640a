/** What became of a layer, as far as a mark can tell it: the words are those of the report. */
import { minus } from '../../../units.ts';
import { additiveMetrics, type DiffRow } from '../../../compare/comparison.ts';

export type RowStatus = 'added' | 'removed' | 'changed' | 'same';

/** Other weights in the same layer, or weights that nobody has, are no change of what it is or costs. */
export function rowStatus({ base, head, match, delta }: DiffRow): RowStatus {
  if (base.length === 0 && head.length > 0) return 'added';
  if (head.length === 0 && base.length > 0) return 'removed';
  const unchanged = match.status === 'identical' || match.status === 'retrained' || match.status === 'copy';
  return unchanged && additiveMetrics.every((metric) => delta[metric] === 0) ? 'same' : 'changed';
}

export type StatusCounts = Readonly<Record<RowStatus, number>>;

export function countStatuses(rows: readonly DiffRow[]): StatusCounts {
  const counts = { added: 0, removed: 0, changed: 0, same: 0 };
  for (const row of rows) counts[rowStatus(row)] += 1;
  return counts;
}

/** Of rows together: what all of them are, else changed. */
export function statusOfCounts({ added, removed, changed, same }: StatusCounts): RowStatus {
  if (added + changed + removed === 0) return 'same';
  if (changed + same > 0 || (added > 0 && removed > 0)) return 'changed';
  return added > 0 ? 'added' : 'removed';
}

/** Those of the table. */
export const statusSigns: Readonly<Record<RowStatus, string>> = { added: '+', removed: minus, changed: '≠', same: '' };
