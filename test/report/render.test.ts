/** Golden files of small reports made by hand: open them in `test/golden/report/` as a reviewer would. */
import { describe, expect, test } from 'vitest';
import type { AdditiveMetric } from '../../src/compare/comparison.ts';
import { renderers } from '../../src/report/index.ts';
import type { MarkdownOptions } from '../../src/report/markdown.ts';
import type { Report } from '../../src/report/report.ts';
import { expectGolden } from '../golden.ts';
import { reports } from './cases.ts';
import { additive, detectorRows, report } from './reports.ts';

function render(format: string, of: Report, options?: MarkdownOptions): string {
  const renderer = renderers.find((candidate) => candidate.format === format);
  if (renderer === undefined) throw new Error(`no renderer ${format}`);
  return renderer.render(of, options);
}

describe.each(Object.entries(reports))('%s', (name, of) => {
  test('as Markdown', () => expectGolden(render('markdown', of), `report/${name}.md`));
  test('as text', () => expectGolden(render('text', of), `report/${name}.txt`));
});

test('as JSON', () => expectGolden(render('json', reports['fails-two-budgets']!), 'report/fails-two-budgets.json'));

test('JSON holds the record whole, in the order of the contract', () => {
  const of = reports['fails-two-budgets']!;
  const text = render('json', of);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(of)));
  expect(text.endsWith('}\n')).toBe(true);
  expect(text.indexOf('\n')).toBe(text.length - 1);
  const keys = ['schema', 'tool', 'base', 'head', 'evaluatedOn', 'configDigest', 'verdict', 'models'];
  expect(Object.keys(JSON.parse(text) as object).slice(0, keys.length)).toEqual(keys);
});

test('the rows made by hand add up as their comment says', () => {
  const sum = (metric: AdditiveMetric): number => detectorRows.reduce((total, { delta }) => total + delta[metric], 0);
  expect(additive.map(sum)[0]).toBeCloseTo(0.0116, 12); // 2 × 4.45 + 4 × 0.6 + 0.3 ms
  expect(sum('fileBytes')).toBe(200_000); // 4 × 45,000 + 20,000
});

test('charts become pictures where somebody hosts them', () => {
  const images = new Map([
    ['model-1-target-1-latency', { light: 'https://example.org/l.png', dark: 'https://example.org/d.png' }],
    ['model-1-target-1-memory', { light: 'https://example.org/m.png?a=1&b="2"' }],
  ]);
  const text = render('markdown', report(), { images });
  expect(text).toContain('<source media="(prefers-color-scheme: dark)" srcset="https://example.org/d.png">');
  expect(text).toContain(
    '<img alt="Latency by layer, base against head. 21.4 ms → 33.0 ms (+54%); neck/up&#42;/Resize ×2 changed most, +8.90 ms" src="https://example.org/l.png">',
  );
  expect(text).toContain('src="https://example.org/m.png?a=1&#38;b=&#34;2&#34;"');
  expect(text).not.toContain('mermaid');
  expect(render('markdown', report(), { images, charts: 'off' })).not.toContain('<img');
});

test('charts as text, without Mermaid, or not at all', () => {
  const inText = render('markdown', report(), { charts: 'text' });
  expect(inText).toContain('████');
  expect(inText).not.toContain('mermaid');
  expect(render('markdown', report(), { charts: 'off' })).not.toContain('██');
});

test('fewer rows are collapsed into one that keeps the sum', () => {
  const text = render('markdown', report(), { layers: 1 });
  expect(text).toContain('| `neck/up*/Resize` | added ×2 | +8.9\u00a0ms |');
  expect(text).toContain('| 9 layers unchanged, 4 layers changed less, 1 moved, file overhead | | +2.7\u00a0ms |');
  expect(text).toContain('| **total** | | **+11.6\u00a0ms** |');
});
