/** A model written by somebody who means harm, in a file whose name does too: nothing of it comes alive, all of it can be read. */
import onnxProto from 'onnx-proto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { panelsOf, useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { boxesOf } from './graph-reader.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { settled } from './settled.ts';
import { downloaded, lineCount, linesInSight, searchFor, tool } from './table-reader.ts';
import { createStructure, type Structure } from './structure.ts';

const long = 'ten_thousand_'.repeat(800).slice(0, 10_000);
const names = [
  '<script>globalThis.hacked = 1</script>',
  '<img src=x onerror="globalThis.hacked = 2">',
  '"><svg onload=globalThis.hacked=3>',
  '</script></pre></style><h1>taken over</h1>',
  `'";--\`\${globalThis.hacked = 4}\``,
  'javascript:globalThis.hacked=5',
  '\u202egnp.exe\u2066 \u200b\u0000\u0007\u001b[31m',
  'יהוה/طبقة/層/𝕏🙂',
  `e${'\u0301'.repeat(400)}`,
  '__proto__',
  'constructor',
  'toString',
  '=HYPERLINK("http://e.vil","x")',
  '{{7*7}} %s %n $& $1',
  '/a'.repeat(300),
  ' \t\r\n ',
  long,
];
const fileName = `<img src=x onerror='globalThis.hacked=6'>"&quot;\u202e${'n'.repeat(80)}.onnx`;

/** A chain of layers of these names; each in a scope of another hostile name as well. */
function hostileModel(channels: number): Uint8Array {
  const graph: Structure = createStructure('random');
  let tensor = graph.input('<b>in</b>', [1, channels, 16, 16]);
  names.forEach((name, index) => {
    const scoped = index % 3 === 1 ? `/${names[(index + 1) % names.length]!}/${name}` : name;
    const weight = graph.weight(`${name}.weight`, [channels, channels, 3, 3]);
    tensor = graph.node({
      ...{ op: 'Conv', name: scoped, inputs: [tensor, weight] },
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], '<i>x</i>': index },
    });
  });
  graph.output(tensor, [1, channels, 16, 16]);
  return withForeignNode(graph.encode(17));
}

/** An operator that nobody knows, whose name is no better. */
function withForeignNode(bytes: Uint8Array): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  const model = ModelProto.decode(bytes);
  const [input] = model.graph!.node!;
  model.graph!.node!.push({
    ...{ opType: '<u onclick=1>Op</u>', domain: 'e.vil"><script>', name: 'foreign' },
    ...{ input: [input!.output![0]!], output: ['foreign.output'], docString: '<script>globalThis.hacked=7</script>' },
  });
  return ModelProto.encode(model).finish();
}

