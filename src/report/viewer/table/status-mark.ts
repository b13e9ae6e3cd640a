/** What happened to a line, in one sign: a shape first, a colour second. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { isGuess } from '../../why.ts';
import { rowStatus, statusSigns } from '../rows/row-status.ts';
import type { Line } from './lines.ts';

interface Mark {
  readonly kind: 'added' | 'removed' | 'changed' | 'guess' | 'moved' | 'retrained';
  readonly sign: string;
  readonly words: string;
}

const added: Mark = { kind: 'added', sign: statusSigns.added, words: 'added' };
const removed: Mark = { kind: 'removed', sign: statusSigns.removed, words: 'removed' };

export function markOf(line: Line, rows: readonly DiffRow[]): Mark | undefined {
  if (line.kind === 'part') {
    if (line.side === 'both' || line.layer !== undefined) return sideMark(line.side);
    return line.side === 'head' ? added : removed;
  }
  if (line.kind === 'row') return markOfRow(rows[line.row]!);
  const changed = line.rows.filter((row) => rowStatus(rows[row]!) !== 'same').length;
  if (changed === 0) return undefined;
  return { kind: 'changed', sign: statusSigns.changed, words: `${changed} of ${line.rows.length} changed` };
}

function sideMark(side: 'base' | 'head' | 'both'): Mark | undefined {
  if (side === 'both') return undefined;
  return { kind: 'changed', sign: side === 'base' ? 'b' : 'h', words: `layer of the ${side}` };
}

function markOfRow(row: DiffRow): Mark | undefined {
  switch (rowStatus(row)) {
    case 'added':
      return added;
    case 'removed':
      return removed;
    case 'changed':
      if (isGuess(row)) return { kind: 'guess', sign: '~', words: 'changed; the match is a guess' };
      if (row.match.status === 'moved') return { kind: 'moved', sign: '⇄', words: 'moved' };
      return { kind: 'changed', sign: statusSigns.changed, words: 'changed' };
    case 'same':
      return row.match.status === 'retrained'
        ? { kind: 'retrained', sign: 'w', words: 'only weights changed' }
        : undefined;
  }
}
