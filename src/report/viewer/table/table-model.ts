/** What the table shows, worked out from what the reader chose. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Column } from '../figures/column.ts';
import type { Columns } from '../figures/columns.ts';
import type { Store } from '../state/store.ts';
import type { Sort } from '../state/view-state.ts';
import { namesOf, passingRows } from './filter.ts';
import { arrange, hasParts, type Line } from './lines.ts';
import { sorted, sortKeys, usualSort } from './order.ts';

export interface TableModel {
  readonly store: Store;
  readonly shownColumns: ReadonlySignal<readonly Column[]>;
  readonly sort: ReadonlySignal<Sort>;
  /** Indices of rows, in execution order. */
  readonly passing: ReadonlySignal<readonly number[]>;
  /** The same in the order of the sort. */
  readonly ordered: ReadonlySignal<readonly number[]>;
  /** The view has modules to group by. */
  readonly hasModules: ReadonlySignal<boolean>;
  readonly grouped: ReadonlySignal<boolean>;
  readonly lines: ReadonlySignal<readonly Line[]>;
  /** Key of the line that the keyboard is on. */
  readonly active: Signal<string | null>;
  /** Key of the line where a range of selected lines begins. */
  readonly anchor: Signal<string | null>;
  /** There is little room: numbers come first. */
  readonly narrow: Signal<boolean>;
  /** How wide the column of names is. */
  readonly remOfName: Signal<number>;
  /** The page is being printed: every line is there, up to a number. */
  readonly printing: Signal<boolean>;
}

export function createTableModel(store: Store): TableModel {
  const { rows, columns, table, view } = store;
  const sort = computed(() => table.value.sort ?? usualSort(columns.value));
  // Columns by themselves: a what-if brings others, which are no reason to filter and to sort by those that stay.
  const sortColumn = computed(() => columns.value.byId.get(sort.value.column));
  const rangeColumns = sameList(() => table.value.ranges.map(({ column }) => columns.value.byId.get(column)));
  const filters = {
    search: computed(() => table.value.search),
    facets: computed(() => table.value.facets),
    ranges: computed(() => table.value.ranges),
  };
  const names = computed(() => rows.value.map(namesOf));
  const smallNames = computed(() => names.value.map((some) => some.map((name) => name.toLowerCase())));
  // Its parts by themselves: opening a module is no reason to filter again.
  const passing = computed(() => {
    const [search, facets, ranges] = [filters.search.value, filters.facets.value, filters.ranges.value];
    const rowNames = { whole: () => names.value, small: () => smallNames.value };
    const searched = { rows: rows.value, names: rowNames, columns: rangeColumns.value };
    return passingRows(searched, { search, facets, ranges });
  });
  const openable = computed(() => rows.value.map(hasParts));
  const hasModules = computed(() => view.value?.modules.children.some((child) => typeof child !== 'number') ?? false);
  const grouped = computed(() => hasModules.value && table.value.grouped);
  const narrow = signal(false);
  const keys = computed(() => sortKeys(sort.value, sortColumn.value, rows.value));
  const order = computed(() => {
    const all = rows.value.map((_, index) => index);
    return keys.value === undefined ? all : sorted(all, keys.value.ofRow, keys.value.descending);
  });
  const ordered = computed(() => membersInOrder(passing.value, order.value));
  const open = { modules: computed(() => table.value.openModules), rows: computed(() => table.value.openRows) };
  return {
    ...{ store, sort, passing, ordered, hasModules, grouped, narrow },
    shownColumns: sameList(() => shownColumns(columns.value, table.value.columns, narrow.value)),
    lines: computed(() => {
      const [openModules, openRows] = [open.modules.value, open.rows.value];
      const root = grouped.value ? view.value?.modules : undefined;
      const filtered = { rows: rows.value, openable: openable.value, passing: passing.value };
      return arrange({ ...filtered, ordered: ordered.value, root, keys: keys.value, openModules, openRows });
    }),
    active: signal<string | null>(null),
    anchor: signal<string | null>(null),
    remOfName: signal(usualRemOfName),
    printing: signal(false),
  };
}

/** Until it is measured. */
const usualRemOfName = 24;

/** The list that it was before while its members are the same: what is worked out from it then stays. */
function sameList<T>(list: () => readonly T[]): ReadonlySignal<readonly T[]> {
  let last: readonly T[] = [];
  return computed(() => {
    const next = list();
    if (next.length !== last.length || next.some((member, index) => member !== last[index])) last = next;
    return last;
  });
}

/** Of rows that are all sorted already. */
function membersInOrder(members: readonly number[], order: readonly number[]): readonly number[] {
  if (members.length === order.length) return order;
  const isMember = new Uint8Array(order.length);
  for (const member of members) isMember[member] = 1;
  return order.filter((row) => isMember[row] === 1);
}

/** The name always comes first: a line without one is nobody's. */
function shownColumns(columns: Columns, chosen: readonly string[] | null, narrow: boolean): readonly Column[] {
  const usual = narrow ? sorted(columns.usual, (id) => rankInNarrow(columns.byId.get(id)), false) : columns.usual;
  const known = (chosen ?? usual).flatMap((id) => columns.byId.get(id) ?? []);
  const shown = known.filter(({ id }) => id !== 'name');
  const name = columns.byId.get('name');
  return name === undefined ? [] : [name, ...shown];
}

/** What there is now and how it changed come first; the base can be told from both, and words take room. */
function rankInNarrow(column: Column | undefined): number {
  if (column?.kind !== 'numbers') return 2;
  return column.of === 'base' || column.of === 'share' ? 1 : 0;
}

export const TableContext = createContext<TableModel | null>(null);

export function useTable(): TableModel {
  const model = useContext(TableContext);
  if (model === null) throw new Error('a part of the table outside of it');
  return model;
}
