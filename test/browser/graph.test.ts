/** The graph of the compiled model: on a detector that falls back to the CPU, a deep convolutional network, and BERT base. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { panelsOf, useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { activeBox, boxOf, boxesOf, breadcrumbs, clickBox, placeOf, scaleOf, wordsBeside } from './graph-reader.ts';
import { bertBase, residualNetwork } from './networks.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { namesInSight, tool } from './table-reader.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');

describeInBrowser('the graph', () => {
  const browser = useBrowser();
  let room: Workroom;
  const files = { network: '', detector: '', transformer: '' };

  beforeAll(async () => {
    room = openWorkroom();
    const page = (base: string, head: string, targets: string) => room.diff({ base, head, targets }).page();
    files.network = await page(
      room.put('base.onnx', residualNetwork()),
      room.put('head.onnx', residualNetwork([4, 4, 6, 4, 4])),
      'rpi4-ncnn',
    );
    const detector = (name: string): string => join(fixtures, `detector-${name}.onnx`);
    files.detector = await page(detector('nearest'), detector('cubic'), 'ethos-u55-256');
    files.transformer = await page(
      room.put('bert.onnx', bertBase()),
      room.put('shallow.onnx', bertBase({ blocks: 10 })),
      'rpi4-ncnn',
    );
  }, 600_000);
  afterAll(() => room.remove());

  const open = async (name: keyof typeof files, fragment = ''): Promise<Page> => {
    const page = await browser.open(files[name], { fragment });
    // The picture is as large as the window: all of it is in sight.
    await page.locator('#workspace').evaluate((place) => place.scrollIntoView());
    return page;
  };

  test('tells what changed by sign and outline, and what runs on the CPU by name', async () => {
    const page = await open('detector');
    const neck = (await boxesOf(page)).find(({ label }) => label.startsWith('neck,'))!;
    expect(neck.label).toMatch(
      /^neck, 5 layers, Latency .* → .* ms, \d changed, on npu and cpu, a module, Enter opens it$/,
    );
    expect(neck.classes).toContain('box-changed');
    expect(await wordsBeside(page, 'neck,').locator('.sign').textContent()).toBe('≠');
    expect(await wordsBeside(page, 'neck,').locator('.unit-badge').textContent()).toBe('npu+cpu');
    expect(await wordsBeside(page, 'backbone,').locator('.sign').count()).toBe(0);
    await clickBox(page, 'neck,', { double: true });
    expect(await boxOf(page, '/neck/up1/Resize,').getAttribute('aria-label')).toContain('on cpu');
    expect(await page.locator('.wire-crossing').count()).toBeGreaterThan(1);
    await boxOf(page, '/neck/up1/Resize,').locator('.body').hover();
    await page.locator('.wire-label.is-near').first().waitFor();
    const labels = await page.locator('.wire-label.is-near').allTextContents();
    expect(
      labels.some((label) => /^\d+(×\d+)+ int8 ⇄$/.test(label)),
      labels.join(),
    ).toBe(true);
  });

  test('modules are opened and left: by mouse, by breadcrumbs, by keyboard', async () => {
    const page = await open('network');
    expect(await breadcrumbs(page)).toEqual(['whole model']);
    await clickBox(page, 'stage3,', { double: true });
    expect(await breadcrumbs(page)).toEqual(['whole model', 'stage3']);
    expect((await boxesOf(page)).map(({ label }) => label.split(',')[0])).toEqual(['block1', 'block2…10 ×9']);
    await page.locator('.graph-boxes').focus();
    await page.keyboard.press('ArrowDown');
    expect(await activeBox(page)).toMatch(/^block2…10 ×9, 36 layers/);
    await page.keyboard.press('Enter');
    expect(await breadcrumbs(page)).toEqual(['whole model', 'stage3', 'block2…10 ×9']);
    expect(await boxesOf(page)).toHaveLength(9);
    await page.keyboard.press('Backspace');
    expect(await breadcrumbs(page)).toEqual(['whole model', 'stage3']);
    expect(await activeBox(page)).toMatch(/^block2…10 ×9/);
    await page.getByRole('navigation', { name: 'Open module' }).getByRole('button', { name: 'whole model' }).click();
    expect(await breadcrumbs(page)).toEqual(['whole model']);
  });

  test('a transformer shows its repeated blocks once, and those that were removed', async () => {
    const page = await open('transformer');
    await clickBox(page, 'encoder,', { double: true });
    const labels = (await boxesOf(page)).map(({ label }) => label);
    expect(
      labels.some((label) => /×\d+, \d+ layers/.test(label)),
      labels.join('\n'),
    ).toBe(true);
    expect(labels.filter((label) => label.includes(' removed')).length, labels.join('\n')).toBeGreaterThan(0);
    expect((await boxesOf(page)).some(({ classes }) => classes.includes('box-removed'))).toBe(true);
  });

  test('layers whose weights nobody could compare are not called changed', async () => {
    const page = await open('transformer');
    expect(await boxOf(page, 'embeddings,').getAttribute('aria-label')).toContain('unchanged');
    await tool(page, 'Changed').click();
    expect((await namesInSight(page)).filter((name) => name.startsWith('/embeddings/'))).toEqual([]);
  });

  test('zooms, fits, is pushed, and the minimap goes along', async () => {
    const page = await open('network');
    const view = page.getByRole('group', { name: 'View of the graph' });
    const start = await scaleOf(page);
    await view.getByRole('button', { name: 'Zoom in' }).click();
    expect(await scaleOf(page)).toBeCloseTo(start * 1.25, 5);
    await view.getByRole('button', { name: 'Fit' }).click();
    const fitted = await scaleOf(page);
    expect(fitted).toBeLessThanOrEqual(1);
    const canvas = (await page.locator('.graph-boxes').boundingBox())!;
    for (const box of await page.locator('.graph-boxes .body').all()) {
      const place = (await box.boundingBox())!;
      expect(place.y).toBeGreaterThanOrEqual(canvas.y - 1);
      expect(place.y + place.height).toBeLessThanOrEqual(canvas.y + canvas.height + 1);
    }
    await page.locator('.graph-boxes').focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    const before = await placeOf(page, 'stage3,');
    const [x, y] = [canvas.x + 12, canvas.y + 12];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 40, { steps: 4 });
    await page.mouse.up();
    const after = await placeOf(page, 'stage3,');
    expect(after.x - before.x).toBeCloseTo(60, 0);
    expect(after.y - before.y).toBeCloseTo(40, 0);
    const seen = page.locator('.minimap .seen');
    const part = await seen.getAttribute('y');
    await page.locator('.minimap').scrollIntoViewIfNeeded();
    const map = (await page.locator('.minimap').boundingBox())!;
    await page.mouse.click(map.x + map.width / 2, map.y + map.height - 4);
    await expect.poll(() => seen.getAttribute('y')).not.toBe(part);
  });

  test('is coloured by a metric or its change, and tells the scale', async () => {
    const page = await open('network');
    await page.getByRole('combobox', { name: 'Metric' }).selectOption({ label: 'MACs' });
    await page.getByRole('combobox', { name: 'Colour by' }).selectOption({ label: 'its change' });
    const shades = (await boxesOf(page)).map(({ classes }) => classes.find((one) => /^(turn|shade)-/.test(one)));
    expect(shades.filter((shade) => shade === 'turn-more-3')).toHaveLength(1);
    expect(shades.filter((shade) => shade === 'turn-0').length).toBeGreaterThan(3);
    expect(await page.locator('.legend .scale').innerText()).toMatch(/^−6\.5\dM\s+\+6\.5\dM$/);
    await page.waitForURL(/graph/);
    await page.reload();
    await panelsOf(page);
    expect(await page.locator('.legend .scale').count()).toBe(1);
  });

  test('a card stays for each pinned layer', async () => {
    const page = await open('detector');
    await clickBox(page, '/Concat,');
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    const card = page.getByRole('list', { name: 'Pinned layers' }).getByRole('article');
    expect(await card.getByRole('heading').innerText()).toBe('/Concat');
    expect(await card.getByRole('row', { name: /^Latency/ }).innerText()).toContain('12.1 µs');
    await page.waitForURL(/graph/);
    await page.reload();
    await panelsOf(page);
    await card.getByRole('button', { name: /^Unpin/ }).click();
    await expect.poll(() => card.count()).toBe(0);
  });
});
