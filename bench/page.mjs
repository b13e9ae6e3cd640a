// The report page in Chromium, opened from disk: what passes until something is seen, until the table has its first rows and
// until the panels beside it are there, and how long sort, filter and what-if take from a click to what is painted.
// The smallest of a few rounds, since whatever else runs on the machine only adds. Judges nothing; where there is no
// Chromium it says so. `CHROMIUM` names one that is not in PATH, `ROUNDS` how many rounds.
//
//   npm run build && node bench/page.mjs [layers ...]
//   npm run build && node bench/page.mjs --html page.html [other.html]    pages that are there, in turn
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium.mjs';
import { madePage } from './made-page.mjs';

const rounds = Number(process.env.ROUNDS ?? 5);
const usual = [150, 1000, 20_000];
/** The network's convolutions take their activations along on this target. */
const [targets, nodesPerLayer] = [['rpi4-ncnn'], 1.75];
/** What takes longer is not asked again and again. */
const longMilliseconds = 2000;
const patienceMilliseconds = 120_000;
/** From when the panel is opened to the first edit: the page may prepare meanwhile. */
const thoughtMilliseconds = 2000;

/** Runs in the page before anything else: notes when things are there, counted from when the page was asked for. */
function watchOpening() {
  const seen = {};
  globalThis.openingTimes = seen;
  const places = { rows: '.grid .lines > [role=row]', panels: '.panel-graph .graph-boxes' };
  const look = () => {
    for (const [name, selector] of Object.entries(places)) {
      if (!(name in seen) && document.querySelector(selector) !== null) seen[name] = performance.now();
    }
    if (Object.keys(seen).length < Object.keys(places).length) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function open(browser, file) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript(watchOpening);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMilliseconds);
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => 'rows' in globalThis.openingTimes && 'panels' in globalThis.openingTimes);
  const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
  await page.waitForFunction(paint);
  const times = await page.evaluate(() => globalThis.openingTimes);
  return { page, context, opening: { 'first paint': await page.evaluate(paint), ...times } };
}

/** In the page: from the event until the frame is through that shows what came of it. */
async function timeAct({ act, words }) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const firstLine = () => document.querySelector('.grid .lines > [role=row]')?.textContent;
  const isAsking = () => document.querySelector('.what-if-result')?.getAttribute('aria-busy') !== 'false';
  const acts = {
    sort: () => [...document.querySelectorAll('.grid [role=columnheader] button')].at(words).click(),
    filter: () => {
      const field = document.querySelector('input[type=search]');
      field.value = words;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
    'what-if': () => {
      location.hash = `panels=what-if&edits=${encodeURIComponent(words)}`;
    },
  };
  await frame();
  const before = performance.now();
  const line = firstLine();
  acts[act]();
  do await frame();
  while (act === 'what-if' ? isAsking() : act === 'sort' && firstLine() === line && performance.now() < before + 1000);
  return performance.now() - before;
}

/** Each what-if asks something else than the one before. */
async function actTimes(page) {
  const times = {};
  const note = async (name, given) => {
    const own = await page.evaluate(timeAct, given);
    times[name] = Math.min(times[name] ?? Infinity, own);
  };
  const columns = await page.locator('.grid [role=columnheader] button').count();
  for (let round = 0; round < rounds; round++) {
    await note('sort', { act: 'sort', words: round % 2 === 0 ? 0 : Math.min(3, columns - 1) });
    await note('filter', { act: 'filter', words: '*7*' });
    await page.evaluate(timeAct, { act: 'filter', words: '' });
  }
  await page.evaluate(() => void (location.hash = 'panels=what-if'));
  await page.waitForTimeout(thoughtMilliseconds);
  await note('first what-if', { act: 'what-if', words: 'w8' });
  await page.evaluate(timeAct, { act: 'what-if', words: 'int8' });
  for (let round = 0; round < (times['first what-if'] > longMilliseconds ? 1 : rounds); round++) {
    for (const edits of ['w8', 'int8']) await note(`what-if ${edits}`, { act: 'what-if', words: edits });
  }
  return times;
}

/** Pages in turn, so that a machine that slows down slows all of them. */
async function benchmark(browser, pages) {
  const smallest = new Map(pages.map((page) => [page, {}]));
  const note = (file, times) => {
    const known = smallest.get(file);
    for (const [name, time] of Object.entries(times)) known[name] = Math.min(known[name] ?? Infinity, time);
  };
  for (let round = 0; round < rounds; round++) {
    for (const file of pages) {
      const { page, context, opening } = await open(browser, file);
      note(file, opening);
      if (round === 0) note(file, await actTimes(page));
      await context.close();
    }
  }
  for (const [file, times] of smallest) {
    console.log(`${basename(file)}, ${(statSync(file).size / 1e6).toFixed(2)} MB`);
    for (const [name, time] of Object.entries(times))
      console.log(`  ${name.padEnd(16)}${time.toFixed(0).padStart(8)} ms`);
  }
}

async function main(args) {
  if (chromiumPath === undefined) return console.log('report page: no Chromium in PATH, left out');
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-bench-'));
  const browser = await chromium.launch({ executablePath: chromiumPath, timeout: patienceMilliseconds });
  try {
    const made = () =>
      (args.length > 0 ? args.map(Number) : usual).map((layers) =>
        madePage(folder, { name: `${layers} layers`, nodes: Math.round(nodesPerLayer * layers), targets }),
      );
    await benchmark(browser, args[0] === '--html' ? args.slice(1) : made());
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
