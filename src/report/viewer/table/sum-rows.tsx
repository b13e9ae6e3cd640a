/** Sums below the table: of all rows, of those that are shown, of those that are selected. */
import { useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { counted } from '../../headline.ts';
import type { Column } from '../figures/column.ts';
import { isFiltered } from './filter.ts';
import { useTable } from './table-model.ts';

export function SumRows() {
  const model = useTable();
  const { store, passing, lines } = model;
  const all = useComputed(() => store.rows.value.map((_, index) => index));
  const selected = useComputed(() => [...store.selection.value]);
  const sums = [
    ...(selected.value.length > 0 ? [{ name: 'Selected', rows: selected.value }] : []),
    ...(isFiltered(store.table.value) ? [{ name: 'Shown', rows: passing.value }] : []),
    { name: 'All', rows: all.value },
  ];
  return (
    <div role="rowgroup" class="sums">
      {sums.map(({ name, rows }, index) => (
        <SumRow
          key={name}
          {...{ name, rows }}
          rowIndex={lines.value.length + 2 + index}
          columns={model.shownColumns.value}
        />
      ))}
    </div>
  );
}

interface SumRowProps {
  readonly name: string;
  readonly rows: readonly number[];
  readonly rowIndex: number;
  readonly columns: readonly Column[];
}

function SumRow({ name, rows, rowIndex, columns }: SumRowProps) {
  const [, ...others] = columns;
  const figures = useMemo(
    () => others.map((column) => (column.kind === 'words' ? '' : column.figures.together(rows).text)),
    [rows, columns],
  );
  return (
    <div role="row" class="line sum" aria-rowindex={rowIndex} aria-level={1}>
      <div role="rowheader" class="cell name">
        {name} <span class="count">{counted(rows.length, 'row')}</span>
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
