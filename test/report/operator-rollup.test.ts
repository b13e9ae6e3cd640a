import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DiffRow } from '../../src/compare/comparison.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { doubtOf, rollUpOperators } from '../../src/report/operator-rollup.ts';
import { additive, detectorRows, layer, modelReport, overheadRow, report, row, targetReport } from './reports.ts';

const cost = (op: string, name: string, milliseconds: number) =>
  layer({ op, name: `${op}_${name}`, latencySeconds: milliseconds / 1e3 });

function guessed(name: string, from: number, to: number): DiffRow {
  return row([cost('Conv', name, from)], [cost('Conv', name, to)], {
    match: { status: 'resized', evidence: 'aligned', confidence: 0.4 },
    changes: ['kernel 3→5'],
  });
}

const exchanged: readonly DiffRow[] = [
  ...['a', 'b', 'c'].map((name) => row([cost('Conv', name, 2)], [])),
  ...['d', 'e', 'f', 'g'].map((name) => row([], [cost('Conv', name, 3)])),
  row([cost('Relu', 'a', 1)], [cost('Relu', 'b', 1)]),
  overheadRow(-40),
];

describe('matches are poor', () => {
  test('where most of what changed is a guess', () => {
    const sure = row([cost('Add', 'a', 1)], [cost('Add', 'a', 4)]);
    const guesses = ['a', 'b', 'c', 'd'].map((name) => guessed(name, 1, 2));
    const doubt = doubtOf([sure, ...guesses], 'latencySeconds')!;
    expect(doubt.guessed).toBeCloseTo(4 / 7, 9);
    expect(doubt.exchanged).toBe(0);
    expect(doubtOf([sure, sure, ...guesses], 'latencySeconds')).toBeUndefined();
    // Of three rows each can be looked at.
    expect(doubtOf(guesses.slice(1), 'latencySeconds')).toBeUndefined();
  });

  test('where layers of one operator went and others came', () => {
    // 3 × 2 ms went and 4 × 3 ms came: 6 ms each way of 18 ms.
    const doubt = doubtOf(exchanged, 'latencySeconds')!;
    expect(doubt.guessed).toBe(0);
    expect(doubt.exchanged).toBeCloseTo(12 / 18, 9);
  });

  test('not where they are copies of blocks', () => {
    const copied = exchanged.map((one): DiffRow => {
      const went = one.head.length === 0;
      const words = `one ${went ? 'fewer' : 'more'} copy of this block (×2, was ×3)`;
      return one.base.length === 0 || went ? { ...one, changes: [one.match.status, words] } : one;
    });
    expect(doubtOf(copied, 'latencySeconds')).toBeUndefined();
  });

  test('not where layers only came or only went', () => {
    const came = exchanged.filter(({ match }) => match.status !== 'removed');
    expect(doubtOf(came, 'latencySeconds')).toBeUndefined();
    expect(doubtOf(detectorRows, 'latencySeconds')).toBeUndefined();
  });
});

test('the comment then tells operators, and each layer only in the table of all', () => {
  const of = report({ models: [modelReport({ targets: [targetReport({ layers: exchanged })] })] });
  const text = renderMarkdown(of).replaceAll('\u00a0', ' ');
  const [, table = ''] = text.split('**Where the 6.00 ms come from**');
  expect(table.split('<details>')[0]).toBe(
    [
      ' (rows add up to the total)',
      '',
      'By operator, which is exact whatever was matched: 67% of what changed is in layers that went while others of the same operator came',
      '',
      '| operator | change | latency | energy | size | why |',
      '| :- | :- | -: | -: | -: | :- |',
      '| `Conv` | 3 → 4 layers | +6.00 ms | +900 µJ | +9.40 kB | |',
      '| 1 layer unchanged, file overhead | | – | – | −0.04 kB | |',
      '| **total** | | **+6.00 ms** | **+900 µJ** | **+9.36 kB** | |',
      '',
      '',
    ].join('\n'),
  );
  expect(table).toContain('Conv_d');
});

test('operators add up to what the layers add up to', () => {
  const operator = fc.constantFrom('Conv', 'Relu', 'QLinearConv');
  const layers = fc.array(
    fc.tuple(operator, fc.nat(1000)).map(([op, milliseconds]) => cost(op, 'x', milliseconds)),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(layers, layers)), fc.integer(), (pairs, bytes) => {
      const rows = [...pairs.map(([base, head]) => row(base, head)), overheadRow(bytes)];
      const operators = rollUpOperators(rows);
      for (const metric of additive) {
        const sum = (some: readonly DiffRow[]) => some.reduce((total, { delta }) => total + delta[metric], 0);
        expect(sum(operators)).toBeCloseTo(sum(rows), 6);
      }
      const count = (some: readonly DiffRow[]) =>
        some.reduce((total, { base, head }) => total + base.length + head.length, 0);
      expect(count(operators)).toBe(count(rows));
    }),
  );
});
