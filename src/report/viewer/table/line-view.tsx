/** One line of the table. */
import { computed, useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { counted } from '../../headline.ts';
import { activate, isOpen, isOpenable, lineName, rowsOfLine, select, toggleOpen } from './choosing.ts';
import { Cell } from './cell.tsx';
import { CutName } from './cut-name.tsx';
import { hasBothSides } from '../figures/column-metrics.ts';
import { remOfPaperName } from './column-widths.ts';
import type { Line } from './lines.ts';
import { markOf } from './status-mark.ts';
import { useTable, type TableModel } from './table-model.ts';

interface LineProps {
  readonly line: Line;
  /** Among the lines, from 0. */
  readonly index: number;
  readonly top: number;
  /** The one that the keyboard comes to. */
  readonly isActive: boolean;
}

export function LineView({ line, index, top, isActive }: LineProps) {
  const model = useTable();
  const { store } = model;
  const { selection, hovered, rows } = store;
  const rowOf = line.kind === 'module' ? undefined : line.row;
  // A line keeps its key while a filter changes its rows.
  const selected = useMemo(() => computed(() => selectedShare(line, selection.value)), [line]);
  const isFocus = useComputed(() => line.kind === 'row' && store.focus.value === line.row);
  const isHovered = useComputed(() => rowOf !== undefined && hovered.value === rowOf);
  const [, ...others] = model.shownColumns.value;
  const classes = [
    'line',
    line.kind,
    `chosen-${selected.value}`,
    isHovered.value ? 'hovered' : '',
    isFocus.value ? 'in-focus' : '',
  ].join(' ');
  return (
    <div
      role="row"
      class={classes}
      data-key={line.key}
      style={{ transform: `translateY(${top}px)` }}
      aria-level={line.level}
      aria-rowindex={index + 2}
      aria-expanded={isOpenable(line) ? isOpen(line) : undefined}
      aria-selected={selected.value === 'all'}
      tabIndex={isActive ? 0 : -1}
      onClick={(event) => choose(event, line, model)}
      onMouseEnter={() => (hovered.value = rowOf ?? null)}
      onMouseLeave={() => (hovered.value = null)}
    >
      <NameCell line={line} />
      {others.map((column) => (
        <Cell key={column.id} column={column} line={line} rows={rows.value} />
      ))}
    </div>
  );
}

function selectedShare(line: Line, selection: ReadonlySet<number>): 'all' | 'some' | 'none' {
  const rows = rowsOfLine(line);
  if (selection.size === 0 || rows.length === 0) return 'none';
  if (rows.every((row) => selection.has(row))) return 'all';
  return rows.some((row) => selection.has(row)) ? 'some' : 'none';
}

function choose(event: MouseEvent, line: Line, model: TableModel): void {
  const way = event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only';
  select(model, line, way);
  activate(model, line);
}

/** Deeper modules stand no further in: a name may nest as many as it likes. */
const mostIndents = 10;

function remOfIndent({ level }: Line): number {
  return 0.375 + Math.min(level - 1, mostIndents) * 0.875;
}

/** What stands beside a name: twisty, mark, gaps, the number of a module's rows. */
const remBeside = { row: 3.2, part: 3.2, module: 6 } as const;

function NameCell({ line }: { readonly line: Line }) {
  const model = useTable();
  const rows = model.store.rows.value;
  const indent = remOfIndent(line);
  const width = model.printing.value ? remOfPaperName : model.remOfName.value;
  return (
    <div role="rowheader" class="cell name" style={{ paddingInlineStart: `${indent}rem` }}>
      <Twisty line={line} model={model} />
      <Mark line={line} model={model} />
      <CutName name={lineName(line, rows)} room={width - indent - remBeside[line.kind]} />
      {line.kind === 'module' ? (
        <span class="count" title={counted(line.rows.length, 'row')}>
          {line.rows.length}
          <span class="off-screen"> rows</span>
        </span>
      ) : null}
    </div>
  );
}

/** For the pointer alone: the keyboard has arrows, and the line says whether it is open. */
function Twisty({ line, model }: { readonly line: Line; readonly model: TableModel }) {
  if (!isOpenable(line)) return <span class="twisty" />;
  const toggle = (event: MouseEvent): void => {
    event.stopPropagation();
    model.active.value = line.key;
    toggleOpen(model, line);
  };
  return <span class={isOpen(line) ? 'twisty open' : 'twisty closed'} aria-hidden="true" onClick={toggle} />;
}

function Mark({ line, model }: { readonly line: Line; readonly model: TableModel }) {
  const target = model.store.targetReport.value;
  // Of one version every line would have the same one.
  const mark = target === undefined || !hasBothSides(target) ? undefined : markOf(line, model.store.rows.value);
  if (mark === undefined) return <span class="mark" />;
  return (
    <span class={`mark ${mark.kind}`} role="img" aria-label={mark.words} title={mark.words}>
      {mark.sign}
    </span>
  );
}
