/** Rows of cells as aligned text. Cells come from model files: what would not be one visible character is replaced. */

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align: 'left' | 'right';
}

/** The titles, then the rows, each line without blanks at its end. */
export function alignColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map((cell) => visible(cell)))];
  const widths = columns.map((_, at) => lines.reduce((width, line) => Math.max(width, (line[at] ?? '').length), 0));
  return lines.map((line) =>
    columns
      .map(({ align }, at) =>
        align === 'left' ? (line[at] ?? '').padEnd(widths[at]!) : (line[at] ?? '').padStart(widths[at]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

const longestCell = 60;

/** One line of what can be seen; the middle of a long name is left out. */
export function visible(text: string, longest = longestCell): string {
  const line = seen(text.slice(0, Math.max(longest + 1, 1000)));
  if (line.length <= longest) return line;
  const half = Math.floor((longest - 1) / 2);
  return `${line.slice(0, half)}…${seen(text.slice(-half))}`;
}

function seen(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
