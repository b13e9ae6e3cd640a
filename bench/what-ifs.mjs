// What-ifs on a network of 1,000 layers, in one process that is warm: one edit made anew, the same one on a model that it
// was made on before (a list of edits grows at its end, and goes from target to target), one that was simulated before
// (edits are switched off and on), and the whole table of what a search tries per layer. Medians of the time on the clock,
// which is what a user waits, and of that of the processors, in which the engine's helper threads count too (garbage,
// optimized code). The plain compile and simulate is measured in turn with them, so that the ratios hold on a busy machine.
// Judges nothing.
//
//   npm run build && node bench/what-ifs.mjs [layers]
import { residualModel } from './residual-model.mjs';
import { library, median, milliseconds, preparedOf, targetOf } from './warm.mjs';

const { chooseEdits, parseEdits, simulateSubject, whatIf, whatIfTable } = library;
const rounds = 15;
const layers = Number(process.argv[2] ?? 1000);
const edits = ['int8', 'int8 on top:10', 'w8', 'fp16', 'prune 0.5', 'palettize 4'];

const bindings = { dims: new Map(), inputs: new Map() };
const subject = { prepared: preparedOf(residualModel(layers), 'residual.onnx'), bindings };

/** What is asked on another target is simulated, wherever the edit was made. */
const elsewhere = ({ schedule, ...base }) => ({ ...base, schedule: { ...schedule, target: { ...schedule.target } } });

function timed(work) {
  const start = performance.now();
  const processors = milliseconds(work);
  return { clock: performance.now() - start, processors };
}

const medianOf = (kind, times) => median(times.map((each) => each[kind]));

console.log('time on the clock (of the processors), in so many times that of the plain compile and simulate');
for (const id of ['rpi4-ncnn', 'github-runner-onnxruntime']) {
  const target = targetOf(id);
  const base = simulateSubject(subject, target);
  const chosen = (text) => chooseEdits(parseEdits(text), base);
  // Edits are remembered by their keys.
  const unknown = (text) => chosen(text).map(({ edit, selects }) => ({ edit, selects }));
  const works = [
    ['plain', () => simulateSubject(subject, target)],
    ...edits.flatMap((text) => [
      [text, () => whatIf(subject, base, unknown(text))],
      [`${text}, known`, () => whatIf(subject, elsewhere(base), chosen(text))],
      [`${text}, again`, () => whatIf(subject, base, chosen(text))],
    ]),
    ['table of 6 edits', () => whatIfTable(subject, base, ['int8', 'w8', 'w4', 'fp16', 'prune 0.25', 'prune 0.5'])],
  ].map(([name, work]) => ({ name, work, times: [] }));
  for (const { work } of works) for (let round = 0; round < 10; round++) work();
  for (let round = 0; round < rounds; round++) for (const { work, times } of works) times.push(timed(work));
  const plain = medianOf('clock', works[0].times);
  for (const { name, times } of works) {
    const clock = medianOf('clock', times);
    const cells = [id.padEnd(28), name.padEnd(24), `${clock.toFixed(0).padStart(6)} ms`];
    const processors = `(${medianOf('processors', times).toFixed(0)})`.padStart(8);
    console.log(`${cells.join('')}${processors}   ${(clock / plain).toFixed(1)}x`);
  }
}
