/** In which order rows and modules stand. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { Column, WordsColumn } from '../figures/column.ts';
import { phraseText, type Columns } from '../figures/columns.ts';
import type { Sort } from '../state/view-state.ts';

/** Key of what is one line of the table: a row, or a module's rows together. */
export interface SortKeys {
  readonly ofRow: (row: number) => number | string;
  readonly ofModule: (rows: readonly number[]) => number | string;
  readonly descending: boolean;
}

/** The pseudo-column of the execution order. */
export const executionOrder = 'order';

const byChange: Sort = { column: 'latency-change', descending: true, absolute: true };
const byHead: Sort = { column: 'latency-head', descending: true, absolute: false };
const byBase: Sort = { column: 'latency-base', descending: true, absolute: false };

/** Where the largest change is; where nothing is compared, the largest latency. */
export function usualSort(columns: Columns): Sort {
  const changed = columns.byId.get(byChange.column);
  if (changed?.kind === 'numbers' && changed.figures.largest > 0) return byChange;
  return columns.byId.has(byHead.column) ? byHead : byBase;
}

/** @param column that of the sort; undefined: execution order */
export function sortKeys(sort: Sort, column: Column | undefined, rows: readonly DiffRow[]): SortKeys | undefined {
  if (column === undefined) return undefined;
  const { descending } = sort;
  if (column.kind === 'words') {
    const texts = textsOf(column, rows);
    const ofRow = (row: number): string => texts[row]!;
    return { descending, ofRow, ofModule: (members) => (members.length === 0 ? '' : ofRow(members[0]!)) };
  }
  const { values, together } = column.figures;
  const amount = sort.absolute ? Math.abs : (value: number) => value;
  return {
    descending,
    ofRow: (row) => amount(values[row]!),
    ofModule: (members) => amount(together(members).value),
  };
}

const knownTexts = new WeakMap<WordsColumn, readonly string[]>();

/** By row. A column is of one target's rows, and sorted one way and the other. */
function textsOf(column: WordsColumn, rows: readonly DiffRow[]): readonly string[] {
  const texts = knownTexts.get(column) ?? rows.map((row) => phraseText(column.phraseOf(row)).toLowerCase());
  knownTexts.set(column, texts);
  return texts;
}

/** A stable order: equal keys stay as they were; what has no value comes last, whichever way the others go. */
export function sorted<T>(items: readonly T[], keyOf: (item: T) => number | string, descending: boolean): readonly T[] {
  const keys = items.map(keyOf);
  const [present, missing]: [number[], number[]] = [[], []];
  keys.forEach((key, index) => (isMissing(key) ? missing : present).push(index));
  const sign = descending ? -1 : 1;
  present.sort((a, b) => {
    const [one, other] = [keys[a]!, keys[b]!];
    return one === other ? a - b : one < other ? -sign : sign;
  });
  return [...present, ...missing].map((index) => items[index]!);
}

function isMissing(key: number | string): boolean {
  return key === '' || Number.isNaN(key);
}
