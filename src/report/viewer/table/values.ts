/** Values of a column as people write and read them. */
import { parsePercent, parseQuantity, percent, printQuantity } from '../../../units.ts';
import type { NumbersColumn } from '../figures/columns.ts';
import type { ValueRange } from '../state/view-state.ts';

function isShare({ of, metric }: NumbersColumn): boolean {
  return of === 'ratio' || of === 'share' || metric.quantity === 'share';
}

/** Throws `UserError`. A minus is allowed, as changes have one. */
export function parseValue(text: string, column: NumbersColumn): number {
  const trimmed = text.trim();
  const sign = /^[-\u2212]/.test(trimmed) ? -1 : 1;
  const amount = trimmed.replace(/^[-+\u2212]\s*/, '');
  if (amount === '0') return 0;
  const { quantity } = column.metric;
  if (isShare(column) || quantity === 'share') return sign * parsePercent(amount);
  return sign * parseQuantity(amount, quantity);
}

const hints = {
  size: '1 kB',
  memory: '1 KiB',
  time: '0.1 ms',
  energy: '1 µJ',
  power: '1 mW',
  frequency: '1 Hz',
  count: '1M',
};

export function valueHint(column: NumbersColumn): string {
  const { quantity } = column.metric;
  return isShare(column) || quantity === 'share' ? '5%' : hints[quantity];
}

export function printRange({ above, below }: ValueRange, column: NumbersColumn): string {
  const { quantity } = column.metric;
  const print = (value: number): string => {
    if (value === 0) return '0';
    return isShare(column) || quantity === 'share' ? percent(value) : printQuantity(value, quantity);
  };
  const limits = [above === null ? '' : `> ${print(above)}`, below === null ? '' : `< ${print(below)}`];
  return `${column.title} ${limits.filter((limit) => limit !== '').join(' and ')}`;
}
