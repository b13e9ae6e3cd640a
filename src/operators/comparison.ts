/** Comparisons and logic: element-wise with truth values as the result. */
import { elementwise } from './elementwise.ts';
import type { Elementwise } from './elementwise.ts';
import { comparison, onNumbers } from './element-arithmetic.ts';
import type { Operator } from './operator.ts';

const comparisons: readonly Omit<Elementwise, 'cost'>[] = [
  { name: 'Equal', summary: 'a = b', evaluate: comparison((sign) => sign === 0) },
  { name: 'Greater', summary: 'a > b', evaluate: comparison((sign) => sign > 0) },
  { name: 'GreaterOrEqual', summary: 'a ≥ b', evaluate: comparison((sign) => sign >= 0) },
  { name: 'Less', summary: 'a < b', evaluate: comparison((sign) => sign < 0) },
  { name: 'LessOrEqual', summary: 'a ≤ b', evaluate: comparison((sign) => sign <= 0) },
  { name: 'And', summary: 'Logical and', evaluate: onNumbers((a, b) => Number(a !== 0 && b !== 0)) },
  { name: 'Or', summary: 'Logical or', evaluate: onNumbers((a, b) => Number(a !== 0 || b !== 0)) },
  { name: 'Xor', summary: 'Logical exclusive or', evaluate: onNumbers((a, b) => Number((a !== 0) !== (b !== 0))) },
];

export const comparisonOperators: readonly Operator[] = comparisons.map((entry) =>
  elementwise({ ...entry, cost: { add: 1 }, dtype: () => 'bool' }),
);
