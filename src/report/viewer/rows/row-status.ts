/** What became of a layer, as far as an outline can tell it. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { isChanged } from '../../source-words.ts';
import { isGuess } from '../../why.ts';

export type RowStatus = 'added' | 'removed' | 'changed' | 'same';

export function rowStatus(row: DiffRow): RowStatus {
  const { base, head, match } = row;
  if (base.length === 0 && head.length > 0) return 'added';
  if (head.length === 0 && base.length > 0) return 'removed';
  return isGuess(row) || match.status === 'moved' || isChanged(row) ? 'changed' : 'same';
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
export const statusSigns: Readonly<Record<RowStatus, string>> = { added: '+', removed: '−', changed: '≠', same: '' };
