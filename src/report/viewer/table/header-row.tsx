/** Titles of the columns, by which the table is sorted. */
import { useRef } from 'preact/hooks';
import type { Column } from '../figures/column.ts';
import { changeTable, type Store } from '../state/store.ts';
import type { Sort } from '../state/view-state.ts';
import { executionOrder } from './order.ts';
import { useTable, type TableModel } from './table-model.ts';

export function HeaderRow() {
  const model = useTable();
  const columns = model.shownColumns.value;
  const row = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const buttons = [...(row.current?.querySelectorAll('button') ?? [])];
    const next = buttons[buttons.findIndex((button) => button === document.activeElement) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div role="row" aria-rowindex={1} class="line header" ref={row} onKeyDown={walk}>
      {columns.map((column, index) => (
        <Title key={column.id} column={column} model={model} first={index === 0} />
      ))}
    </div>
  );
}

interface TitleProps {
  readonly column: Column;
  readonly model: TableModel;
  readonly first: boolean;
}

function Title({ column, model, first }: TitleProps) {
  const sort = model.sort.value;
  const isSorted = sort.column === column.id;
  const unit = column.kind === 'numbers' ? column.figures.unit : '';
  return (
    <div
      role="columnheader"
      class={`cell ${column.kind === 'numbers' ? 'number' : 'words'}${isSorted ? ' sorted' : ''}`}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        tabIndex={first ? 0 : -1}
        title={sortHint(column)}
        onClick={() => sortBy(model.store, column, sort)}
      >
        <bdi class="title">{column.kind === 'numbers' ? column.group : column.title}</bdi>{' '}
        {column.kind === 'numbers' ? (
          <span class="unit">{[column.kindTitle, unit].filter(Boolean).join(' · ')}</span>
        ) : null}
        {isSorted ? <SortMark sort={sort} /> : null}
      </button>
    </div>
  );
}

function SortMark({ sort: { descending, absolute } }: { readonly sort: Sort }) {
  const arrow = descending ? '▼' : '▲';
  return (
    <span
      class="sort-mark"
      aria-hidden={!absolute}
      aria-label={absolute ? 'by size, whatever the sign' : undefined}
      role={absolute ? 'img' : undefined}
    >
      {absolute ? `|${arrow}|` : arrow}
    </span>
  );
}

function sortHint(column: Column): string {
  return canBeNegative(column)
    ? 'Sort: by size of the change, falling, rising, execution order'
    : 'Sort: one way, the other, execution order';
}

function canBeNegative(column: Column): boolean {
  return column.kind === 'numbers' && ['change', 'ratio', 'effect'].includes(column.of);
}

/** From one way of sorting by a column to the next, and out of it. */
function sortBy(store: Store, column: Column, sort: Sort): void {
  const ways = waysOf(column);
  const now = ways.findIndex(
    (way) => way.column === sort.column && way.descending === sort.descending && way.absolute === sort.absolute,
  );
  const next = ways[now + 1] ?? { column: executionOrder, descending: false, absolute: false };
  changeTable(store, { sort: next });
}

function waysOf(column: Column): readonly Sort[] {
  const way = (descending: boolean, absolute = false): Sort => ({ column: column.id, descending, absolute });
  if (column.kind === 'words') return [way(false), way(true)];
  return [...(canBeNegative(column) ? [way(true, true)] : []), way(true), way(false)];
}
