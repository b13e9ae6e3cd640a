/** What stands in one cell. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { Column, NumbersColumn } from '../figures/column.ts';
import { Words } from '../shell/words.tsx';
import { figureOfLine } from './figures-of-line.ts';
import type { Line } from './lines.ts';

interface CellProps {
  readonly column: Column;
  readonly line: Line;
  readonly rows: readonly DiffRow[];
}

export function Cell({ column, line, rows }: CellProps) {
  if (column.kind === 'numbers') return <NumberCell column={column} line={line} />;
  const phrase = line.kind === 'row' ? column.phraseOf(rows[line.row]!) : [];
  return (
    <div role="gridcell" class="cell words">
      <Words phrase={phrase} />
    </div>
  );
}

function NumberCell({ column, line }: { readonly column: NumbersColumn; readonly line: Line }) {
  const { value, text } = figureOfLine(column, line);
  return (
    <div role="gridcell" class="cell number">
      {line.kind === 'row' ? <Bar column={column} value={value} /> : null}
      <span class="figure">{text}</span>
    </div>
  );
}

/** Changes grow from the middle: to the right what grew, to the left what shrank. The figure has its sign too. */
function Bar({ column, value }: { readonly column: NumbersColumn; readonly value: number }) {
  const { largest } = column.figures;
  if (Number.isNaN(value) || value === 0 || largest === 0 || column.of === 'ratio') return null;
  const share = Math.min(1, Math.abs(value) / largest);
  if (column.of === 'change' || column.of === 'effect') {
    const width = `${(share * 50).toFixed(1)}%`;
    const side = value > 0 ? { left: '50%', width } : { right: '50%', width };
    return <span class={`bar ${value > 0 ? 'growth' : 'saving'}`} style={side} />;
  }
  return <span class={`bar ${column.of}`} style={{ left: 0, width: `${(share * 100).toFixed(1)}%` }} />;
}
