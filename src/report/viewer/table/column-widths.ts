/** How wide columns are: the same in every line, since lines are grids of their own. */
import type { Column } from '../figures/columns.ts';

const remOfWords = { narrow: 5.5, middle: 8, wide: 20 } as const;
const remOfNumbers = 6.75;
const remOfName = 17;

export interface ColumnWidths {
  /** For `grid-template-columns`. */
  readonly template: string;
  /** Below this the table scrolls. */
  readonly least: string;
}

export function columnWidths(columns: readonly Column[]): ColumnWidths {
  const widths = columns.map(widthOf);
  return {
    template: widths.map(({ rem, grows }) => (grows ? `minmax(${rem}rem, 1fr)` : `${rem}rem`)).join(' '),
    least: `${widths.reduce((sum, { rem }) => sum + rem, 0)}rem`,
  };
}

function widthOf(column: Column): { readonly rem: number; readonly grows: boolean } {
  if (column.id === 'name') return { rem: remOfName, grows: true };
  if (column.kind === 'numbers') return { rem: column.of === 'share' ? 5.5 : remOfNumbers, grows: false };
  return { rem: remOfWords[column.width], grows: column.width === 'wide' };
}
