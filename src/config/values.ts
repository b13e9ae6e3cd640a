/** Values of the config that are neither words nor plain quantities: shapes, rates, increases, days, other configs. */
import type { Budget } from '../compare/comparison.ts';
import { UserError } from '../errors.ts';
import { parsePercent, parseQuantity, type Quantity } from '../units.ts';
import type { Extends } from './record.ts';

/** `1x3x224x224`; the empty text is a scalar's shape. */
export function parseInputShape(text: string): readonly number[] {
  if (text === '') return [];
  const lengths = text.split('x').map((length) => (/^\d{1,15}$/.test(length) ? Number(length) : Number.NaN));
  if (lengths.length > 16 || lengths.some((length) => Number.isNaN(length))) {
    throw new UserError('write a shape like 1x3x224x224');
  }
  return lengths;
}

/** `30 Hz`, above 0. */
export function parseRate(text: string): number {
  const rate = parseQuantity(text, 'frequency');
  if (rate === 0) throw new UserError('a rate must be above 0');
  return rate;
}

/** `5%` of the base, or an amount in the metric's unit. */
export function parseIncrease(text: string, quantity: Quantity): NonNullable<Budget['maxIncrease']> {
  if (text.trim().endsWith('%')) return { kind: 'ratio', value: parsePercent(text) };
  return { kind: 'amount', value: parseQuantity(text, quantity) };
}

const mostDays = 3660;

/** `30 days` */
export function parseDays(text: string): number {
  const days = Number(/^(\d{1,5}) ?days?$/.exec(text.trim())?.[1] ?? Number.NaN);
  if (Number.isNaN(days) || days > mostDays)
    throw new UserError(`write a number of days like "30 days", ${mostDays} at most`);
  return days;
}

/** `owner/repo:path@ref` */
export function parseExtends(text: string): Extends {
  const parts = /^([\w.-]{1,100}\/[\w.-]{1,100}):([^@\s]{1,512})@([^\s@]{1,256})$/.exec(text);
  const [, repository, path, ref] = parts ?? [];
  const climbs = path?.split('/').includes('..') === true || path?.startsWith('/') === true;
  if (repository === undefined || path === undefined || ref === undefined || climbs) {
    throw new UserError('write owner/repository:path@ref, like our-org/.github:model-budget.yml@main');
  }
  return { repository, path, ref };
}
