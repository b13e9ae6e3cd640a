/** The table itself: titles, lines in sight, sums. */
import { useSignalEffect } from '@preact/signals';
import { useCallback, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { activate, reveal } from './choosing.ts';
import { columnWidths, paperWidths } from './column-widths.ts';
import { copyRows } from './export.ts';
import { HeaderRow } from './header-row.tsx';
import { createKeyboard } from './keys.ts';
import { LineView } from './line-view.tsx';
import { SumRows, useSums } from './sum-rows.tsx';
import { useTable, type TableModel } from './table-model.ts';
import { useVirtualRows } from './virtual-rows.ts';

/** As the style sheet has it. */
const remPerLine = 1.85;

const mostPrintedLines = 400;

/** Of the root on paper, as the style sheet has it: when lines are placed for it, the page still has that of the screen. */
const paperFontPixels = 11;

export function Grid() {
  const model = useTable();
  const scroller = useRef<HTMLDivElement>(null);
  const lines = model.lines.value;
  const sums = useSums(model);
  const rowHeight = remPerLine * rootFontSize();
  // Where it is filtered away, the first line takes its place.
  const active = Math.max(
    lines.findIndex(({ key }) => key === model.active.value),
    0,
  );
  const virtual = useVirtualRows(scroller, {
    ...{ count: lines.length, rowHeight, pinned: active },
    ...{ headerHeight: 1.5 * rowHeight, footerHeight: Math.max(2, sums.length) * rowHeight },
  });
  const columns = model.shownColumns.value;
  const { template, least } = model.printing.value ? paperWidths(columns) : columnWidths(columns);
  const paperHeight = remPerLine * paperFontPixels;
  const printed = lines.slice(0, mostPrintedLines).map((_, index) => ({ index, top: index * paperHeight }));
  const { printing } = model;
  const height = printing.value ? printed.length * paperHeight : virtual.height;
  useFollowFocus(model, virtual.scrollTo);
  useNameWidth(model, scroller);
  const keyboard = useLineKeyboard({ model, scroller, rowHeight, scrollTo: virtual.scrollTo });
  return (
    <div class="grid-scroller" ref={scroller}>
      <div
        role="treegrid"
        class="grid"
        aria-label="Layers"
        aria-multiselectable="true"
        aria-rowcount={lines.length + 1 + sums.length}
        style={{ '--columns': template, '--table-width': least }}
      >
        <div role="rowgroup" class="titles">
          <HeaderRow />
        </div>
        <div role="rowgroup" class="lines" style={{ height: `${height}px` }} onKeyDown={keyboard}>
          {(printing.value ? printed : virtual.items).map(({ index, top }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <LineView key={line.key} {...{ line, index, top }} isActive={index === active} />
            );
          })}
        </div>
        <SumRows sums={sums} />
      </div>
      {lines.length === 0 ? <p class="nothing">No layer passes the filters.</p> : null}
    </div>
  );
}

function rootFontSize(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

/** Of the first title, whose column is that of the names. */
function useNameWidth({ remOfName }: TableModel, scroller: preact.RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const title = scroller.current?.querySelector<HTMLElement>('[role=columnheader]');
    if (title === null || title === undefined) return undefined;
    const measure = (): void => void (remOfName.value = Math.floor((4 * title.offsetWidth) / rootFontSize()) / 4);
    const observer = new ResizeObserver(measure);
    observer.observe(title);
    measure();
    return () => observer.disconnect();
  }, [remOfName]);
}

interface LineKeyboard {
  readonly model: TableModel;
  readonly scroller: preact.RefObject<HTMLElement | null>;
  readonly rowHeight: number;
  readonly scrollTo: (index: number) => void;
}

/** The line that a key leads to gets the focus once it is in the page. */
function useLineKeyboard({ model, scroller, rowHeight, scrollTo }: LineKeyboard): (event: KeyboardEvent) => void {
  const wanted = useRef(false);
  // At once: a key that follows quickly would find the focus on the line before.
  useLayoutEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    scroller.current?.querySelector<HTMLElement>('[role=row][tabindex="0"][data-key]')?.focus({ preventScroll: true });
  });
  const keys = useMemo(() => {
    const pageLines = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 4);
    return createKeyboard(model, pageLines, () => void copyRows(model));
  }, [model, rowHeight]);
  return (event) => {
    const before = model.active.value;
    if (!keys.press(event)) return;
    event.preventDefault();
    // A key that leads nowhere draws nothing: the next drawing may come when the focus is elsewhere.
    if (model.active.value === before) return;
    wanted.current = true;
    const at = model.lines.value.findIndex(({ key }) => key === model.active.value);
    if (at >= 0) scrollTo(at);
  };
}

/** A row that another panel brings to the fore is shown here too. */
function useFollowFocus(model: TableModel, scrollTo: (index: number) => void): void {
  const { store, active, lines } = model;
  const follow = useCallback(scrollTo, [scrollTo]);
  useSignalEffect(() => {
    const row = store.focus.value;
    const current = lines.peek().find(({ key }) => key === active.peek());
    if (row === null || (current !== undefined && current.kind !== 'module' && current.row === row)) return;
    reveal(model, row);
    const at = lines.peek().findIndex((line) => line.kind === 'row' && line.row === row);
    if (at < 0) return;
    activate(model, lines.peek()[at]!);
    follow(at);
  });
}
