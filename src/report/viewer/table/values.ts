/** Values of a column as people write and read them. */
import { parsePercent, parseQuantity, percent, printQuantity, type Quantity } from '../../../units.ts';
import type { NumbersColumn } from '../figures/column.ts';
import type { ValueRange } from '../state/view-state.ts';

type Form = Quantity | 'share' | 'plain';

function formOf({ of, metric: { quantity } }: NumbersColumn): Form {
  if (of === 'ratio' || of === 'share' || quantity === 'share') return 'share';
  return quantity === 'ratio' ? 'plain' : quantity;
}

/** Throws `UserError`. A minus is allowed, as changes have one. */
export function parseValue(text: string, column: NumbersColumn): number {
  const trimmed = text.trim();
  const sign = /^[-\u2212]/.test(trimmed) ? -1 : 1;
  const amount = trimmed.replace(/^[-+\u2212]\s*/, '');
  if (amount === '0') return 0;
  const form = formOf(column);
  if (form === 'share') return sign * parsePercent(amount);
  return sign * parseQuantity(amount, form === 'plain' ? 'count' : form);
}

const hints: Readonly<Record<Form, string>> = {
  ...{ size: '1 kB', memory: '1 KiB', time: '0.1 ms', energy: '1 µJ', power: '1 mW', frequency: '1 Hz' },
  ...{ count: '1M', share: '5%', plain: '10' },
};

export function valueHint(column: NumbersColumn): string {
  return hints[formOf(column)];
}

export function printRange({ above, below }: ValueRange, column: NumbersColumn): string {
  const limits = [
    above === null ? '' : `> ${printValue(above, formOf(column))}`,
    below === null ? '' : `< ${printValue(below, formOf(column))}`,
  ];
  return `${column.title} ${limits.filter((limit) => limit !== '').join(' and ')}`;
}

function printValue(value: number, form: Form): string {
  if (value === 0) return '0';
  if (form === 'share') return percent(value);
  return form === 'plain' ? String(value) : printQuantity(value, form);
}
