/** The table of layers, used as a reader uses it: a network of 150 convolutions with one stage widened. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report, TargetReport } from '../../src/report/report.ts';
import { rowStatus } from '../../src/report/viewer/rows/row-status.ts';
import { facets } from '../../src/report/viewer/table/facets.ts';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { residualNetwork } from './networks.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import {
  columnTitles,
  downloaded,
  lineCount,
  lineOf,
  linesInSight,
  namesInSight,
  parseCsv,
  searchFor,
  sumsOf,
  tool,
} from './table-reader.ts';

/** As the page prints them: a real minus. */
const number = (text = ''): number => Number(text.replace('\u2212', '-').replace(/[+~ ]/g, '').replace(/^max/, ''));

/** A word that tells some of the changed rows from the others, and those rows. */
function tellingWord({ layers }: TargetReport): {
  readonly title: string;
  readonly word: string;
  readonly rows: number;
} {
  const changed = layers.filter((row) => rowStatus(row) !== 'same');
  for (const { name, title, valuesOf } of facets) {
    if (name === 'changed') continue;
    for (const word of new Set(changed.flatMap(valuesOf))) {
      const rows = changed.filter((row) => valuesOf(row).includes(word)).length;
      if (rows < changed.length) return { title, word, rows };
    }
  }
  throw new Error('all changed rows are alike');
}

