/** The number of one line in one column. */
import { noFigure, type Figure } from '../figures/figure-column.ts';
import type { NumbersColumn } from '../figures/column.ts';
import type { Line, PartLine } from './lines.ts';

export function figureOfLine(column: NumbersColumn, line: Line): Figure {
  switch (line.kind) {
    case 'row':
      return { value: column.figures.values[line.row]!, text: column.figures.textOf(line.row) };
    case 'module':
      return column.figures.together(line.rows);
    case 'part':
      return partFigure(column, line);
  }
}

/** Of one of several layers: what it takes on its side. Rounded by itself: its row tells the sum. */
function partFigure({ metric, of, figures }: NumbersColumn, { layer, side }: PartLine): Figure {
  if (layer === undefined || of !== side) return noFigure;
  const value = metric.of([layer]) ?? NaN;
  return { value, text: figures.print(value) };
}
