/** The rows that are shown, for spreadsheets: SI units, not rounded, so that they add up there too. */
import { counted } from '../../headline.ts';
import { describeUnit } from '../figures/units.ts';
import type { Column } from '../figures/column.ts';
import { phraseText } from '../figures/columns.ts';
import { copyText, downloadText } from '../shell/hand-over.ts';
import type { TableModel } from './table-model.ts';

/** What is selected, else all that is shown; as lines of cells between tabs. */
export async function copyRows(model: TableModel): Promise<void> {
  const { selection, announcement } = model.store;
  const shown = model.ordered.value;
  const selected = shown.filter((row) => selection.value.has(row));
  const rows = selected.length > 0 ? selected : shown;
  const text = cells(model, rows)
    .map((line) => line.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t'))
    .join('\n');
  const copied = await copyText(`${text}\n`);
  announcement.value = copied ? `${counted(rows.length, 'row')} copied` : 'The browser does not let the page copy';
}

export function downloadRows(model: TableModel): void {
  const rows = model.ordered.value;
  downloadText('layers.csv', 'text/csv', csvText(cells(model, rows)));
  model.store.announcement.value = `${counted(rows.length, 'row')} saved as layers.csv`;
}

function cells({ store, shownColumns }: TableModel, rows: readonly number[]): readonly (readonly string[])[] {
  const columns = shownColumns.value;
  const all = store.rows.value;
  return [
    columns.map(headerText),
    ...rows.map((row) =>
      columns.map((column) => {
        if (column.kind === 'words') return inertCell(phraseText(column.phraseOf(all[row]!)));
        const value = column.figures.values[row]!;
        return Number.isNaN(value) ? '' : String(value);
      }),
    ),
  ];
}

function headerText(column: Column): string {
  const unit = column.kind === 'numbers' ? describeUnit(column) : '';
  return inertCell(unit === '' ? column.title : `${column.title} (${unit})`);
}

/** A name that a spreadsheet would take for a formula is text with an apostrophe in front of it. */
export function inertCell(text: string): string {
  return /^\s*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** RFC 4180, with a mark at the beginning that tells spreadsheets the encoding. */
export function csvText(lines: readonly (readonly string[])[]): string {
  const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `\ufeff${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}