describeInBrowser('the table', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;
  let report: Report;
  let target: TargetReport;

  beforeAll(async () => {
    room = openWorkroom();
    const diff = room.diff({
      base: room.put('base.onnx', residualNetwork()),
      head: room.put('head.onnx', residualNetwork([4, 4, 6, 4, 4])),
      targets: 'rpi4-ncnn',
    });
    [file, report] = [await diff.page(), await diff.report()];
    target = report.models[0]!.targets[0]!;
  }, 600_000);
  afterAll(() => room.remove());

  const open = async (fragment = ''): Promise<Page> => browser.open(file, { fragment });
  const header = (page: Page, title: RegExp) => page.getByRole('columnheader', { name: title }).getByRole('button');
  const latencyOf = (name: string): number =>
    target.layers.find(({ head }) => head[0]?.name === name)!.head.reduce((sum, one) => sum + one.latencySeconds, 0);

  test('begins with the largest changes, and sorts by any column: by size, falling, rising, not at all', async () => {
    const page = await open();
    expect(await columnTitles(page)).toEqual([
      'Layer',
      'Operator',
      'Unit',
      'Latency base',
      'Latency head',
      'Latency change',
      'Latency share',
      'Change',
      'Why',
    ]);
    const changes = async (): Promise<number[]> =>
      (await linesInSight(page)).map(({ cells }) => number(cells['Latency change']));
    const first = (await changes()).map(Math.abs);
    expect(first[0]).toBeGreaterThan(10);
    expect(first).toEqual(first.toSorted((a, b) => b - a));
    const change = header(page, /Latency change/);
    await change.click();
    const falling = await changes();
    expect(falling).toEqual(falling.toSorted((a, b) => b - a));
    expect(await page.locator('[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await change.click();
    const rising = await changes();
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    await change.click();
    expect(await page.locator('[aria-sort]').count()).toBe(0);
    expect((await namesInSight(page)).slice(0, 2)).toEqual(['/stem/Conv', '/stage1/block1/expand/Conv']);
    await header(page, /^Layer/).click();
    const names = await namesInSight(page);
    expect(names).toEqual(names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
  });

  test('search takes parts of names, operators and globs; the sums say how much is shown', async () => {
    const page = await open();
    const rows = await lineCount(page);
    expect(rows).toBe(target.layers.length);
    await searchFor(page, 'STAGE3/block4/');
    const names = await namesInSight(page);
    expect(names.length).toBeGreaterThan(2);
    expect(names.every((name) => name.startsWith('/stage3/block4/'))).toBe(true);
    expect((await sumsOf(page)).Shown!.rows).toBe(String(names.length));
    const last = await page.locator('.grid .sums [role=row]').last().getAttribute('aria-rowindex');
    expect(await page.locator('.grid').getAttribute('aria-rowcount')).toBe(last);
    await searchFor(page, '/stage*/block1/expand/*');
    expect((await namesInSight(page)).toSorted()).toEqual(
      [1, 2, 3, 4, 5].map((stage) => `/stage${String(stage)}/block1/expand/Conv`),
    );
    await searchFor(page, 'gemm');
    expect(await namesInSight(page)).toEqual(['/head/Gemm']);
    await searchFor(page, 'nothing has this name');
    await page.getByText('No layer passes the filters.').waitFor();
    await page.getByRole('button', { name: 'Clear all' }).click();
    expect(await lineCount(page)).toBe(rows);
  });

  test('filters by what layers are and by their numbers, and takes each filter away again', async () => {
    const page = await open();
    const rows = await lineCount(page);
    await tool(page, 'Changed').click();
    const changed = await lineCount(page);
    expect(changed).toBeGreaterThan(20);
    expect(changed).toBeLessThan(40);
    await tool(page, 'Filter').click();
    const menu = page.locator('.filter-menu');
    const { title, word, rows: told } = tellingWord(target);
    const group = menu.getByRole('group', { name: title });
    await group.getByRole('checkbox', { name: new RegExp(`^${word}\\b`) }).check();
    expect(await lineCount(page)).toBe(told);
    await menu.getByRole('textbox', { name: 'Value' }).fill('very much');
    await menu.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('alert').getByText('very much').waitFor();
    await menu.getByRole('combobox', { name: 'Column' }).selectOption({ label: 'Latency head' });
    await menu.getByRole('textbox', { name: 'Value' }).fill('1 s');
    await menu.getByRole('button', { name: 'Add' }).click();
    await page.getByText('No layer passes the filters.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Latency head > 1\.00 s \(remove\)/ }).click();
    expect(await lineCount(page)).toBe(told);
    await page.getByRole('button', { name: 'Clear all' }).click();
    expect(await lineCount(page)).toBe(rows);
    expect(await tool(page, 'Changed').getAttribute('aria-pressed')).toBe('false');
  });

  test('columns are chosen, and keep their order', async () => {
    const page = await open();
    await tool(page, 'Columns').click();
    const menu = page.locator('.column-menu');
    await menu.getByRole('group', { name: 'Layer' }).getByRole('checkbox', { name: 'Why' }).uncheck();
    await menu.getByRole('group', { name: 'MACs' }).getByRole('checkbox', { name: 'head' }).check();
    await menu.getByRole('group', { name: 'Layer' }).getByRole('checkbox', { name: 'Output shape' }).check();
    await page.keyboard.press('Escape');
    expect((await columnTitles(page)).slice(0, 4)).toEqual(['Layer', 'Change', 'Operator', 'Unit']);
    expect(await columnTitles(page)).toContain('MACs head');
    await searchFor(page, '/head/Gemm');
    expect((await linesInSight(page))[0]!.cells['Output shape']).toBe('1×10');
    await page.waitForURL(/columns=/);
    await tool(page, 'Columns').click();
    await page.getByRole('button', { name: 'Back to the usual' }).click();
    expect(await columnTitles(page)).toHaveLength(9);
  });

  test('rows stand under modules that add up to them, open and closed', async () => {
    const page = await open('sort=%2Border');
    await tool(page, 'Modules').click();
    const outer = await linesInSight(page);
    expect(outer.length).toBeLessThan(12);
    const sum = outer.reduce((all, { cells }) => all + number(cells['Latency head']), 0);
    expect(sum).toBeCloseTo(number((await sumsOf(page)).All!['Latency head']), 6);
    const stage = outer.find(({ name }) => name.startsWith('stage3'))!;
    await page.locator(`[data-key="${stage.key}"] .twisty`).click();
    const inner = (await linesInSight(page)).filter(({ level }) => level === 2);
    const parts = inner.reduce((all, { cells }) => all + number(cells['Latency change']), 0);
    expect(parts).toBeCloseTo(number(stage.cells['Latency change']), 6);
    await page.getByRole('button', { name: 'Expand all' }).click();
    expect(await lineCount(page)).toBeGreaterThan(target.layers.length);
    await page.getByRole('button', { name: 'Collapse all' }).click();
    expect(await lineCount(page)).toBe(outer.length);
  });

  test('a fused layer shows the nodes that it is made of', async () => {
    const page = await open();
    await searchFor(page, '/stage3/block4/expand/');
    await lineOf(page, '/expand/Conv').locator('.twisty').click();
    expect(await namesInSight(page)).toEqual([
      ...['/stage3/block4/expand/Conv', '/stage3/block4/expand/Conv', '/stage3/block4/expand/Relu'],
    ]);
    await tool(page, 'Nodes').click();
    expect(await lineCount(page)).toBe(1);
  });

  test('the selection is summed, as far as it is printed', async () => {
    const page = await open();
    await searchFor(page, '/stage*/block1/expand/*');
    await lineOf(page, '/stage1/').click();
    await lineOf(page, '/stage3/').click({ modifiers: ['Control'] });
    expect((await linesInSight(page)).filter(({ selected }) => selected).map(({ name }) => name.slice(0, 7))).toEqual(
      expect.arrayContaining(['/stage1', '/stage3']),
    );
    const lines = (await linesInSight(page)).filter(({ selected }) => selected);
    const { Selected: selected } = await sumsOf(page);
    expect(selected!.rows).toBe('2');
    const printed = lines.reduce((sum, { cells }) => sum + number(cells['Latency head']), 0);
    expect(printed).toBeCloseTo(number(selected!['Latency head']), 6);
    const seconds = latencyOf('/stage1/block1/expand/Conv') + latencyOf('/stage3/block1/expand/Conv');
    expect(number(selected!['Latency head']) / 1e6).toBeCloseTo(seconds, 6);
    await lineOf(page, '/stage5/').click({ modifiers: ['Shift'] });
    expect(Number((await sumsOf(page)).Selected!.rows)).toBeGreaterThan(1);
  });

  test('the CSV file holds the numbers of the report, and what is copied is the selection', async () => {
    const page = await open();
    const { name, bytes } = await downloaded(page, () => tool(page, 'CSV').click());
    expect(name).toBe('layers.csv');
    const [titles, ...lines] = parseCsv(bytes.toString('utf8'));
    expect(lines).toHaveLength(target.layers.length);
    const [layer, head] = [titles!.indexOf('Layer'), titles!.indexOf('Latency head (s)')];
    for (const line of lines.filter((one) => one[layer]!.endsWith('/Conv'))) {
      expect(Number(line[head])).toBe(latencyOf(line[layer]!));
    }
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await searchFor(page, '/head/Gemm');
    await lineOf(page, '/head/Gemm').click();
    await tool(page, 'Copy').click();
    await page.getByRole('status').getByText('1 row', { exact: false }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text.split('\n')[1]!.split('\t')[0]).toBe('/head/Gemm');
  });

  test('a key that leads nowhere takes no focus away from where one goes next', async () => {
    const page = await open();
    await page.locator('.grid .lines > [role=row]').first().focus();
    for (const key of ['ArrowUp', 'Escape']) await page.keyboard.press(key);
    await page.getByRole('searchbox').first().focus();
    for (const letter of 'stage3') {
      await page.keyboard.press(letter);
      await linesInSight(page);
    }
    expect(await page.getByRole('searchbox').first().inputValue()).toBe('stage3');
  });

  test('works by keyboard alone', async () => {
    const page = await open('sort=%2Border&modules=on');
    await page.locator('.grid .lines [role=row][tabindex="0"]').focus();
    const focusIsOn = (name: string | RegExp, level = '1') =>
      page.locator(`.grid .lines [aria-level="${level}"]:focus`).filter({ hasText: name }).waitFor();
    await page.keyboard.press('End');
    await focusIsOn('file overhead');
    await page.keyboard.press('Home');
    await focusIsOn('/stem/Conv');
    await page.keyboard.type('stage3');
    await focusIsOn('stage3');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await focusIsOn(/block1/, '2');
    await page.keyboard.press('ArrowLeft');
    await focusIsOn('stage3');
    await page.keyboard.press(' ');
    expect(Number((await sumsOf(page)).Selected!.rows)).toBe(39);
    await page.keyboard.press('Escape');
    expect((await sumsOf(page)).Selected).toBeUndefined();
    await page.keyboard.press('Control+a');
    expect(Number((await sumsOf(page)).Selected!.rows)).toBe(target.layers.length);
  });
});
