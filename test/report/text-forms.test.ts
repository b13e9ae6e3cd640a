/** Small pieces of text that the renderers are made of. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bar } from '../../src/report/bars.ts';
import { middleCut, visibleLines, visibleName } from '../../src/report/inert.ts';
import { xyChart } from '../../src/report/mermaid.ts';
import { printClock, printLimit } from '../../src/report/metrics.ts';
import { list, paragraph, table } from '../../src/report/page.ts';
import { named, said } from '../../src/report/phrase.ts';
import { printText } from '../../src/report/print-text.ts';
import { padEnd, padStart, textWidth } from '../../src/report/text-width.ts';
import { hostileText } from './hostile-text.ts';

describe('widths in a terminal', () => {
  test.each([
    ['abc', 3],
    ['漢字', 4],
    ['한글', 4],
    ['ｆ', 2],
    ['🙂', 2],
    ['e\u0301', 1],
    ['±→µ−█', 5],
  ])('%s', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test('padding counts columns', () => {
    expect(padEnd('漢', 4)).toBe('漢  ');
    expect(padStart('漢', 4)).toBe('  漢');
    expect(padEnd('long', 2)).toBe('long');
  });
});

describe('tables', () => {
  test('may have more rows than a call may have arguments', () => {
    const rows = Array.from({ length: 150_000 }, () => [['a'], ['1']]);
    expect(printText([table(['layer', '>n'], rows)]).split('\n')).toHaveLength(150_001);
  });

  test('are aligned whatever their cells hold', () => {
    const text = printText([
      table(
        ['layer', '>latency', '^'],
        [
          [[named('漢字/conv')], ['1.00 ms'], ['✅']],
          [[named('a')], ['12.0 ms'], ['✅ ✅']],
        ],
      ),
    ]);
    expect(text).toBe(['  layer      latency', '  漢字/conv  1.00 ms    ✅', '  a          12.0 ms  ✅ ✅'].join('\n'));
  });

  test('every line of hostile cells is as wide as its columns', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (first, second) => {
        const text = printText([
          table(
            ['a', 'b', 'c'],
            [
              [[named(first)], [said(second)], ['|']],
              [['x'], ['y'], ['|']],
            ],
          ),
        ]);
        const lines = text.split('\n');
        expect(lines).toHaveLength(3);
        expect(new Set(lines.slice(1).map((line) => textWidth(line))).size).toBe(1);
      }),
    );
  });
});

test('a name can be no command to a runner that reads the log', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const printed = printText([paragraph(named(text)), list([[named(text)]]), paragraph(said(text))]);
      expect(printed.split('\n').filter((line) => /^\s*::|##\[/.test(line))).toEqual([]);
    }),
  );
});

describe('long text', () => {
  test.each([
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghij', 9, 'abcd…ghij'],
    ['abcdefghij', 2, 'a…'],
    ['abcdefghij', 1, '…'],
    ['🙂🙂🙂🙂', 3, '🙂…🙂'],
  ])('%s in %d characters', (text, longest, expected) => {
    expect(middleCut(text, longest)).toBe(expected);
  });

  test('of megabytes is cut before any other work on it', () => {
    expect(visibleName('`|\u0301'.repeat(3e6), 20)).toHaveLength(20);
  });

  test('lines keep their indentation', () => {
    expect(visibleLines('a:\r\n  - b\u202e\n\tc')).toBe('a:\n  - b�\n    c');
  });
});

describe('bars', () => {
  test.each([
    [0, ''],
    [1e-9, '▏'],
    [0.5, '██'],
    [0.53125, '██▏'], // 4 × 8 eighths × 0.53125 = 17
    [1, '████'],
    [7, '████'],
    [Number.NaN, ''],
  ])('%d of four columns', (share, expected) => {
    expect(bar(share, 4)).toBe(expected);
  });
});

test('Mermaid labels hold nothing that its grammar reads', () => {
  fc.assert(
    fc.property(hostileText, (label) => {
      const text = xyChart({ title: label, unit: 'ms', labels: [label, label], bars: [1, 2], line: [0, 1] });
      const quoted = text.match(/"[^"]*"/g) ?? [];
      expect(quoted).toHaveLength(4);
      expect(text.split('\n')).toHaveLength(6);
      expect(quoted.join('')).not.toMatch(/[`@#%{}<>;[\]\\&|~$]/);
    }),
  );
});

test.each([
  [0.03, 'time', '30 ms'],
  [0.0305, 'time', '30.5 ms'],
  [524_288, 'memory', '512 KiB'],
  [5e6, 'size', '5 MB'],
  [1_500_000, 'size', '1.5 MB'],
  [30, 'frequency', '30 Hz'],
  [0, 'count', '0'],
  [300, 'count', '300'],
  [3e8, 'count', '300M'],
] as const)('a limit of %d (%s) is %s', (value, quantity, expected) => {
  expect(printLimit(value, quantity)).toBe(expected);
});

test('clocks', () => {
  expect([5e8, 1.5e9, 32_768_000].map(printClock)).toEqual(['500 MHz', '1500 MHz', '32.8 MHz']);
});
