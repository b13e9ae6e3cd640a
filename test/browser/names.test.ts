/** Names that are too long for their place, in BERT base: what tells layers apart is seen. And a page of one version. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { boxesOf, clickBox, wordsBeside } from './graph-reader.ts';
import { bertBase } from './networks.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { settled } from './settled.ts';
import { linesInSight } from './table-reader.ts';

describeInBrowser('names in little room', () => {
  const browser = useBrowser();
  let room: Workroom;
  let change: string;
  let alone: string;

  beforeAll(async () => {
    room = openWorkroom();
    const [base, head] = [room.put('bert.onnx', bertBase()), room.put('ten.onnx', bertBase({ blocks: 10 }))];
    change = await room.diff({ base, head, targets: 'rpi4-ncnn' }).page();
    alone = await room.view(head, 'rpi4-ncnn');
  }, 600_000);
  afterAll(() => room.remove());

  /** As they are seen, and whether the column cuts them. */
  const namesSeen = (page: Page) =>
    page.locator('.grid .lines .cut-name').evaluateAll((names) =>
      names.map((name) => ({
        whole: name.textContent,
        seen: [...name.children].map((part) => part.getAttribute('data-ellipsis') ?? part.textContent).join(''),
        isCut: [...name.children].some((part) => part.scrollWidth > part.clientWidth + 1 && part.matches('.part')),
      })),
    );

  test('the table shows the number of the block and what the layer is; all of the name is there', async () => {
    const page = await browser.open(change, { fragment: 'sort=%2Border' });
    const names = await namesSeen(page);
    const inBlocks = names.filter(({ whole }) => whole.includes('/layer.'));
    expect(inBlocks.length).toBeGreaterThan(10);
    expect(inBlocks.some(({ seen }) => seen.startsWith('…/layer.'))).toBe(true);
    for (const { whole, seen, isCut } of inBlocks) {
      expect(isCut, seen).toBe(false);
      expect(seen).toContain(/\/layer\.\d+/.exec(whole)![0]);
      expect(whole.endsWith(seen.slice(seen.lastIndexOf('…') + 1))).toBe(true);
    }
  });

  test('boxes of an open module leave its path out, which stands above them', async () => {
    const page = await browser.open(change);
    await clickBox(page, 'encoder,', { double: true });
    await page
      .getByRole('option', { name: /^layer\.\d+…?.*a module/ })
      .first()
      .waitFor();
    const [first] = await boxesOf(page);
    await clickBox(page, first!.label.split(',')[0]!, { double: true });
    await clickBox(page, (await boxesOf(page))[0]!.label.split(',')[0]!, { double: true });
    const names = (await boxesOf(page)).map(({ label }) => label.split(',')[0]!);
    const rows = names.filter((name) => name.startsWith('/encoder/layer.'));
    expect(rows.length).toBeGreaterThan(0);
    for (const name of rows) {
      const words = (await wordsBeside(page, `${name},`).locator('.name').textContent())!;
      expect(name.endsWith(words.replace('…', '')), words).toBe(true);
      expect(words).not.toContain('layer.');
    }
  });

  test('labels of edges that one looks at do not lie on one another', async () => {
    const page = await browser.open(change);
    await clickBox(page, 'encoder,', { double: true });
    await settled(page);
    for (const box of await page.locator('.graph-boxes [role=option] .body').all()) {
      await box.hover();
      await settled(page);
      const places = await page
        .locator('.wire-label.is-near')
        .evaluateAll((labels) => labels.map((label) => label.getBoundingClientRect().toJSON() as DOMRect));
      places.forEach((one, index) => {
        for (const other of places.slice(index + 1)) {
          const apart =
            one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
          expect(apart, JSON.stringify([one, other])).toBe(true);
        }
      });
    }
  });

  test('of one version nothing is marked as a change, and the graph is coloured by its metric', async () => {
    const page = await browser.open(alone);
    expect((await linesInSight(page)).length).toBeGreaterThan(10);
    expect(await page.locator('.grid .lines [role=img]').count()).toBe(0);
    const colours = page.getByRole('combobox', { name: 'Colour by' });
    expect(await colours.locator('option').allInnerTexts()).toEqual(['the metric']);
    const boxes = await boxesOf(page);
    expect(boxes.some(({ classes }) => classes.includes('shade-6'))).toBe(true);
    expect(boxes.filter(({ label }) => /added|changed|→/.test(label))).toEqual([]);
    expect(await page.getByRole('list', { name: 'Marks' }).count()).toBe(0);
  });
});
