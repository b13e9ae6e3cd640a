import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NumbersColumn } from '../../../src/report/viewer/figures/column.ts';
import { columnsOf, type Columns } from '../../../src/report/viewer/figures/columns.ts';
import type { TargetReport } from '../../../src/report/report.ts';
import { appeared, layer, overheadRow, row, targetReport, total, totals } from '../reports.ts';

function numbers(columns: Columns, id: string): NumbersColumn {
  const column = columns.byId.get(id);
  if (column?.kind !== 'numbers') throw new Error(`no column ${id}`);
  return column;
}

/** What is printed, as a number. */
const printed = (text: string): number => Number(text.replace('\u2212', '-').replace('~', ''));

const seconds = fc.double({ min: 0, max: 0.1, noNaN: true });
const rowsOf = fc.array(
  fc.oneof(
    seconds.map((latencySeconds) => row([layer({ latencySeconds })], [layer({ latencySeconds })])),
    fc.tuple(seconds, seconds).map(([a, b]) => row([layer({ latencySeconds: a })], [layer({ latencySeconds: b })])),
    seconds.map((latencySeconds) => row([], [layer({ latencySeconds })])),
    seconds.map((latencySeconds) => row([layer({ latencySeconds })], [])),
  ),
  { minLength: 1, maxLength: 40 },
);

describe('what is printed adds up', () => {
  test('down the columns, and from base over change to head', () => {
    fc.assert(
      fc.property(rowsOf, (layers) => {
        const columns = columnsOf(targetReport({ layers }));
        const [base, head, change] = ['base', 'head', 'change'].map((of) => numbers(columns, `latency-${of}`).figures);
        const all = layers.map((_, index) => index);
        for (const column of [base!, head!, change!]) {
          const sum = all.reduce((left, index) => left + printed(column.textOf(index)), 0);
          expect(sum).toBeCloseTo(printed(column.together(all).text), 6);
        }
        for (const index of all) {
          const [from, to, by] = [base!, head!, change!].map((column) => printed(column.textOf(index)));
          expect(from! + by!).toBeCloseTo(to!, 6);
        }
      }),
    );
  });

  test('and so do the values, the file overhead among them', () => {
    const layers = [row([layer({ fileBytes: 700 })], [layer({ fileBytes: 900 })]), overheadRow(50)];
    const target = targetReport({ layers, totals: totals({ fileBytes: total(1000, 1250) }) });
    const columns = columnsOf(target);
    const sum = (of: string): number => numbers(columns, `size-${of}`).figures.together([0, 1]).value;
    expect([sum('base'), sum('change'), sum('head')]).toEqual([1000, 250, 1250]);
  });

  test('but nothing is said of the file overhead where layers have data of files that are not there', () => {
    const layers = [row([layer({ fileBytes: 700 })], [layer({ fileBytes: 900 })]), overheadRow(-40)];
    const columns = columnsOf(targetReport({ layers, totals: totals({ fileBytes: total(1000, 860) }) }));
    const textOf = (of: string, index: number): string => numbers(columns, `size-${of}`).figures.textOf(index);
    expect(['base', 'change', 'head'].map((of) => textOf(of, 1))).toEqual(['300', '', '']);
    expect(['base', 'change', 'head'].map((of) => printed(textOf(of, 0)))).toEqual([700, 200, 900]);
  });
});

describe('columns', () => {
  const titlesOf = (target: TargetReport): readonly string[] => columnsOf(target).usual;

  test('of base, head and change have one unit', () => {
    const layers = [row([layer({ latencySeconds: 2e-6 })], [layer({ latencySeconds: 3e-3 })])];
    const columns = columnsOf(targetReport({ layers }));
    const units = ['base', 'head', 'change'].map((of) => numbers(columns, `latency-${of}`).figures.unit);
    expect(units).toEqual(['ms', 'ms', 'ms']);
    expect(numbers(columns, 'latency-base').figures.textOf(0)).toBe('0.0020');
    expect(numbers(columns, 'latency-change').figures.textOf(0)).toBe('+2.9980');
  });

  test('say nothing of a side that is not there', () => {
    const added = { latencySeconds: appeared(0.01), fileBytes: appeared(10) };
    expect(titlesOf(targetReport({ totals: totals(added) }))).toEqual([
      ...['name', 'op', 'unit', 'latency-head', 'latency-share', 'why'],
    ]);
    expect(titlesOf(targetReport())).toEqual([
      ...['name', 'op', 'unit', 'latency-base', 'latency-head', 'latency-change', 'latency-share', 'change', 'why'],
    ]);
  });

  test('of rows together: the largest live memory, the share, the relative change', () => {
    const one = (latencySeconds: number, memoryBytes: number) => layer({ latencySeconds, memoryBytes });
    const layers = [row([one(1e-3, 1024)], [one(2e-3, 2048)]), row([one(3e-3, 512)], [one(2e-3, 512)])];
    const columns = columnsOf(targetReport({ layers }));
    expect(numbers(columns, 'memory-head').figures.together([0, 1])).toEqual({ value: 2048, text: 'max 2.0000' });
    expect(numbers(columns, 'latency-share').figures.together([0]).text).toBe('50%');
    expect(numbers(columns, 'latency-ratio').figures.together([0]).text).toBe('+100%');
    expect(numbers(columns, 'latency-ratio').figures.together([0, 1]).text).toBe('0%');
    expect(numbers(columns, 'traffic-flash-head').figures.values[0]).toBe(9216);
  });
});
