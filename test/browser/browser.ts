/** Report pages, opened from disk as a reader opens them; whatever goes wrong in one, or leaves it, fails its test. */
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { settled } from './settled.ts';

/** Other tests share the machine. */
const patienceMilliseconds = 180_000;

const longestProblem = 600;

export interface Opening extends Pick<
  BrowserContextOptions,
  'colorScheme' | 'forcedColors' | 'reducedMotion' | 'viewport'
> {
  /** Of the address, without its `#`. */
  readonly fragment?: string;
  /** Runs in the page before anything else does. */
  readonly first?: string;
}

export interface ReportBrowser {
  /** Shows the page and waits until its panels stand. */
  readonly open: (file: string, opening?: Opening) => Promise<Page>;
}

/** One browser for the tests around it. */
export function useBrowser(): ReportBrowser {
  let browser: Browser | undefined;
  let problems: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath!, timeout: 2 * patienceMilliseconds });
  }, 2 * patienceMilliseconds);
  afterEach(async () => {
    const found = problems;
    problems = [];
    for (const context of browser!.contexts()) await context.close();
    expect([...new Set(found)], 'errors of the page, and requests that leave it').toEqual([]);
  }, patienceMilliseconds);
  afterAll(() => browser?.close(), patienceMilliseconds);
  return {
    open: async (file, { fragment = '', first, ...options } = {}) => {
      const context = await browser!.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      if (first !== undefined) await context.addInitScript(first);
      const page = await context.newPage();
      page.setDefaultTimeout(patienceMilliseconds);
      const address = pathToFileURL(file).href;
      watch(page, address, (problem) => problems.push(problem.slice(0, longestProblem)));
      await page.goto(fragment === '' ? address : `${address}#${fragment}`);
      await panelsOf(page);
      return page;
    },
  };
}

/** Waits for the panels, and until they stand. */
export async function panelsOf(page: Page): Promise<void> {
  await page.locator('#workspace .panel').first().waitFor();
  // Pictures come once the table was painted; until then their panel has a heading alone.
  await page.locator('#workspace .panel:not(:has(> :not(.off-screen)))').first().waitFor({ state: 'detached' });
  await settled(page);
}

function watch(page: Page, address: string, tell: (problem: string) => void): void {
  page.on('pageerror', (error) => tell(`error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) tell(`${message.type()}: ${message.text()}`);
  });
  page.on('crash', () => tell('the page crashed'));
  page.context().on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== address && !/^(data|blob):/.test(url)) tell(`request: ${url}`);
  });
}