describeInBrowser('a hostile model', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;

  beforeAll(async () => {
    room = openWorkroom();
    const config = 'budgets:\n  - metric: latency\n    max: 1 µs\n';
    const [base, head] = [room.put('base.onnx', hostileModel(8)), room.put(fileName, hostileModel(12))];
    file = await room.diff({ base, head, targets: 'rpi4-ncnn', config }).page();
  }, 600_000);
  afterAll(() => room.remove());

  /** No more elements than the page makes itself, nothing run, nothing wider than the window. */
  const expectInert = async (page: Page, where: string): Promise<void> => {
    await settled(page);
    const found = await page.evaluate(() => ({
      hacked: (globalThis as { hacked?: unknown }).hacked,
      alive: document.querySelectorAll('#page :is(script, img, iframe, object, embed, base, meta, link, u, i, b)')
        .length,
      handlers: [...document.querySelectorAll('#page *')].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith('on')),
      ).length,
      links: [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')),
      headings: document.querySelectorAll('h1').length,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      polluted: Object.keys(Object.prototype).length,
    }));
    expect(found, where).toEqual({
      ...{ hacked: undefined, alive: 0, handlers: 0, links: ['#workspace'] },
      ...{ headings: 1, overflow: 0, polluted: 0 },
    });
  };

  test.each([1280, 390])('is inert and readable in every panel at %i pixels', async (width) => {
    const page = await browser.open(file, { viewport: { width, height: 900 } });
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('<img src=x');
    await expectInert(page, 'at first');
    for (const panel of await page.getByRole('tab').allInnerTexts()) {
      await page.getByRole('tab', { name: panel, exact: true }).click();
      await page.getByRole('tabpanel', { name: panel, exact: true }).waitFor();
      await expectInert(page, panel);
    }
  });

  test('names are text: whole in the table and the details, one line each', async () => {
    const page = await browser.open(file, { fragment: 'sort=%2Border' });
    const shown = (await linesInSight(page)).map(({ name }) => name);
    expect(shown).toContain('<script>globalThis.hacked = 1</script>');
    expect(shown).toContain('__proto__');
    expect(shown).toContain('(unnamed)');
    expect(shown.some((name) => /[\u0000-\u001f\u202e\u200b\u2066]/.test(name))).toBe(false);
    for (const line of await page.locator('.grid .lines > [role=row]').all()) {
      expect((await line.boundingBox())!.height).toBeLessThan(40);
      await line.click({ position: { x: 60, y: 10 } });
      await page.locator('.panel-details .details-title').waitFor();
    }
    await expectInert(page, 'details of every layer');
    const title = (await page.locator('.details-title').boundingBox())!;
    expect(title.width).toBeLessThan(640);
  });

  test('names are found, filtered by, saved and handed on as what they are', async () => {
    const page = await browser.open(file);
    await searchFor(page, '<script>');
    expect(await lineCount(page)).toBeGreaterThan(0);
    await searchFor(page, '');
    const { bytes } = await downloaded(page, () => tool(page, 'CSV').click());
    expect(bytes.toString('utf8')).toContain(`"'=HYPERLINK(""http://e.vil"",""x"")"`);
    await tool(page, 'Filter').click();
    await tool(page, 'Filter').click();
    await page.getByRole('button', { name: 'Saved analyses' }).click();
    const menu = page.locator('.saved-menu');
    await menu.getByRole('textbox').fill('<img src=x onerror=globalThis.hacked=8>');
    await menu.getByRole('button', { name: 'Save', exact: true }).click();
    await menu.getByRole('button', { name: '<img src=x onerror=globalThis.hacked=8>', exact: true }).click();
    await expectInert(page, 'saved');
    await page.reload();
    await panelsOf(page);
    await expectInert(page, 'loaded again');
  });

  test('the graph tells every box in one line, and goes into modules of any name', async () => {
    const page = await browser.open(file);
    const boxes = await boxesOf(page);
    expect(boxes.length).toBeGreaterThan(3);
    expect(boxes.every(({ label }) => label.length < 400)).toBe(true);
    await page.locator('.graph-boxes').focus();
    for (let depth = 0; depth < 4; depth++) {
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowDown');
    }
    await expectInert(page, 'graph');
    await page.goto(`${page.url().split('#')[0]!}#graph.=${encodeURIComponent('{"module":"__proto__"}')}`);
    await page.locator('.graph-boxes [role=option]').first().waitFor();
  });

  test('charts draw such names, on the screen, as a table and as pictures', async () => {
    const page = await browser.open(file, { fragment: 'panels=charts' });
    const chart = page.getByRole('figure');
    await chart
      .locator('canvas')
      .first()
      .hover({ position: { x: 400, y: 120 } });
    await chart.getByRole('button', { name: 'Data as a table' }).click();
    const svg = await downloaded(page, () => chart.getByRole('button', { name: 'Save as SVG' }).click());
    const reader = await page.context().newPage();
    const alive = await reader.evaluate((text) => {
      const picture = new DOMParser().parseFromString(text, 'image/svg+xml');
      return picture.querySelectorAll('parsererror, script, img, foreignObject').length;
    }, svg.bytes.toString('utf8'));
    expect(alive).toBe(0);
    await expectInert(page, 'charts');
  });
});
