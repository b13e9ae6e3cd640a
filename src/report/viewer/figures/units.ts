/** The SI unit that the values of a column are in. */
import type { Quantity } from '../../../units.ts';
import type { NumbersColumn } from './column.ts';

const siUnits: Readonly<Record<Quantity, string>> = {
  size: 'B',
  memory: 'B',
  time: 's',
  energy: 'J',
  power: 'W',
  frequency: 'Hz',
  count: '',
};

/** Empty for counts and shares. */
export function describeUnit({ metric, of }: NumbersColumn): string {
  const { quantity } = metric;
  if (of === 'share' || of === 'ratio' || quantity === 'share') return '';
  return quantity === 'ratio' ? 'MACs/B' : siUnits[quantity];
}
