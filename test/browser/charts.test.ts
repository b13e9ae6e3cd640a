/** The charts of a report: drawn, chosen in, told as a table, saved as pictures. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { settled } from './settled.ts';
import { downloaded, linesInSight, lineOf, sumsOf } from './table-reader.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');

const kinds = [
  ...['Latency by layer', 'What changed', 'Memory', 'Roofline'],
  ...['Histogram', 'Scatter', 'Timeline', 'Memory map'],
];

describeInBrowser('the charts', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;

  beforeAll(async () => {
    room = openWorkroom();
    const detector = (name: string): string => join(fixtures, `detector-${name}.onnx`);
    const diff = room.diff({ base: detector('nearest'), head: detector('cubic'), targets: 'ethos-u55-256' });
    file = await diff.page();
  }, 600_000);
  afterAll(() => room.remove());

  const open = (kind: string): Promise<Page> =>
    browser.open(file, { fragment: `panels=charts&charts.=${encodeURIComponent(JSON.stringify({ kind }))}` });
  const chart = (page: Page) => page.getByRole('figure');
  const drawnColours = (page: Page): Promise<number> =>
    chart(page)
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set(new Uint32Array(data.buffer));
        return colours.size;
      });

  test('every kind is drawn, says in words what it shows, and holds the same as a table', async () => {
    const page = await browser.open(file, { fragment: 'panels=charts' });
    const buttons = page.getByRole('group', { name: 'Chart', exact: true }).getByRole('button');
    expect(await buttons.allInnerTexts()).toEqual(kinds);
    const captions = new Set<string>();
    for (const kind of kinds) {
      await buttons.filter({ hasText: new RegExp(`^${kind}$`) }).click();
      await chart(page).locator('canvas').first().waitFor();
      await expect.poll(() => drawnColours(page), { message: kind }).toBeGreaterThan(5);
      await settled(page);
      captions.add(await chart(page).locator('figcaption').innerText());
      await chart(page).getByRole('button', { name: 'Data as a table' }).click();
      const rows = chart(page).getByRole('group', { name: 'Data of the chart' }).getByRole('row');
      await settled(page);
      expect(await rows.count(), kind).toBeGreaterThan(2);
      await chart(page).getByRole('button', { name: 'Data as a table' }).click();
    }
    expect(captions.size).toBe(kinds.length);
  });

  test.each(['waterfall', 'timeline'])('%s is saved as PNG and SVG, inert and whole', async (kind) => {
    const page = await open(kind);
    const png = await downloaded(page, () => chart(page).getByRole('button', { name: 'Save as PNG' }).click());
    expect(png.name).toMatch(new RegExp(`-ethos-u55-256-${kind}(-head)?\\.png$`));
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(1000);
    const svg = await downloaded(page, () => chart(page).getByRole('button', { name: 'Save as SVG' }).click());
    const text = svg.bytes.toString('utf8');
    // In a page of its own: here the security policy would speak up.
    const reader = await page.context().newPage();
    const read = await reader.evaluate((source) => {
      const picture = new DOMParser().parseFromString(source, 'image/svg+xml');
      const active = picture.querySelectorAll('parsererror, script, foreignObject, a, image');
      return {
        root: picture.documentElement.tagName,
        active: active.length,
        words: picture.documentElement.textContent,
      };
    }, text);
    expect(read).toMatchObject({ root: 'svg', active: 0 });
    expect(read.words).toContain('/neck/up1/Resize');
  });

  test('a click on what changed most selects it everywhere, and a chosen row stands out', async () => {
    const page = await open('latency');
    await expect.poll(() => drawnColours(page)).toBeGreaterThan(5);
    const place = (await chart(page).locator('canvas').first().boundingBox())!;
    // Bars begin behind the names; the first is the one that changed most.
    for (let y = 60; y < 240 && (await sumsOf(page)).Selected === undefined; y += 8) {
      await page.mouse.click(place.x + 0.4 * place.width, place.y + y);
    }
    expect((await linesInSight(page)).filter(({ selected }) => selected).map(({ name }) => name)).toEqual([
      '/neck/up1/Resize',
    ]);
    expect(await page.locator('.panel-details .details-title').innerText()).toBe('/neck/up1/Resize');
  });

  test('the table of a chart selects, for who has no mouse', async () => {
    const page = await open('scatter');
    await chart(page).getByRole('button', { name: 'Data as a table' }).click();
    const rows = chart(page).getByRole('group', { name: 'Data of the chart' });
    await rows.getByRole('button', { name: '/head1/box/Conv', exact: true }).first().press('Enter');
    expect((await sumsOf(page)).Selected!.rows).toBe('1');
    await lineOf(page, '/head2/tower/Conv').click();
    const chosen = rows.getByRole('button', { name: '/head2/tower/Conv' }).first();
    await expect.poll(() => chosen.getAttribute('aria-pressed')).toBe('true');
  });

  test('an area of the scatter selects what lies in it', async () => {
    const page = await open('scatter');
    await chart(page).locator('canvas').first().waitFor();
    await chart(page).getByRole('button', { name: 'Select an area' }).click();
    await chart(page).locator('.area-picker').scrollIntoViewIfNeeded();
    await settled(page);
    const { x, y, width, height } = (await chart(page).locator('.area-picker').boundingBox())!;
    const inSight = Math.min(height, (await page.locator('.panel-charts').boundingBox())!.height);
    await page.mouse.move(x + 40, y + 30);
    await page.mouse.down();
    await page.mouse.move(x + width - 20, y + inSight - 40, { steps: 5 });
    await page.mouse.up();
    expect(Number((await sumsOf(page)).Selected!.rows)).toBeGreaterThan(2);
  });

  test('timeline and memory map are of either side', async () => {
    const page = await open('timeline');
    const caption = chart(page).locator('figcaption');
    const head = await caption.innerText();
    await page.getByRole('radio', { name: 'base' }).check();
    await expect.poll(() => caption.innerText()).not.toBe(head);
  });
});
