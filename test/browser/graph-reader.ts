/** What a reader sees in the graph of the compiled model, once it stands. */
import type { Locator, Page } from 'playwright-core';
import { settled } from './settled.ts';

export interface GraphBox {
  /** What a screen reader says of it. */
  readonly label: string;
  readonly classes: readonly string[];
  readonly selected: boolean;
}

export async function boxesOf(page: Page): Promise<readonly GraphBox[]> {
  await settled(page);
  return page.locator('.graph-boxes [role=option]').evaluateAll((boxes) =>
    boxes.map((box) => ({
      label: box.getAttribute('aria-label') ?? '',
      classes: [...box.classList],
      selected: box.getAttribute('aria-selected') === 'true',
    })),
  );
}

type Place = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** Its name as it is read out begins with these words. */
export function boxOf(page: Page, name: string): Locator {
  return page.locator(`.graph-boxes [role=option][aria-label^="${name}"]`).first();
}

/** What the picture writes on that box. */
export function wordsBeside(page: Page, name: string): Locator {
  return boxOf(page, name).locator('xpath=following-sibling::*[1]');
}

/** The box at which the keyboard is. */
export async function activeBox(page: Page): Promise<string> {
  await settled(page);
  const id = (await page.locator('.graph-boxes').getAttribute('aria-activedescendant')) ?? '';
  return (await page.locator(`#${id}`).getAttribute('aria-label')) ?? '';
}

export async function breadcrumbs(page: Page): Promise<readonly string[]> {
  await settled(page);
  return page.locator('.breadcrumbs li').allInnerTexts();
}

/** In the middle of a box, wherever the picture is pushed to. */
export async function clickBox(page: Page, name: string, options: { double?: boolean; modifier?: 'Control' } = {}) {
  const { x, y, width, height } = await placeOf(page, name);
  const [left, top] = [x + width / 3, y + height / 2];
  if (options.modifier !== undefined) await page.keyboard.down(options.modifier);
  await (options.double === true ? page.mouse.dblclick(left, top) : page.mouse.click(left, top));
  if (options.modifier !== undefined) await page.keyboard.up(options.modifier);
  await settled(page);
}

/** Where its body is in the window. */
export async function placeOf(page: Page, name: string): Promise<Place> {
  await settled(page);
  return (await boxOf(page, name).locator('.body').boundingBox())!;
}

/** How large the picture is drawn. */
export async function scaleOf(page: Page): Promise<number> {
  await settled(page);
  const transform = await page.locator('.graph-boxes svg > g').getAttribute('transform');
  return Number(/scale\(([\d.e-]+)\)/.exec(transform ?? '')![1]);
}
