// What-ifs in Chromium as a reader meets them: the page is opened, the panel shown, and edits are written into it one after
// the other. What passes from Enter until the answer is painted, and where: the words of the edit are read, the worker gets
// the question, answers it, the answer is copied, shown and painted. Pages in turn, each opened anew each round; medians.
// Elapsed, and beside it the processor time of the worker's and the page's threads, which neighbours on the machine hardly
// change. Judges nothing; where there is no Chromium it says so. `ROUNDS`: how many; `THOUGHT`: milliseconds from when the panel is
// shown until the first question; `TARGET`: index of the target.
//
//   npm run build && node bench/page-questions.mjs [layers]
//   npm run build && node bench/page-questions.mjs --html page.html [other.html]    pages that are there
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium.mjs';
import { madePage } from './made-page.mjs';
import { median } from './warm.mjs';

const rounds = Number(process.env.ROUNDS ?? 5);
const thoughtMilliseconds = Number(process.env.THOUGHT ?? 3000);
const target = Number(process.env.TARGET ?? 0);
const targets = ['rpi4-ncnn', 'github-runner-onnxruntime', 'ethos-u55-256'];
const nodesPerLayer = 1.75;
const patienceMilliseconds = 120_000;
/** `LAYER`: a layer in the middle of the network, `OTHER`: another one. */
const questions = [
  ...['int8', 'int8 on LAYER', 'w8', 'fp16', 'prune 0.5', 'palettize 4', 'w8 on LAYER', 'fp16 on OTHER'],
  ...['int8 on op:Conv; fp16', 'prune 0.3', 'int8 on top:10', 'w8 on top:7; fp16', 'int8 on OTHER', 'int8'],
];
const stages = ['read', 'until worker', 'worker', 'post', 'until page', 'copy', 'show', 'paint'];
const threads = { 'worker CPU': 'DedicatedWorker thread', 'page CPU': 'CrRendererMain' };
const traced = ['-*', '__metadata', 'blink.user_timing', 'toplevel'];

/** Runs in the page before anything else: notes when questions and answers pass. */
function watchWorkers() {
  const seen = [];
  globalThis.seenMessages = seen;
  const now = () => performance.timeOrigin + performance.now();
  const PlainWorker = globalThis.Worker;
  globalThis.Worker = function (...given) {
    const worker = new PlainWorker(...given);
    worker.addEventListener('message', (event) => {
      const at = now();
      const { data } = event;
      const message = { id: data.id, at, copied: now(), isAnswer: !('done' in data) };
      seen.push(message);
      // When what is done with it at once is through.
      setTimeout(() => (message.handled = now()));
    });
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message) => {
      if (message.question?.kind === 'whatIf') globalThis.lastQuestion = { id: message.id, at: now() };
      post(message);
    };
    return worker;
  };
}

/** Runs in the worker: notes the same there. */
function watchQuestions() {
  const now = () => performance.timeOrigin + performance.now();
  const [asked, post] = [self.onmessage, self.postMessage.bind(self)];
  self.timesById = new Map();
  self.onmessage = (event) => {
    self.timesById.set(event.data.id, { from: now() });
    asked(event);
  };
  self.postMessage = (message) => {
    const from = now();
    post(message);
    Object.assign(self.timesById.get(message.id), { to: from, posted: now() });
  };
}

/** In the page: from Enter until the frame is through that shows the answer. */
async function timeQuestion([index, words]) {
  const now = () => performance.timeOrigin + performance.now();
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const field = document.querySelector('.what-if-text textarea');
  field.value = words;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await frame();
  const [before, started] = [globalThis.lastQuestion?.id ?? 0, now()];
  performance.mark(`question ${index} from`);
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  const answer = () =>
    globalThis.lastQuestion?.id > before &&
    globalThis.seenMessages.find(({ id, isAnswer }) => isAnswer && id === globalThis.lastQuestion.id);
  while (!answer()?.handled) await new Promise((resolve) => setTimeout(resolve));
  await frame();
  performance.mark(`question ${index} to`);
  return { started, ...globalThis.lastQuestion, painted: now(), answer: answer() };
}

async function open(browser, file) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript(watchWorkers);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMilliseconds);
  await page.goto(`${pathToFileURL(file).href}#target=${target}`);
  await page.locator('.panel-graph .graph-boxes').waitFor();
  await page.waitForTimeout(500);
  return page;
}

