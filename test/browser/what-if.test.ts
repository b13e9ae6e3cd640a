/** What-ifs in the page: composed, listed, answered, searched for, handed on, and to the digit those of the command line. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OptimizeDocument } from '../../src/report/optimize-document.ts';
import { adviceBlocks } from '../../src/report/optimize-text.ts';
import { printMarkdown } from '../../src/report/print-markdown.ts';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { settled } from './settled.ts';
import { boxesOf } from './graph-reader.ts';
import { columnTitles, lineOf, linesInSight, sumsOf } from './table-reader.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/models', name);
const head = fixture('detector-cubic.onnx');
const target = 'rpi4-ncnn';
/** Missed as it is; 8 bits meet both. */
const budgets = 'budgets:\n  - metric: latency\n    max: 2 ms\n  - metric: size\n    max: 150 kB\n';

/** Keeps what the worker is asked and what it says, as it says it. */
const listening = `globalThis.answers = [];
globalThis.questions = [];
globalThis.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', ({ data }) => globalThis.answers.push(data.answer));
  }
  postMessage(message) {
    globalThis.questions.push(message.question ?? {});
    super.postMessage(message);
  }
};`;

/** As on a phone. */
const byFinger = `globalThis.matchMedia = ((plain) => (query) => plain(query.replace('(pointer: coarse)', 'all')))(matchMedia);`;

/** What a rare edit costs weights is not in the page, which has none. */
function withoutErrors({ model: _, budgets, layers, suggestions, ...document }: OptimizeDocument): object {
  return {
    ...document,
    budgets: budgets.map(({ base: __, ...budget }) => budget),
    layers: layers.map(({ sqnrReason: __, ...layer }) => ({ ...layer, sqnrDecibels: null })),
    suggestions: suggestions.map((one) => ({ ...one, sqnrDecibels: null })),
  };
}

