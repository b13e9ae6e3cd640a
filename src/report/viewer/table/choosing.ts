/** What clicks and keys do to the selection, to open modules and to the line that the keyboard is on. */
import { batch } from '@preact/signals';
import type { DiffRow } from '../../../compare/comparison.ts';
import { rowName } from '../../repeats.ts';
import { changeTable } from '../state/store.ts';
import type { Line } from './lines.ts';
import type { TableModel } from './table-model.ts';

export function rowsOfLine(line: Line): readonly number[] {
  return line.kind === 'module' ? line.rows : [line.row];
}

export function isOpenable(line: Line): boolean {
  return line.kind === 'module' || (line.kind === 'row' && line.open !== undefined);
}

export function isOpen(line: Line): boolean {
  return line.kind !== 'part' && line.open === true;
}

export function lineName(line: Line, rows: readonly DiffRow[]): string {
  if (line.kind === 'module') return line.module.title;
  return line.kind === 'part' ? line.name : rowName(rows[line.row]!);
}

export function toggleOpen(model: TableModel, line: Line): void {
  const { openModules, openRows } = model.store.table.value;
  if (line.kind === 'module') changeTable(model.store, { openModules: toggled(openModules, line.module.id) });
  else if (isOpenable(line)) changeTable(model.store, { openRows: toggled(openRows, line.row) });
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const changed = new Set(set);
  if (!changed.delete(value)) changed.add(value);
  return changed;
}

/** Goes to a line; the details follow where it is a row. */
export function activate(model: TableModel, line: Line): void {
  batch(() => {
    model.active.value = line.key;
    if (line.kind !== 'module') model.store.focus.value = line.row;
  });
}

export type Way = 'only' | 'toggle' | 'range';

export function select(model: TableModel, line: Line, way: Way): void {
  const { selection } = model.store;
  batch(() => {
    if (way === 'range') selection.value = new Set(rangeTo(model, line));
    else {
      model.anchor.value = line.key;
      selection.value = way === 'only' ? new Set(rowsOfLine(line)) : toggledRows(selection.value, rowsOfLine(line));
    }
  });
}

/** All of a module are taken in, unless all of them are. */
function toggledRows(selection: ReadonlySet<number>, rows: readonly number[]): ReadonlySet<number> {
  const all = rows.every((row) => selection.has(row));
  const changed = new Set(selection);
  for (const row of rows) {
    if (all) changed.delete(row);
    else changed.add(row);
  }
  return changed;
}

function rangeTo({ lines, anchor, active }: TableModel, line: Line): readonly number[] {
  const all = lines.value;
  const from = Math.max(
    all.findIndex(({ key }) => key === (anchor.value ?? active.value)),
    0,
  );
  const to = all.indexOf(line);
  return all.slice(Math.min(from, to), Math.max(from, to) + 1).flatMap(rowsOfLine);
}

export function selectAllShown({ store, passing }: TableModel): void {
  store.selection.value = new Set(passing.value);
}

/** Opens the modules that a row stands in, so that it has a line. */
export function reveal({ store, grouped }: TableModel, row: number): void {
  const [modules, { openModules }] = [store.modules.value, store.table.value];
  const innermost = modules?.moduleOfRow.get(row);
  if (!grouped.value || modules === undefined || innermost === undefined) return;
  // The whole model is always open.
  const [, ...path] = modules.pathTo(innermost);
  const closed = path.filter(({ id }) => !openModules.has(id)).map(({ id }) => id);
  if (closed.length > 0) changeTable(store, { openModules: new Set([...openModules, ...closed]) });
}
