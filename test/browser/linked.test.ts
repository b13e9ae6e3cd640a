/** One pull request of three models on two targets: what one panel chooses the others show, and a link brings it back. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enterRepository, type TemporaryRepository } from '../cli/repository.ts';
import { panelsOf, useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { command } from './command-line.ts';
import { activeBox, boxesOf, boxOf, breadcrumbs, clickBox } from './graph-reader.ts';
import { bertBase, residualNetwork } from './networks.ts';
import { settled } from './settled.ts';
import { downloaded, lineCount, lineOf, linesInSight, searchFor, sumsOf, tool } from './table-reader.ts';

describeInBrowser('the linked panels', () => {
  const browser = useBrowser();
  let repository: TemporaryRepository;
  let file: string;

  beforeAll(async () => {
    repository = enterRepository();
    const { put, copy, commit, folder } = repository;
    put('.github/model-budget.yml', 'targets: [ethos-u55-256, rpi4-ncnn]\n');
    put('models/bert.onnx', bertBase());
    put('models/classifier.onnx', residualNetwork());
    copy('detector-nearest.onnx', 'models/detector.onnx');
    commit();
    put('models/bert.onnx', bertBase({ blocks: 10 }));
    put('models/classifier.onnx', residualNetwork([4, 4, 6, 4, 4]));
    copy('detector-cubic.onnx', 'models/detector.onnx');
    commit();
    file = `${folder}/.git/report.html`;
    await command('diff', 'HEAD~1', 'HEAD', '--format', 'html', '--output', file);
  }, 600_000);
  afterAll(() => repository.remove());

  const choose = async (page: Page, label: string, option: RegExp): Promise<void> => {
    const picker = page.getByRole('combobox', { name: label, exact: true });
    const text = (await picker.locator('option').allInnerTexts()).find((one) => option.test(one))!;
    await picker.selectOption({ label: text });
  };
  const detector = async (): Promise<Page> => {
    const page = await browser.open(file);
    await choose(page, 'Model', /detector/);
    return page;
  };
  const titleOfDetails = async (page: Page): Promise<string> => {
    await settled(page);
    return page.locator('.panel-details .details-title').innerText();
  };

  test('every model and every target has its own layers', async () => {
    const page = await browser.open(file);
    expect(await page.getByRole('combobox', { name: 'Model', exact: true }).locator('option').count()).toBe(3);
    for (const [model, layer] of [
      ['bert', '/encoder/layer.0/attention/self/Softmax'],
      ['classifier', '/head/Gemm'],
      ['detector', '/Concat_1'],
    ] as const) {
      await choose(page, 'Model', new RegExp(model));
      const units = [];
      for (const target of [/ethos-u55-256/, /rpi4-ncnn/]) {
        await choose(page, 'Target', target);
        await searchFor(page, layer);
        units.push((await linesInSight(page))[0]!.cells.Unit);
        await searchFor(page, '');
      }
      expect(units, model).toEqual(['npu', 'cpu']);
      expect(await page.locator('.model-line').innerText()).toContain(`models/${model}.onnx`);
    }
  });

  test('a row chosen in the table is shown by the graph and told by the details', async () => {
    const page = await detector();
    await lineOf(page, '/neck/up1/Resize').click();
    expect(await titleOfDetails(page)).toBe('/neck/up1/Resize');
    expect(await breadcrumbs(page)).toEqual(['whole model', 'neck']);
    expect(await activeBox(page)).toContain('/neck/up1/Resize');
    expect((await boxesOf(page)).filter(({ selected }) => selected)).toHaveLength(1);
    await lineOf(page, '/neck/up1/Resize').hover();
    await expect.poll(() => boxOf(page, '/neck/up1/Resize').getAttribute('class')).toContain('is-pointed');
  });

  test('boxes chosen in the graph are selected in the table, a module with all that is in it', async () => {
    const page = await detector();
    await page.locator('#workspace').evaluate((place) => place.scrollIntoView());
    await clickBox(page, '/Concat,');
    expect((await linesInSight(page)).filter(({ selected }) => selected).map(({ name }) => name)).toEqual(['/Concat']);
    expect(await titleOfDetails(page)).toBe('/Concat');
    await clickBox(page, 'neck,', { modifier: 'Control' });
    expect((await sumsOf(page)).Selected!.rows).toBe('6');
    await clickBox(page, 'neck,', { modifier: 'Control' });
    expect((await sumsOf(page)).Selected!.rows).toBe('1');
  });

  test('a link brings back what was chosen, and another model or target', async () => {
    const page = await detector();
    await choose(page, 'Target', /rpi4-ncnn/);
    await tool(page, 'Changed').click();
    await page.getByRole('columnheader', { name: /^Operator/ }).click();
    await lineOf(page, '/neck/up1/Resize').click();
    await page.getByRole('tab', { name: 'Target' }).click();
    await page.waitForURL(/model=\d.*target=\d.*sort=.*rows=.*panels=target/);
    const shown = await linesInSight(page);
    const other = await browser.open(file, { fragment: new URL(page.url()).hash.slice(1) });
    expect(await linesInSight(other)).toEqual(shown);
    expect(await other.getByRole('tab', { name: 'Target' }).getAttribute('aria-selected')).toBe('true');
    await other.getByRole('tab', { name: 'Details' }).click();
    expect(await titleOfDetails(other)).toBe('/neck/up1/Resize');
    await page.reload();
    await panelsOf(page);
    expect(await linesInSight(page)).toEqual(shown);
  });

  test.each([
    'model=99&target=-1&rows=0-999999999&focus=12345&sort=%2Bnothing&open=5-1&parts=x&panels=nowhere%20<script>',
    'where=latency-head<%3Cscript%3E&where=<<<&columns=%25E0%25A4%25A&op=%00&graph.={"module":"/nowhere/","pins":[-1,1e9,"x"]}',
    'graph.=[1,2&charts.={"kind":"no"}&__proto__.={"polluted":true}&constructor.=1&what-if.=%7B%7D&edits=%F0%9F%98%80%20on%20*',
    `search=${'a'.repeat(50_000)}`,
    '%',
  ])('a link that says nonsense is harmless: %#', async (fragment) => {
    const page = await browser.open(file, { fragment });
    expect(await lineCount(page)).toBeGreaterThanOrEqual(0);
    expect(await page.evaluate(() => (({}) as Record<string, unknown>).polluted)).toBeUndefined();
    await page.locator('.graph-boxes [role=option]').first().waitFor();
    const chart = page.getByRole('tab', { name: 'Charts' });
    if ((await chart.count()) > 0) await chart.click();
  });

  test('analyses are saved under a name, loaded, handed on as files', async () => {
    const page = await detector();
    await lineOf(page, '/neck/Add').click();
    await page.getByRole('button', { name: 'Saved analyses' }).click();
    const menu = page.locator('.saved-menu');
    await menu.getByRole('textbox').fill('the <b>Add</b>');
    await menu.getByRole('button', { name: 'Save', exact: true }).click();
    const { name, bytes } = await downloaded(page, () => menu.getByRole('button', { name: /^Export/ }).click());
    expect(name).toBe('analysis.json');
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({
      schema: 'model-budget/analysis@1',
      name: 'the <b>Add</b>',
    });
    await page.keyboard.press('Escape');
    await lineOf(page, '/neck/up1/Resize').click();
    await page.reload();
    await panelsOf(page);
    await page.getByRole('button', { name: 'Saved analyses' }).click();
    await menu.getByRole('button', { name: 'the <b>Add</b>', exact: true }).click();
    await menu.getByText('Loaded the <b>Add</b>').waitFor();
    expect(await titleOfDetails(page)).toBe('/neck/Add');
    await menu.getByRole('button', { name: /^Delete/ }).click();
    await expect.poll(() => menu.getByRole('listitem').count()).toBe(0);
    const given = { name: 'given.json', mimeType: 'application/json', buffer: bytes };
    await menu.getByLabel('Load from a file').setInputFiles(given);
    await menu.getByRole('listitem').waitFor();
    await menu.getByLabel('Load from a file').setInputFiles({ ...given, buffer: Buffer.from('{}') });
    await menu.getByText('this is no saved analysis').waitFor();
  });

  test('the details tell attributes, tiles and tensors of a layer, the target where its numbers are from', async () => {
    const page = await detector();
    await lineOf(page, '/neck/up1/Resize').click();
    const panel = page.locator('.panel-details');
    await panel
      .getByText(/confidence/)
      .first()
      .waitFor();
    expect(await panel.innerText()).toMatch(/Match\s+.*confidence/);
    expect(await panel.getByRole('row', { name: /^Latency/ }).innerText()).toMatch(/17\.3 µs\s+1\.75 ms/);
    expect(await panel.getByRole('row', { name: /^Unit npu/ }).innerText()).toMatch(/npu\s+cpu\s+differs/);
    await panel.getByText('nearest').first().waitFor();
    await panel.getByText('cubic').first().waitFor();
    await lineOf(page, '/neck/smooth/Conv').click();
    await panel.getByText('kernel_shape').first().waitFor();
    await page.getByRole('tab', { name: 'Target' }).click();
    const text = await page.getByLabel('The numbers of the target and their sources').innerText();
    expect(text.length).toBeGreaterThan(500);
    expect(text).toContain('ethos-u55-256');
    expect(text).toContain('status datasheet');
  });

  test('what the page is made of can be read back', () => {
    expect(readFileSync(file, 'utf8')).not.toMatch(/src=|href=/);
  });
});
