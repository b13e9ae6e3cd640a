/** Bars of Unicode blocks: charts for terminals, e-mail and wherever pictures do not reach. */

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `share` (0 to 1) of `width` columns, to an eighth of a column; what is not 0 can be seen. */
export function bar(share: number, width: number): string {
  if (!(share > 0)) return '';
  const steps = Math.max(1, Math.round(Math.min(share, 1) * width * 8));
  return '█'.repeat(Math.floor(steps / 8)) + eighths[steps % 8]!;
}
