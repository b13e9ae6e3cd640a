/** What the page prints is what the JSON document holds and what the comment says. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { additiveMetrics, type AdditiveMetric } from '../../src/compare/comparison.ts';
import type { Report } from '../../src/report/report.ts';
import { printQuantity } from '../../src/units.ts';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { bertBase } from './networks.ts';
import { openWorkroom, type Diff, type Workroom } from './reports.ts';
import { downloaded, parseCsv, tool } from './table-reader.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');
const budgets = 'budgets:\n  - metric: latency\n    max: 1 ms\n  - metric: peak-memory\n    max: 10 MiB\n';

/** Columns of the table whose numbers the document has under these names. */
const columns: Readonly<Record<AdditiveMetric, string>> = {
  latencySeconds: 'latency',
  energyJoules: 'energy',
  macs: 'macs',
  parameters: 'parameters',
  weightsBytes: 'weights',
  fileBytes: 'size',
};

/** Without what Markdown needs and pages do not. */
const plain = (text: string): string =>
  text
    .replace(/\\([<>~*_|])/g, '$1')
    .replace(/[`*]|&nbsp;/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const reports = [
  ['a detector that falls back', 'ethos-u55-256'],
  ['BERT base', 'rpi4-ncnn'],
] as const;

for (const [name, targets] of reports)
  describeInBrowser(`the numbers of ${name}`, () => {
    const browser = useBrowser();
    let room: Workroom;
    let diff: Diff;
    let file: string;
    let report: Report;

    beforeAll(async () => {
      room = openWorkroom();
      const isDetector = name !== 'BERT base';
      const base = isDetector ? join(fixtures, 'detector-nearest.onnx') : room.put('bert.onnx', bertBase());
      const head = isDetector ? join(fixtures, 'detector-cubic.onnx') : room.put('ten.onnx', bertBase({ blocks: 10 }));
      diff = room.diff({ base, head, targets, config: budgets });
      [file, report] = [await diff.page(), await diff.report()];
    }, 600_000);
    afterAll(() => room.remove());

    test('of every layer are those of the JSON document, bit by bit', async () => {
      const ids = additiveMetrics.flatMap((metric) =>
        ['base', 'head', 'change'].map((of) => `${columns[metric]}-${of}`),
      );
      const page = await browser.open(file, { fragment: `sort=%2Border&columns=${['name', ...ids].join('+')}` });
      const { bytes } = await downloaded(page, () => tool(page, 'CSV').click());
      const [titles, ...lines] = parseCsv(bytes.toString('utf8'));
      expect(titles).toHaveLength(1 + ids.length);
      const { layers } = report.models[0]!.targets[0]!;
      expect(lines).toHaveLength(layers.length);
      layers.forEach((row, index) => {
        const cells = lines[index]!.slice(1);
        additiveMetrics.forEach((metric, at) => {
          const [base, head, change] = cells.slice(3 * at, 3 * at + 3);
          const sum = (side: typeof row.base): number => side.reduce((all, layer) => all + layer[metric], 0);
          const where = `${lines[index]![0]!} ${metric}`;
          // What of the file is no layer's has no layers to add up.
          if (row.base.length > 0) expect(Number(base), where).toBe(sum(row.base));
          if (row.head.length > 0) expect(Number(head), where).toBe(sum(row.head));
          if (change !== '') expect(Number(change), where).toBe(row.delta[metric]);
        });
      });
    });

    test('of the totals, and the headline, are those of the comment', async () => {
      const page = await browser.open(file);
      const markdown = (await diff.markdown()).split('\n');
      expect(`### ${await page.getByRole('heading', { level: 1 }).innerText()}`).toBe(plain(markdown[0]!));
      const first = markdown.findIndex((line) => line.startsWith('| Latency |'));
      const table = markdown.slice(first, markdown.indexOf('', first));
      const expected = table.map((line) => line.slice(1, -1).split(' | ').map(plain).filter(Boolean));
      expect(await totalsOf(page)).toEqual(expected);
      for (const remark of markdown.filter((line) => line.startsWith('- ❌'))) {
        expect(plain(await page.locator('.remarks').innerText())).toContain(plain(remark.slice(2)));
      }
    });

    test('of the details are those of the table', async () => {
      const { layers } = report.models[0]!.targets[0]!;
      const slowest = layers.toSorted(
        (a, b) => Math.abs(b.delta.latencySeconds) - Math.abs(a.delta.latencySeconds),
      )[0]!;
      const page = await browser.open(file, { fragment: `focus=${String(layers.indexOf(slowest))}` });
      const row = page.locator('.panel-details').getByRole('row', { name: /^Latency/ });
      const seconds = (side: typeof slowest.base): number => side.reduce((sum, layer) => sum + layer.latencySeconds, 0);
      const printed = [slowest.base, slowest.head].map((side) =>
        side.length === 0 ? '–' : printQuantity(seconds(side), 'time'),
      );
      expect((await row.locator('td').allInnerTexts()).slice(0, 2)).toEqual(printed);
    });
  });

async function totalsOf(page: Page): Promise<readonly (readonly string[])[]> {
  const rows = page.getByRole('region', { name: 'Totals', exact: true }).locator('tbody tr');
  const texts = await rows.evaluateAll((found) =>
    found.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent)),
  );
  return texts.map((cells) => cells.map(plain).filter(Boolean));
}