/** Names of convolutions in the first lines of the table, as edits name them. */
async function layersOf(page) {
  const names = await page.locator('.grid .lines > [role=row]').allInnerTexts();
  const found = [...new Set(names.flatMap((words) => /[\w/.]*Conv[\w/.]*/.exec(words) ?? []))];
  return [found[3] ?? 'Conv_4', found[9] ?? 'Conv_12'];
}

function spans({ started, at, painted, answer }, { from, to, posted }) {
  const times = [started, at, from, to, posted, answer.at, answer.copied, answer.handled, painted];
  return times.slice(1).map((time, index) => Math.max(0, time - times[index]));
}

/** By index of the question, processor time of each thread in milliseconds. */
function processorTimes(trace) {
  const { traceEvents: events } = JSON.parse(trace.toString());
  const { pid } = events.find(({ name }) => name === 'question 0 from');
  const own = events.filter((event) => event.pid === pid);
  const at = (name) => own.find((event) => event.name === name).ts;
  const threadOf = new Map(own.filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, args.name]));
  const tasks = own.filter(({ name, tdur }) => name === 'ThreadControllerImpl::RunTask' && tdur !== undefined);
  return questions.map((_, index) => {
    const [from, to] = ['from', 'to'].map((end) => at(`question ${index} ${end}`));
    const inside = tasks.filter(({ ts, dur }) => ts + dur > from && ts < to);
    return Object.values(threads).map((thread) => {
      const ofThread = inside.filter(({ tid }) => threadOf.get(tid) === thread);
      return ofThread.reduce((sum, { tdur }) => sum + tdur / 1000, 0);
    });
  });
}

/** By question: its stages in milliseconds, and the processor time of each thread. */
async function session(browser, file) {
  const page = await open(browser, file);
  const layers = await layersOf(page);
  await page.getByRole('tab', { name: 'What if' }).click();
  while (page.workers().length === 0) await page.waitForTimeout(10);
  const [worker] = page.workers();
  await worker.evaluate(watchQuestions);
  await page.waitForTimeout(thoughtMilliseconds);
  const found = new Map();
  await browser.startTracing(page, { categories: traced });
  for (const [index, question] of questions.entries()) {
    const words = question.replace('LAYER', `"${layers[0]}"`).replace('OTHER', `"${layers[1]}"`);
    const times = await page.evaluate(timeQuestion, [index, words]);
    const inWorker = await worker.evaluate((id) => self.timesById.get(id), times.id);
    found.set(`${index + 1} ${question}`, spans(times, inWorker));
  }
  const ofThreads = processorTimes(await browser.stopTracing());
  await page.context().close();
  return new Map([...found].map(([name, own], index) => [name, { own, ofThreads: ofThreads[index] }]));
}

function print(file, sessions) {
  const cells = (values) => values.map((value) => value.padStart(13)).join('');
  console.log(`${basename(file)}, medians of ${sessions.length} in ms`);
  console.log(`  ${'question'.padEnd(28)}${cells([...Object.keys(threads), 'elapsed', ...stages])}`);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  for (const question of sessions[0].keys()) {
    const all = sessions.map((one) => one.get(question));
    const columns = all.map(({ own, ofThreads }) => [...ofThreads, sum(own), ...own]);
    const figures = columns[0].map((_, column) => median(columns.map((one) => one[column])));
    console.log(`  ${question.padEnd(28)}${cells(figures.map((value) => value.toFixed(1)))}`);
  }
}

async function main(args) {
  if (chromiumPath === undefined) return console.log('what-ifs in the page: no Chromium in PATH, left out');
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-bench-'));
  const browser = await chromium.launch({ executablePath: chromiumPath, timeout: patienceMilliseconds });
  try {
    const layers = Number(args[0] ?? 1000);
    const made = () => [madePage(folder, { name: 'page', nodes: Math.round(nodesPerLayer * layers), targets })];
    const files = args[0] === '--html' ? args.slice(1) : made();
    const sessions = new Map(files.map((file) => [file, []]));
    for (let round = 0; round < rounds; round++) {
      for (const file of files) sessions.get(file).push(await session(browser, file));
    }
    for (const [file, all] of sessions) print(file, all);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
