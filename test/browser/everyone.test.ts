/** The page for everyone: by the rules of axe-core, on narrow screens, in light and dark, without motion, on paper. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { panelsOf, useBrowser, type Opening } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { settled } from './settled.ts';
import { lineOf, searchFor, tool } from './table-reader.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const phone = { width: 390, height: 844 };
/** As a window of 1280 pixels at 400%. */
const zoomed = { width: 320, height: 256 };

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds, in a line each. */
async function violationsIn(page: Page): Promise<readonly string[]> {
  await settled(page);
  const violations = await page.evaluate(async (tags) => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: Violation[] }> };
    };
    return (await checker.run({ runOnly: { type: 'tag', values: tags } })).violations;
  }, rules);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`),
  );
}

async function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

describeInBrowser('the page for everyone', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;
  let panels: readonly string[];

  beforeAll(async () => {
    room = openWorkroom();
    const detector = (name: string): string => join(fixtures, `detector-${name}.onnx`);
    const config = 'budgets:\n  - metric: latency\n    max: 1 ms\n  - metric: peak-memory\n    max: 10 MiB\n';
    file = await room
      .diff({ base: detector('nearest'), head: detector('cubic'), targets: 'ethos-u55-256', config })
      .page();
  }, 600_000);
  afterAll(() => room.remove());

  const open = (opening: Opening = {}): Promise<Page> => browser.open(file, { ...opening, first: axe });
  const tabs = (page: Page) => page.getByRole('tab');

  test.each([
    ['light', 'wide'],
    ['dark', 'wide'],
    ['light', 'narrow'],
    ['dark', 'narrow'],
  ] as const)(
    'axe finds nothing in %s and %s, whichever panel is shown',
    async (colorScheme, width) => {
      const page = await open({
        ...{ colorScheme, fragment: 'focus=7&rows=7-9&edits=int8' },
        ...(width === 'narrow' ? { viewport: phone } : {}),
      });
      // With a what-if: what it adds to each panel is looked at too.
      await page
        .getByRole('columnheader', { name: /edited/ })
        .first()
        .waitFor();
      panels = await tabs(page).allInnerTexts();
      for (const panel of panels) {
        await page.getByRole('tab', { name: panel, exact: true }).click();
        await page.getByRole('tabpanel', { name: panel, exact: true }).waitFor();
        await page.waitForFunction(() =>
          document.querySelector('.panel canvas, .panel pre, .panel table, .panel svg, .panel [role=row], .panel form'),
        );
        expect(await violationsIn(page), panel).toEqual([]);
      }
    },
    240_000,
  );

  test('axe finds nothing in open menus', async () => {
    const page = await open();
    for (const name of ['Filter rows', 'Choose columns', 'Saved analyses']) {
      await page.getByRole('button', { name }).click();
      expect(await violationsIn(page), name).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await page.getByText('How this was computed').click();
    await tool(page, 'Changed').click();
    await searchFor(page, 'nothing');
    expect(await violationsIn(page)).toEqual([]);
  });

  test.each([phone, zoomed])('at $width pixels nothing is wider than the window', async (viewport) => {
    const page = await open({ viewport, fragment: 'focus=7&rows=7-9' });
    for (const panel of await tabs(page).allInnerTexts()) {
      await page.getByRole('tab', { name: panel, exact: true }).click();
      await page.getByRole('tabpanel', { name: panel, exact: true }).waitFor();
      await settled(page);
      expect(await widthOf(page), panel).toBeLessThanOrEqual(viewport.width);
    }
    await page.getByRole('tab', { name: 'Table', exact: true }).click();
    await tool(page, 'Filter').click();
    await settled(page);
    const menu = (await page.locator('.popover:popover-open').boundingBox())!;
    expect(menu.x).toBeGreaterThanOrEqual(0);
    expect(menu.x + menu.width).toBeLessThanOrEqual(viewport.width);
    await page.keyboard.press('Escape');
    await lineOf(page, '/neck/up1/Resize').click();
    await settled(page);
    expect(await widthOf(page)).toBeLessThanOrEqual(viewport.width);
  });

  test('the theme follows the system until somebody chooses, and is remembered', async () => {
    const page = await open({ colorScheme: 'dark' });
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(ground).not.toBe(dark);
    const light = await ground();
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('dark');
    await expect.poll(ground).toBe(dark);
    await page.reload();
    await panelsOf(page);
    expect(await ground()).toBe(dark);
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('auto');
    await expect.poll(ground).toBe(light);
  });

  test('who wants no motion gets none', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          const still = transitionDuration.split(',').every((one) => parseFloat(one) === 0);
          return !still || animationName !== 'none' || scrollBehavior === 'smooth';
        }).length,
    );
    expect(moving).toBe(0);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('in colours of the reader, what is chosen, open and large is told by those', async () => {
    const page = await open({ forcedColors: 'active', fragment: 'focus=7&rows=7' });
    const groundOf = (selector: string): Promise<string> =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(await groundOf('.lines > .line.chosen-all')).not.toBe(await groundOf('.lines > .line.chosen-none'));
    expect(await groundOf('[role=tab][aria-selected=true]')).not.toBe(
      await groundOf('[role=tab][aria-selected=false]'),
    );
    expect(await groundOf('.line.chosen-none .bar')).not.toBe(await groundOf('body'));
    expect(await violationsIn(page)).toEqual([]);
  });

  test('on paper there are all rows and no buttons, in black on white', async () => {
    const page = await open({ colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await expect.poll(() => page.locator('.grid .lines > [role=row]').count()).toBe(25);
    expect(await page.locator('.toolbar, .top-bar, .right-side').first().isVisible()).toBe(false);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await page.locator('.grid-scroller').evaluate((place) => place.scrollHeight <= place.clientHeight + 1)).toBe(
      true,
    );
    const pdf = await page.pdf();
    expect(pdf.subarray(0, 4).toString()).toBe('%PDF');
  });

  test('paper that is narrower than the window takes nothing of the panels away', async () => {
    const page = await open();
    const grid = await page.evaluateHandle(() => document.querySelector('.grid')!);
    await page.evaluate(() => {
      // The page hears of the paper's width in this moment, too.
      matchMedia('(min-width: 60rem)').addEventListener('change', ({ matches }) => {
        const style = document.querySelector('.grid')!.getAttribute('style');
        if (!matches) Object.assign(globalThis, { printedStyle: style });
      });
    });
    await page.pdf({ format: 'A4' });
    await settled(page);
    expect(await grid.evaluate((place) => place.isConnected)).toBe(true);
    expect(await page.evaluate(() => (globalThis as { printedStyle?: string }).printedStyle)).toContain('23rem');
  });

  test('the keyboard reaches everything in a sensible order, and skips to the panels', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the panels');
    const seen: string[] = [];
    while (!seen.includes('')) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(() => {
          const element = document.activeElement ?? document.body;
          // Behind the last one comes the browser itself.
          if (element === document.body) return '';
          const { outlineStyle, boxShadow } = getComputedStyle(element);
          const words =
            element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? element.textContent;
          const name = `${element.tagName} ${words.slice(0, 40)}`;
          return outlineStyle === 'none' && boxShadow === 'none' ? `no focus ring on ${name}` : name;
        }),
      );
    }
    expect(seen.filter((name) => name.startsWith('no focus ring'))).toEqual([]);
    const order = ['Copy link', 'Changed', 'CSV', 'Width of the table', 'Fit'].map((words) =>
      seen.findIndex((name) => name.endsWith(` ${words}`)),
    );
    expect(order, seen.join('\n')).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });
});
