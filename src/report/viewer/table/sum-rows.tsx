/** Sums below the table: of all rows, of those that are shown, of those that are selected. */
import { useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { counted } from '../../headline.ts';
import type { Column, NumbersColumn } from '../figures/column.ts';
import { isFiltered } from './filter.ts';
import { useTable, type TableModel } from './table-model.ts';

export interface Sum {
  readonly of: 'selected' | 'shown' | 'new' | 'all';
  /** Null: what is in none, since a what-if would bring it. */
  readonly rows: readonly number[] | null;
}

export function useSums({ store, passing, shownColumns }: TableModel): readonly Sum[] {
  const all = useComputed(() => store.rows.value.map((_, index) => index));
  const selected = useComputed(() => [...store.selection.value]);
  return [
    ...(selected.value.length > 0 ? [{ of: 'selected' as const, rows: selected.value }] : []),
    ...(isFiltered(store.table.value) ? [{ of: 'shown' as const, rows: passing.value }] : []),
    ...(shownColumns.value.some(hasBeside) ? [{ of: 'new' as const, rows: null }] : []),
    { of: 'all', rows: all.value },
  ];
}

const titles: Readonly<Record<Sum['of'], string>> = {
  selected: 'Selected',
  shown: 'Shown',
  new: 'New layers',
  all: 'All',
};

function hasBeside(column: Column): boolean {
  return column.kind === 'numbers' && column.figures.beside !== undefined;
}

export function SumRows({ sums }: { readonly sums: readonly Sum[] }) {
  const { lines, shownColumns } = useTable();
  return (
    <div role="rowgroup" class="sums">
      {sums.map((sum, index) => (
        <SumRow key={sum.of} {...sum} rowIndex={lines.value.length + 2 + index} columns={shownColumns.value} />
      ))}
    </div>
  );
}

interface SumRowProps extends Sum {
  readonly rowIndex: number;
  readonly columns: readonly Column[];
}

function SumRow({ of, rows, rowIndex, columns }: SumRowProps) {
  const [, ...others] = columns;
  const figures = useMemo(
    () => others.map((column) => (column.kind === 'words' ? '' : sumText(column, { of, rows }))),
    [of, rows, columns],
  );
  return (
    <div role="row" class="line sum" aria-rowindex={rowIndex} aria-level={1}>
      <div role="rowheader" class="cell name">
        {titles[of]} {rows === null ? null : <span class="count">{counted(rows.length, 'row')}</span>}
      </div>
      {others.map((column, index) =>
        column.kind === 'words' ? (
          <div role="gridcell" key={column.id} class="cell words" />
        ) : (
          <div role="gridcell" key={column.id} class="cell number">
            <span class="figure">{figures[index]}</span>
          </div>
        ),
      )}
    </div>
  );
}

function sumText({ figures }: NumbersColumn, { of, rows }: Sum): string {
  if (rows === null) return figures.beside?.text ?? '';
  return (of === 'all' && figures.whole !== undefined ? figures.whole : figures.together(rows)).text;
}