describeInBrowser('a what-if', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;
  let config: string;

  beforeAll(async () => {
    room = openWorkroom();
    config = room.put('budgets.yml', budgets);
    file = await room.diff({ base: fixture('detector-nearest.onnx'), head, targets: target, config: budgets }).page();
  }, 600_000);
  afterAll(() => room.remove());

  const open = (edits = ''): Promise<Page> =>
    browser.open(file, { fragment: `panels=what-if&edits=${encodeURIComponent(edits)}`, first: listening });
  const panel = (page: Page): Locator => page.getByRole('tabpanel', { name: 'What if' });
  const composer = (page: Page): Locator => panel(page).getByRole('form', { name: 'Add an edit' });
  const result = (page: Page): Locator => panel(page).getByRole('region', { name: 'Result' });
  const list = (page: Page): Locator => panel(page).getByRole('list', { name: /^Edits, in the order/ });
  /** To what was asked last, not to what is still shown. */
  const answered = async (page: Page): Promise<void> => {
    await result(page).and(page.locator('[aria-busy="false"]')).getByRole('table').first().waitFor();
    await settled(page);
  };
  const sentence = (page: Page): Locator => result(page).getByRole('status');
  const addEdit = async (page: Page, edit: string, on: RegExp): Promise<void> => {
    const form = composer(page);
    await form.getByRole('combobox', { name: 'Edit' }).selectOption(edit);
    const ways = form.getByRole('combobox', { name: 'on', exact: true });
    const way = (await ways.locator('option').allInnerTexts()).find((words) => on.test(words))!;
    await ways.selectOption({ label: way });
    await form.getByRole('button', { name: 'Add' }).click();
  };
  const onCommandLine = async (...args: readonly string[]): Promise<OptimizeDocument> =>
    JSON.parse(
      await room.output('optimize', head, '--target', target, '--config', config, '--format', 'json', ...args),
    ) as OptimizeDocument;
  /** Of the questions with such an answer, the last one's. */
  const documentOf = (page: Page): Promise<OptimizeDocument> =>
    page.evaluate(() => {
      const { answers } = globalThis as unknown as {
        answers: (undefined | { readonly document?: OptimizeDocument })[];
      };
      return JSON.parse(JSON.stringify(answers.findLast((one) => one?.document !== undefined)!.document)) as never;
    });
  /** Edits that were answered, or are being answered, before anybody asked. */
  const rehearsed = (page: Page): Promise<readonly string[]> =>
    page.evaluate(() => {
      const { questions } = globalThis as unknown as {
        questions: readonly { readonly kind: string; readonly edits?: string }[];
      };
      return questions.flatMap(({ kind, edits }) => (kind === 'rehearse' ? [edits ?? ''] : []));
    });
  /** The page names the model as the report does, and budgets may allow more than the base has: the command line has none. */
  const alike = ({ model: _, budgets: judged, ...document }: OptimizeDocument) => ({
    ...document,
    budgets: judged.map(({ base: __, ...budget }) => budget),
  });

  test('of the whole model, then of chosen layers, answers in digits of the command line', async () => {
    const page = await open();
    await addEdit(page, 'int8', /whole model/);
    await answered(page);
    await expect.poll(() => list(page).getByRole('listitem').count()).toBe(1);
    expect(alike(await documentOf(page))).toEqual(alike(await onCommandLine('--apply', 'int8')));
    await lineOf(page, '/backbone/stage3/down/Conv').click();
    await lineOf(page, '/backbone/stage2/down/Conv').click({ modifiers: ['Control'] });
    await panel(page).getByRole('checkbox', { name: /^int8/ }).uncheck();
    await addEdit(page, 'fp16', /selected layers \(2 rows\)/);
    await expect.poll(() => sentence(page).innerText()).toMatch(/^2 layers edited: latency/);
    const document = await documentOf(page);
    expect(document.layers.map(({ name }) => name).toSorted()).toEqual([
      ...['/backbone/stage2/down/Conv', '/backbone/stage3/down/Conv'],
    ]);
    expect(alike(document)).toEqual(alike(await onCommandLine('--apply', document.edits!)));
  });

  test('is rehearsed when the panel is open, what is chosen first, and answered as without', async () => {
    const page = await open();
    await expect.poll(() => rehearsed(page)).toContain('w8');
    const form = composer(page);
    await form.getByRole('combobox', { name: 'Edit' }).selectOption('palettize');
    await form.getByLabel('value').fill('2');
    await expect.poll(() => rehearsed(page)).toContain('palettize 2');
    const before = (await rehearsed(page)).length;
    await form.getByRole('button', { name: 'Add' }).click();
    await answered(page);
    expect(withoutErrors(await documentOf(page))).toEqual(withoutErrors(await onCommandLine('--apply', 'palettize 2')));
    const text = panel(page).getByRole('textbox', { name: 'All edits as a text' });
    await text.fill('palettize 2; fp16 on  top:4');
    await expect.poll(async () => (await rehearsed(page)).slice(before)).toContain('palettize 2; fp16 on top:4');
    await text.press('Enter');
    await page.waitForURL(/fp16/);
    await answered(page);
    expect(withoutErrors(await documentOf(page))).toEqual(
      withoutErrors(await onCommandLine('--apply', 'palettize 2; fp16 on top:4')),
    );
  });

  test('is not rehearsed where another panel is open, nor where a finger has touched nothing in it', async () => {
    const elsewhere = await browser.open(file, { first: listening });
    const page = await browser.open(file, { fragment: 'panels=what-if', first: `${listening}\n${byFinger}` });
    await page.waitForTimeout(1000);
    expect([...(await rehearsed(elsewhere)), ...(await rehearsed(page))]).toEqual([]);
    await composer(page).getByRole('combobox', { name: 'Edit' }).focus();
    await expect.poll(() => rehearsed(page)).toContain('int8');
  });

  test('tells totals, budgets, weight errors and the memory over time as the command line does', async () => {
    const page = await open('int8');
    await answered(page);
    const document = await onCommandLine('--apply', 'int8');
    const expected = printMarkdown(adviceBlocks(document, 'markdown'));
    await result(page).getByText('23 edited layers').click();
    const rows = (await result(page).locator('.block-table tr').all()).map((row) =>
      row.locator('th, td').allTextContents(),
    );
    const shown = (await Promise.all(rows)).map((cells) => cells.map(plain).filter(Boolean));
    const printed = expected.split('\n').filter((line) => line.startsWith('| ') && !/^\| :?-/.test(line));
    const asPrinted = printed.map((line) => line.slice(1, -1).split(' | ').map(plain).filter(Boolean));
    expect(shown).toEqual(asPrinted);
    expect(shown.some((cells) => cells.at(-1) === '48.1 dB')).toBe(true);
    expect(await result(page).getByRole('listitem').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/Latency passes: .*budget.*2 ms/) as string]),
    );
    const memory = result(page).getByRole('img', { name: /^Peak of dram: 3\.51 MiB → 2\.58 MiB/ });
    expect(await memory.locator('path').count()).toBe(2);
  });

  test('is a list in which edits are moved, switched off and removed, and a text', async () => {
    const page = await open('palettize 4 on top:2; int8');
    const texts = async (): Promise<string[]> =>
      (await list(page).getByRole('listitem').locator('label').allInnerTexts()).map(plain);
    await expect.poll(texts).toEqual(['palettize 4 on top:2', 'int8']);
    const text = panel(page).getByRole('textbox', { name: 'All edits as a text' });
    await list(page).getByRole('button', { name: 'Down: palettize 4 on top:2' }).click();
    await expect.poll(() => text.inputValue()).toBe('int8; palettize 4 on top:2');
    await list(page).getByRole('checkbox', { name: /^int8/ }).uncheck();
    await expect.poll(() => text.inputValue()).toBe('palettize 4 on top:2');
    await list(page).getByRole('button', { name: 'Remove: palettize 4 on top:2' }).click();
    await expect.poll(texts).toEqual(['int8']);
    await text.fill('int9');
    await panel(page).getByText(/int9/).last().waitFor();
    await text.fill('fp16  on "/head1/box/Conv"');
    await text.press('Enter');
    await expect.poll(texts).toEqual(['fp16 on /head1/box/Conv']);
    await answered(page);
    await text.fill('');
    await text.press('Enter');
    await expect.poll(() => result(page).getByRole('table').count()).toBe(0);
  });

  test('is shared by a link, an edit that is off with it, and refuses what makes no sense in a line', async () => {
    const page = await open('int8');
    await addEdit(page, 'fp16', /slowest layers/);
    await list(page).getByRole('checkbox', { name: /^int8/ }).uncheck();
    await page.waitForURL(/edits=fp16/);
    await answered(page);
    const told = await result(page).innerText();
    const other = await browser.open(file, { fragment: new URL(page.url()).hash.slice(1) });
    await answered(other);
    await expect.poll(() => result(other).innerText()).toBe(told);
    expect(await list(other).getByRole('checkbox').count()).toBe(2);
    expect(await list(other).getByRole('checkbox', { name: /^int8/ }).isChecked()).toBe(false);
    const wrong = await open('resize nothing:1x1');
    await result(wrong).locator('.problem').waitFor();
    expect(await result(wrong).innerText()).toContain('nothing');
    await composer(wrong).getByRole('combobox', { name: 'Edit' }).selectOption('palettize');
    await composer(wrong).getByLabel('value').fill('5');
    await composer(wrong).getByRole('button', { name: 'Add' }).click();
    await composer(wrong).getByRole('alert').waitFor();
  });

  test('has columns in the table, which add up to its totals, and colours in the graph', async () => {
    const page = await open('int8');
    await answered(page);
    const document = await documentOf(page);
    const titles = await columnTitles(page);
    expect(titles).toEqual(expect.arrayContaining(['Latency edited', 'Latency edit change']));
    const microseconds = (text = ''): number => Number(text.replace('\u2212', '-').replace(/^[+~]/, ''));
    const { All: all, New: brought } = await sumsOf(page);
    expect(microseconds(all!['Latency edited']) / 1e6).toBeCloseTo(document.head.latencySeconds, 7);
    const lines = await linesInSight(page);
    const effects = lines.map(({ cells }) => microseconds(cells['Latency edit change']));
    const sum = effects.reduce(
      (total, effect) => total + effect,
      microseconds(brought?.['Latency edit change'] ?? '0'),
    );
    expect(sum).toBeCloseTo(microseconds(all!['Latency edit change']), 6);
    for (const { cells } of lines) {
      const [now, edited] = [cells['Latency head'], cells['Latency edited']].map(microseconds);
      expect(now! + microseconds(cells['Latency edit change'])).toBeCloseTo(edited!, 6);
    }
    await page
      .getByRole('columnheader', { name: /edit change/ })
      .getByRole('button')
      .click();
    const sizes = (await linesInSight(page)).map(({ cells }) => Math.abs(microseconds(cells['Latency edit change'])));
    expect(sizes.slice(0, 10)).toEqual(sizes.toSorted((a, b) => b - a).slice(0, 10));
    await page.getByRole('tab', { name: 'Graph' }).click();
    await page.getByRole('combobox', { name: 'Colour by' }).selectOption({ label: 'the what-if' });
    const boxes = await boxesOf(page);
    expect(boxes.filter(({ classes }) => classes.some((name) => name.startsWith('turn-less'))).length).toBeGreaterThan(
      2,
    );
    expect(boxes.every(({ label }) => label.includes('Latency under the what-if'))).toBe(true);
    await page.getByRole('tab', { name: 'What if' }).click();
    await list(page).getByRole('checkbox').uncheck();
    await expect.poll(() => columnTitles(page)).toEqual(titles.filter((title) => !title.includes('edit')));
  });

  test('is handed on as a slash command and as a command line that answers the same', async () => {
    const page = await open('fp16 on "/backbone/*"');
    await answered(page);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = async (name: string): Promise<string> => {
      await result(page).getByRole('button', { name }).click();
      await page.getByRole('status').getByText('copied').first().waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('Copy: In a comment')).toMatch(
      /^\/simulate fp16 on "\/backbone\/\*" model=\S*detector-cubic\.onnx target=rpi4-ncnn$/,
    );
    await page.getByRole('status').getByText('copied').first().waitFor({ state: 'hidden' });
    const line = await copied('Copy: On the command line');
    const [, edits] = /^npx model-budget@\S+ optimize \S+detector-cubic\.onnx --apply '([^']+)' --target \S+$/.exec(
      line,
    )!;
    expect(alike(await documentOf(page))).toEqual(alike(await onCommandLine('--apply', edits!)));
  });

  test('is found: what meets the budgets is what the command line finds, and is used by a click', async () => {
    const page = await open();
    const search = panel(page).getByRole('region', { name: 'Search' });
    await search.getByRole('button', { name: 'Search' }).click();
    await search.getByRole('status').getByRole('button').first().waitFor();
    const found = await documentOf(page);
    expect(withoutErrors(found)).toEqual(withoutErrors(await onCommandLine('--search')));
    expect(found.budgets.every(({ verdict }) => verdict === 'pass')).toBe(true);
    await search.getByRole('status').getByRole('button').first().click();
    await answered(page);
    expect(await sentence(page).innerText()).toContain(`${String(found.layers.length)} layer`);
    const listed = await list(page).getByRole('listitem').locator('label').allInnerTexts();
    expect(listed.map(plain).join('; ')).toBe(found.edits);
  });
});

const plain = (text: string): string =>
  text
    .replace(/\\([<>~*_|])/g, '$1')
    .replace(/[`*]|&nbsp;|\u2066|\u2069|\u2068/g, '')
    .replace(/\s+/g, ' ')
    .trim();
