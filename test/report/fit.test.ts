import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Budget, Verdict } from '../../src/compare/comparison.ts';
import type { SizeLimit } from '../../src/report/fit.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import type { ModelReport, Report, TargetReport } from '../../src/report/report.ts';
import { reports } from './cases.ts';
import { hostileText } from './hostile-text.ts';
import { nodesOf, parse } from './markdown-tree.ts';
import { budget, layer, modelReport, report, row, targetReport } from './reports.ts';

const encoder = new TextEncoder();

function sizeOf(text: string, { unit }: SizeLimit): number {
  return unit === 'bytes' ? encoder.encode(text).length : text.length;
}

/** Whole: every table rectangular, every `<details>` closed in its place. */
function expectWhole(markdown: string): void {
  const tree = parse(markdown);
  let depth = 0;
  for (const node of nodesOf(tree)) {
    if (node.type === 'table') {
      const width = node.children[0]!.children.length;
      expect(node.children.every(({ children }) => children.length === width)).toBe(true);
    }
    if (node.type === 'html') {
      depth += (node.value.match(/<details>/g) ?? []).length - (node.value.match(/<\/details>/g) ?? []).length;
      expect(depth).toBeGreaterThanOrEqual(0);
    }
    expect(['link', 'image', 'linkReference', 'footnoteReference', 'definition']).not.toContain(node.type);
  }
  expect(depth).toBe(0);
}

const verdict = fc.constantFrom<Verdict>('pass', 'warn', 'fail', 'waived', 'not-measured');
const figure = fc.double({ min: 0, max: 1, noNaN: true });

const layers = fc
  .record({ name: hostileText, base: figure, head: figure, change: hostileText })
  .map(({ name, base, head, change }) =>
    row(
      base < 0.1 ? [] : [layer({ name, latencySeconds: base })],
      head < 0.1 ? [] : [layer({ name, op: name, latencySeconds: head })],
      {
        changes: [change],
        name: 'file overhead',
      },
    ),
  );

const targets: fc.Arbitrary<TargetReport> = fc
  .record({ rows: fc.array(layers, { maxLength: 12 }), verdict, reason: hostileText, layer: hostileText })
  .map((random) =>
    targetReport({
      layers: random.rows,
      verdict: random.verdict,
      assumptions: [random.reason],
      budgets: [
        budget({ verdict: random.verdict, reason: random.reason, layer: random.layer satisfies Budget['layer'] }),
      ],
    }),
  );

const models: fc.Arbitrary<ModelReport> = fc
  .record({
    path: hostileText,
    verdict,
    targets: fc.array(targets, { maxLength: 2 }),
    errors: fc.array(hostileText, { maxLength: 2 }),
  })
  .map((random) => modelReport(random));

const randomReports: fc.Arbitrary<Report> = fc
  .record({
    verdict,
    models: fc.array(models, { maxLength: 3 }),
    notes: fc.array(hostileText, { maxLength: 2 }),
    config: hostileText,
  })
  .map((random) => report(random));

const limits: fc.Arbitrary<SizeLimit> = fc.record({
  limit: fc.oneof(fc.nat(300), fc.nat(30_000)),
  unit: fc.constantFrom('characters', 'bytes'),
});

describe('any report in any limit', () => {
  test('fits and is whole', () => {
    fc.assert(
      fc.property(randomReports, limits, (random, limit) => {
        const markdown = renderMarkdown(random, { limit });
        expect(sizeOf(markdown, limit)).toBeLessThanOrEqual(limit.limit);
        expectWhole(markdown);
      }),
      { numRuns: 120 },
    );
  });
});

describe('the report of two broken budgets', () => {
  const of = reports['fails-two-budgets']!;
  const whole = renderMarkdown(of);
  const within = (limit: number): string => renderMarkdown(of, { limit: { limit, unit: 'characters' } });

  test('at every limit from its size down to nothing', () => {
    for (let limit = whole.length; limit >= 0; limit -= limit > 400 ? 37 : 3) {
      const markdown = within(limit);
      expect(markdown.length).toBeLessThanOrEqual(limit);
      expectWhole(markdown);
    }
  });

  test('is whole where it just fits', () => {
    expect(within(whole.length)).toBe(whole);
    expect(within(whole.length - 1)).toContain('Left out to fit the size limit: 1 resolved config.');
  });

  test('keeps the heading, then the totals, then where the change comes from', () => {
    const parts = [
      '### ❌',
      '| Latency |',
      '**Where the 11.6 ms',
      '<summary>How this',
      'mermaid',
      'All layers',
      'version: 1',
    ];
    const shortest = parts.map((part) => {
      let limit = 0;
      while (!within(limit).includes(part)) limit += 20;
      return limit;
    });
    expect(shortest).toEqual(shortest.toSorted((a, b) => a - b));
    expect(new Set(shortest).size).toBe(parts.length);
  });

  test('in the smallest rooms', () => {
    expect(within(90)).toBe('### ❌ model-budget: `models/detector.onnx` exceeds 2 of 5 budgets on `ethos-u55-256`\n');
    expect(within(40)).toBe('### ❌ model-budget: over budget\n');
    expect(within(25)).toBe('### ❌ model-budget\n');
    expect(within(6)).toBe('### ❌\n');
    expect(within(5)).toBe('');
  });

  test('counts bytes where bytes are limited', () => {
    const limit = { limit: whole.length, unit: 'bytes' } as const;
    expect(sizeOf(whole, limit)).toBeGreaterThan(whole.length);
    expect(sizeOf(renderMarkdown(of, { limit }), limit)).toBeLessThanOrEqual(whole.length);
  });
});

test('a table of thousands of layers is halved until it fits', () => {
  const rows = Array.from({ length: 4000 }, (_, index) =>
    row([layer({ name: `l${index}x` })], [layer({ name: `l${index}x` })]),
  );
  const of = report({ models: [modelReport({ targets: [targetReport({ layers: rows })] })] });
  const markdown = renderMarkdown(of, { limit: { limit: 65_536, unit: 'characters' } });
  expect(markdown.length).toBeLessThanOrEqual(65_536);
  expect(markdown).toContain('3500 more rows are in the JSON report.');
  expectWhole(markdown);
});
