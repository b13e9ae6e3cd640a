/** What a reader sees in the table of layers, once the page has answered. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { settled } from './settled.ts';

export interface TableLine {
  readonly key: string;
  readonly level: number;
  /** The name cell as it is read out, cut names in one piece. */
  readonly name: string;
  readonly cells: Readonly<Record<string, string>>;
  readonly selected: boolean;
}

/** `Latency change`, as the list of columns has it; without the unit. */
export async function columnTitles(page: Page): Promise<readonly string[]> {
  await settled(page);
  return page.locator('.grid [role=columnheader]').evaluateAll((headers) =>
    headers.map((header) => {
      const title = header.querySelector('.title')!.textContent;
      const kind = header.querySelector('.unit')?.textContent.split(' · ')[0];
      return kind === undefined ? title : `${title} ${kind}`;
    }),
  );
}

/** Lines in sight and a few around them, from top to bottom. */
export async function linesInSight(page: Page): Promise<readonly TableLine[]> {
  const titles = await columnTitles(page);
  const lines = await page.locator('.grid .lines > [role=row]').evaluateAll((rows) =>
    rows
      .map((row) => ({
        top: row.getBoundingClientRect().top,
        key: row.getAttribute('data-key') ?? '',
        level: Number(row.getAttribute('aria-level')),
        name: row.querySelector('.cut-name')?.textContent ?? '',
        texts: [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent),
        selected: row.getAttribute('aria-selected') === 'true',
      }))
      .sort((a, b) => a.top - b.top),
  );
  return lines.map(({ texts, key, level, name, selected }) => {
    const cells = Object.fromEntries(titles.slice(1).map((title, index) => [title, texts[index] ?? '']));
    return { key, level, name, selected, cells };
  });
}

export async function namesInSight(page: Page): Promise<readonly string[]> {
  return (await linesInSight(page)).map(({ name }) => name);
}

/** How many lines the table has, in sight or not: the sums are counted behind them. */
export async function lineCount(page: Page): Promise<number> {
  await settled(page);
  return Number(await page.locator('.grid .sums [role=row]').first().getAttribute('aria-rowindex')) - 2;
}

/** `Selected`, `Shown`, `All`: their cells by the title of the column. */
export async function sumsOf(page: Page): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const titles = await columnTitles(page);
  const rows = await page.locator('.grid .sums [role=row]').evaluateAll((sums) =>
    sums.map((sum) => ({
      name: sum.querySelector('[role=rowheader]')!.textContent,
      texts: [...sum.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent),
    })),
  );
  return Object.fromEntries(
    rows.map(({ name, texts }) => [
      name.split(' ')[0]!,
      {
        rows: /\d+/.exec(name)?.[0] ?? '',
        ...Object.fromEntries(titles.slice(1).map((title, index) => [title, texts[index]!])),
      },
    ]),
  );
}

/** The line of a layer: the table is searched for it by its name. */
export function lineOf(page: Page, name: string): Locator {
  return page.locator('.grid .lines > .line.row').filter({ hasText: name }).first();
}

export async function searchFor(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox').first().fill(text);
}

/** A button of the table's own toolbar. */
export function tool(page: Page, name: string | RegExp): Locator {
  return page.getByRole('group', { name: 'Table', exact: true }).getByRole('button', { name });
}

/** What a click saves as a file. */
export async function downloaded(page: Page, click: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Of a file as RFC 4180 has it. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  expect(text.startsWith('\ufeff'), 'a mark for spreadsheets').toBe(true);
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|$)/gy;
  const lines: string[][] = [[]];
  const body = text.slice(1);
  while (cell.lastIndex < body.length) {
    const [, value, end] = cell.exec(body)!;
    lines.at(-1)!.push(value!.startsWith('"') ? value!.slice(1, -1).replaceAll('""', '"') : value!);
    if (end === '\r\n' && cell.lastIndex < body.length) lines.push([]);
  }
  return lines;
}
