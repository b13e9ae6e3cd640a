/** Reports of large models: a transformer of a thousand layers in repeated blocks, and a network of twenty thousand layers. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { boxesOf, breadcrumbs } from './graph-reader.ts';
import { bertBase, longNetwork } from './networks.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { columnTitles, lineCount, lineOf, linesInSight, namesInSight, searchFor, sumsOf } from './table-reader.ts';

const number = (text = ''): number => Number(text.replace('\u2212', '-').replace(/[+~]/g, ''));
const falling = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => b - a);
const column = async (page: Page, title: string): Promise<number[]> =>
  (await linesInSight(page)).map(({ cells }) => number(cells[title]));

describeInBrowser('a transformer of a thousand layers', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;

  beforeAll(async () => {
    room = openWorkroom();
    const base = room.put('transformer.onnx', bertBase({ blocks: 60 }));
    const head = room.put('tanh.onnx', bertBase({ blocks: 60, odd: 24 }));
    file = await room.diff({ base, head, targets: 'rpi4-ncnn' }).page();
  }, 600_000);
  afterAll(() => room.remove());

  test('folds its blocks, in the table and in the graph, beside the one that differs', async () => {
    const page = await browser.open(file, { fragment: 'modules=on&sort=%2Border' });
    expect(Number((await sumsOf(page)).All!.rows)).toBeGreaterThan(1000);
    expect(await lineCount(page)).toBe(3);
    await lineOf(page, 'file overhead').waitFor();
    await page.locator('.grid [aria-level="1"] .twisty').nth(1).click();
    const blocks = (await linesInSight(page)).filter(({ level }) => level === 2);
    expect(blocks.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^layer\.0…23\s?×24/) as string,
      expect.stringMatching(/^layer\.24/) as string,
      expect.stringMatching(/^layer\.25…59\s?×35/) as string,
    ]);
    const parts = blocks.reduce((sum, { cells }) => sum + number(cells['Latency head']), 0);
    const encoder = (await linesInSight(page)).find(({ name }) => name.startsWith('encoder'))!;
    expect(parts).toBeCloseTo(number(encoder.cells['Latency head']), 6);
    await page.locator('.graph-boxes').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => breadcrumbs(page)).toEqual(['whole model', 'encoder']);
    const labels = (await boxesOf(page)).map(({ label }) => label);
    expect(labels.filter((label) => /×24|24 times/.test(label))).toHaveLength(1);
  });
});

describeInBrowser('a network of twenty thousand layers', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;

  beforeAll(async () => {
    room = openWorkroom();
    const model = room.put('long.onnx', longNetwork(5000, 2500));
    file = room.put('long.html', await room.output('view', model, '--target', 'rpi4-ncnn'));
  }, 600_000);
  afterAll(() => room.remove());

  test('opens, sorts, filters, is walked to its end by keyboard, and is drawn as modules', async () => {
    const page = await browser.open(file);
    expect(await lineCount(page)).toBeGreaterThan(20_000);
    expect(await page.locator('.grid .lines > [role=row]').count()).toBeLessThan(100);
    const boxes = await boxesOf(page);
    expect([boxes.length > 0, boxes.length < 61]).toEqual([true, true]);
    expect(await columnTitles(page)).toContain('Latency head');
    // By latency, since nothing is compared: the one block that is wider comes first.
    const slowest = await column(page, 'Latency head');
    expect(slowest).toEqual(falling(slowest));
    expect((await namesInSight(page))[0]).toMatch(/^\/trunk\/part25\/block2500\//);
    const title = page.getByRole('columnheader', { name: /Latency head/ });
    await title.getByRole('button').click();
    const fastest = await column(page, 'Latency head');
    expect(fastest).toEqual(falling(fastest).toReversed());
    expect(fastest[0]).toBeLessThan(slowest[0]!);
    await title.getByRole('button').click();
    expect((await namesInSight(page))[0]).toMatch(/^\/trunk\/part0\/block0\//);
    await title.getByRole('button').click();
    expect(await column(page, 'Latency head')).toEqual(slowest);
    await page.locator('.grid .lines [role=row][tabindex="0"]').focus();
    await page.keyboard.press('End');
    const last = page.locator('.grid .lines [role=row]:focus');
    const lastIndex = String((await lineCount(page)) + 1);
    await expect.poll(() => last.getAttribute('aria-rowindex')).toBe(lastIndex);
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Home');
    await expect.poll(() => last.getAttribute('aria-rowindex')).toBe('2');
    await searchFor(page, '*/block4999/*');
    const names = await namesInSight(page);
    expect(names.length).toBeGreaterThan(3);
    expect(names.every((name) => name.startsWith('/trunk/part49/block4999/'))).toBe(true);
    await lineOf(page, '/block4999/Add').click();
    await expect.poll(() => breadcrumbs(page)).toEqual(expect.arrayContaining(['whole model', 'block4999']));
  });
});
