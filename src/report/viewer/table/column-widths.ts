/** How wide columns are: the same in every line, since lines are grids of their own. */
import type { Column } from '../figures/column.ts';

const remOfWords = { narrow: 5, middle: 7.5, wide: 20 } as const;
const remOfNumbers = { base: 6.5, head: 6.5, change: 7.5, ratio: 6.5, share: 5.5, edited: 7.25, effect: 9 } as const;
/** Narrow windows leave room for a number beside it. */
const nameWidth = 'min(24rem, 42vw)';

/** On paper, at least. */
export const remOfPaperName = 23;

/** On paper digits must all be there, at their least width; sentences share what is left. */
const paper = {
  name: `minmax(${remOfPaperName}rem, 1fr)`,
  words: { narrow: '3.75rem', middle: '6rem', wide: 'minmax(0, 1fr)' },
  remOfNumbers: { base: 6.25, head: 6.25, change: 7.75, ratio: 6.5, share: 5.25, edited: 7, effect: 8.75 },
} as const;

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

/** Nothing scrolls there. */
export function paperWidths([, ...others]: readonly Column[]): ColumnWidths {
  const tracks = others.map((column) =>
    column.kind === 'numbers' ? `${paper.remOfNumbers[column.of]}rem` : paper.words[column.width],
  );
  return { template: [paper.name, ...tracks].join(' '), least: '0px' };
}

function widthOf(column: Column): { readonly rem: number; readonly grows: boolean } {
  if (column.kind === 'words') return { rem: remOfWords[column.width], grows: column.width === 'wide' };
  return { rem: remOfNumbers[column.of], grows: false };
}
