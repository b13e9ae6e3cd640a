/** A column of numbers: printed in one unit, in whole steps of the last digit, so that what is printed adds up. */
import { commonUnit, minus, percent, printChange, type CommonUnit, type Quantity } from '../../../units.ts';
import { printMetric, printMetricChange } from '../rows/row-metrics.ts';
import type { ColumnMetric, MetricValues } from './column-metrics.ts';
import { stepOf } from './steps.ts';
import { maximumTogether, sumTogether } from './together.ts';

/** What is left blank, and what a sum of nothing is. */
export const noFigure: Figure = { value: NaN, text: '' };

export interface Figure {
  readonly value: number;
  readonly text: string;
}

export interface FigureColumn {
  /** By row; NaN: there is none. */
  readonly values: Float64Array;
  /** Under which the column is printed; empty for counts and shares. */
  readonly unit: string;
  /** Of one row, for bars. */
  readonly largest: number;
  readonly textOf: (row: number) => string;
  /** Of a value by itself, in the column's unit. */
  readonly print: (value: number) => string;
  readonly together: (rows: readonly number[]) => Figure;
  /** What is in no row, and what all rows come to with it. */
  readonly beside?: Figure | undefined;
  readonly whole?: Figure;
}

/** How the columns of one metric are printed: base, head and change in one unit, so that eyes can compare them. */
export interface Frame {
  readonly unit: CommonUnit;
  /** With a plus sign. */
  readonly signed: boolean;
  /** What the longest bar stands for. */
  readonly largest: number;
}

/** Significant digits of the largest value. */
const digits = 5;

export function commonFrame({ base, head, change }: MetricValues, quantity: Quantity): Omit<Frame, 'signed'> {
  const largest = Math.max(largestOf(base), largestOf(head)) || largestOf(change);
  return { unit: commonUnit([largest], quantity, digits), largest };
}

/** @param steps as `metricSteps` rounds the values; asked for once something is printed */
export function sumColumn(
  values: Float64Array,
  steps: () => Float64Array,
  frame: Frame,
): FigureColumn & { readonly printSteps: (count: number, value: number) => string } {
  const { unit, signed, largest } = frame;
  const step = stepOf(unit);
  const print = (count: number, value: number): string => printSteps({ count, value, unit, signed });
  return {
    ...{ values, unit: unit.name, largest: signed ? largestOf(values) : largest, printSteps: print },
    print: (value) => (Number.isNaN(value) ? '' : print(Math.round(value / step), value)),
    textOf: (row) => (Number.isNaN(values[row]!) ? '' : print(steps()[row]!, values[row]!)),
    together: (rows) => {
      const value = sumTogether(values, rows);
      if (Number.isNaN(value)) return noFigure;
      return {
        value,
        // Where there is no value there are no steps.
        get text() {
          return print(sumTogether(steps(), rows), value);
        },
      };
    },
  };
}

interface Steps {
  readonly count: number;
  readonly value: number;
  readonly unit: CommonUnit;
  readonly signed: boolean;
}

/** What is not 0 and rounds to nothing says so. */
function printSteps({ count, value, unit, signed }: Steps): string {
  if (count === 0) return value === 0 ? '0' : '~0';
  const sign = count < 0 ? minus : signed ? '+' : '';
  return `${sign}${(Math.abs(count) / 10 ** unit.decimals).toFixed(unit.decimals)}`;
}

export function maximumColumn(values: Float64Array, frame: Frame): FigureColumn {
  const column = plainColumn(values, frame);
  return {
    ...column,
    together: (rows) => {
      if (frame.signed) return noFigure;
      const most = maximumTogether(values, rows) || 0;
      return { value: most, text: `max ${column.print(most)}` };
    },
  };
}

/** Numbers that say nothing together. */
export function plainColumn(values: Float64Array, { unit, signed, largest }: Frame): FigureColumn {
  const print = (value: number): string => {
    if (Number.isNaN(value)) return '';
    const count = Math.round((value / unit.scale) * 10 ** unit.decimals);
    return printSteps({ count, value, unit, signed });
  };
  return {
    ...{ values, unit: unit.name, largest: signed ? largestOf(values) : largest, print },
    textOf: (row) => print(values[row]!),
    together: () => noFigure,
  };
}

/** What has no unit to share with others: each prints itself, and says nothing together. */
export function printedColumn(values: Float64Array, metric: ColumnMetric, signed: boolean): FigureColumn {
  const print = signed ? printMetricChange : printMetric;
  return shareColumn(values, (value) => print(metric, value));
}

function shareColumn(values: Float64Array, print: (value: number) => string) {
  const printed = (value: number): string => (Number.isNaN(value) ? '' : print(value));
  return {
    ...{ values, unit: '', largest: largestOf(values), print: printed },
    textOf: (row: number) => printed(values[row]!),
    together: () => noFigure,
  };
}

/** Of what the whole model takes. */
export function shareOfTotalColumn(values: Float64Array): FigureColumn {
  const total = values.reduce((sum, value) => sum + (value || 0), 0);
  const shares = values.map((value) => (total === 0 ? NaN : value / total));
  return {
    ...shareColumn(shares, percent),
    together: (rows) => {
      const share = sumTogether(shares, rows) || 0;
      return { value: share, text: percent(share) };
    },
  };
}

/** `+54%`: of the head against the base; of rows together, of their sums. */
export function relativeColumn(base: Float64Array, head: Float64Array): FigureColumn {
  const ratioOf = (from: number, to: number): number => (from === 0 ? NaN : to / from - 1);
  const values = base.map((from, row) => ratioOf(from, head[row]!));
  return {
    ...shareColumn(values, printChange),
    together: (rows) => {
      const value = ratioOf(sumTogether(base, rows) || 0, sumTogether(head, rows) || 0);
      return Number.isNaN(value) ? noFigure : { value, text: printChange(value) };
    },
  };
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
}
