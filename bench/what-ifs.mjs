// What-ifs on a network of 1,000 layers, in one process that is warm: processor time of one edit re-simulated, and of the
// whole table of what a search tries per layer. Medians; the plain compile and simulate is measured in turn with them, so
// that the ratios hold on a busy machine. Judges nothing.
//
//   npm run build && node bench/what-ifs.mjs [layers]
import { existsSync, readFileSync } from 'node:fs';
import { residualModel } from './residual-model.mjs';

const library = new URL('../lib/index.js', import.meta.url);
const hardware = new URL('../hardware/', import.meta.url);
const rounds = 7;
const layers = Number(process.argv[2] ?? 1000);
const edits = ['int8', 'int8 on top:10', 'w8', 'fp16', 'prune 0.5', 'palettize 4'];

if (!existsSync(library)) throw new Error('lib/ is not there: npm run build');
const { bufferSource, chooseEdits, parseEdits, parseTarget, prepare, readModel, simulateSubject, whatIf, whatIfTable } =
  await import(library.href);

function targetOf(id) {
  const read = (path) => readFileSync(new URL(path, hardware), 'utf8');
  return parseTarget(read(`${id}.yml`), `hardware/${id}.yml`, (base) => read(`bases/${base}.yml`))[0];
}

/** Of the process, so that neighbours on the machine do not count. */
function milliseconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const bindings = { dims: new Map(), inputs: new Map() };
const sources = new Map([['', bufferSource(residualModel(layers))]]);
const subject = { prepared: prepare(readModel(sources, 'residual.onnx'), bindings), bindings };

for (const id of ['rpi4-ncnn', 'github-runner-onnxruntime']) {
  const target = targetOf(id);
  const base = simulateSubject(subject, target);
  const works = [
    ['plain', () => simulateSubject(subject, target)],
    ...edits.map((text) => [text, () => whatIf(subject, base, chooseEdits(parseEdits(text), base))]),
    ['table of 6 edits', () => whatIfTable(subject, base, ['int8', 'w8', 'w4', 'fp16', 'prune 0.25', 'prune 0.5'])],
  ].map(([name, work]) => ({ name, work, times: [] }));
  for (const { work } of works) work();
  for (let round = 0; round < rounds; round++) for (const { work, times } of works) times.push(milliseconds(work));
  const plain = median(works[0].times);
  for (const { name, times } of works) {
    const own = median(times);
    console.log(`${id.padEnd(28)}${name.padEnd(20)}${own.toFixed(0).padStart(6)} ms   ${(own / plain).toFixed(1)}x`);
  }
}
