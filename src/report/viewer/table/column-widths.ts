/** How wide columns are: the same in every line, since lines are grids of their own. */
import type { Column } from '../figures/column.ts';

const remOfWords = { narrow: 5, middle: 7.5, wide: 20 } as const;
const remOfNumbers = { base: 6.5, head: 6.5, change: 7.5, ratio: 6.5, share: 5.5, edited: 6.5, effect: 7.5 } as const;
/** Narrow windows leave room for a number beside it. */
const nameWidth = 'min(18rem, 42vw)';

const remOfNameOnPaper = 20;

export interface ColumnWidths {
  /** For `grid-template-columns`. */
  readonly template: string;
  /** Below this the table scrolls. */
  readonly least: string;
}

/** @param columns the name first */
export function columnWidths([, ...others]: readonly Column[]): ColumnWidths {
  const widths = others.map(widthOf);
  const tracks = widths.map(({ rem, grows }) => (grows ? `minmax(${rem}rem, 1fr)` : `${rem}rem`));
  return {
    template: [`minmax(${nameWidth}, 1fr)`, ...tracks].join(' '),
    least: `calc(${nameWidth} + ${widths.reduce((sum, { rem }) => sum + rem, 0)}rem)`,
  };
}

/** On paper nothing scrolls: columns share its width as they would share the table's. */
export function paperWidths([, ...others]: readonly Column[]): ColumnWidths {
  const shares = [remOfNameOnPaper, ...others.map((column) => widthOf(column).rem)];
  return { template: shares.map((rem) => `minmax(0, ${rem}fr)`).join(' '), least: '0px' };
}

function widthOf(column: Column): { readonly rem: number; readonly grows: boolean } {
  if (column.kind === 'words') return { rem: remOfWords[column.width], grows: column.width === 'wide' };
  return { rem: remOfNumbers[column.of], grows: false };
}
