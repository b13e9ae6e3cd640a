/** What a column of the table is. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { Phrase } from '../../phrase.ts';
import type { ColumnMetric, MetricValues } from './column-metrics.ts';
import type { FigureColumn, Frame } from './figure-column.ts';

export type Column = WordsColumn | NumbersColumn;

interface CommonColumn {
  readonly id: string;
  readonly title: string;
  /** Under which it stands in the list of columns. */
  readonly group: string;
}

export interface WordsColumn extends CommonColumn {
  readonly kind: 'words';
  readonly phraseOf: (row: DiffRow) => Phrase;
  readonly width: 'narrow' | 'middle' | 'wide';
}

export interface NumbersColumn extends CommonColumn {
  readonly kind: 'numbers';
  readonly metric: ColumnMetric;
  readonly of: NumbersKind;
  /** `base`, `change %`: the title below that of the metric. */
  readonly kindTitle: string;
  readonly figures: FigureColumn;
  readonly worked: Worked;
}

/** What the columns of one metric have in common; worked out when it is asked for. */
export interface Worked {
  readonly values: () => MetricValues;
  /** In steps of the last digit. */
  readonly rounded: () => MetricValues;
  readonly frame: () => Omit<Frame, 'signed'>;
}

/** `edited`, `effect`: what a what-if would make of the head, and the change from it. */
export type NumbersKind = 'base' | 'head' | 'change' | 'ratio' | 'share' | 'edited' | 'effect';

export function isNumbers(column: Column): column is NumbersColumn {
  return column.kind === 'numbers';
}
