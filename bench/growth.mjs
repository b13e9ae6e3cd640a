// How compiling and simulating grow with a network's layers, for one target: medians at 250, 1,000 and 4,000 layers, and
// the exponent between neighbours (1: twice the layers, twice the time). After a few rounds, as one who asks a handful
// of times waits, and after many. The time on the clock is what a user waits; beside it that of the processors, in which
// the engine's helper threads count too (garbage, optimized code). Each size has a thread of its own, so that none is
// warm from the others' rounds; once they are warm they take turns, so that a machine that slows down slows all of them.
// Judges nothing.
//
//   npm run build && node bench/growth.mjs [target ...]
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { residualModel } from './residual-model.mjs';
import { library, median, milliseconds, preparedOf, targetOf } from './warm.mjs';

const sizes = [250, 1000, 4000];
const fewRounds = 5;
const manyRounds = 25;
const measuredRounds = 5;
const usual = [
  ...['rpi4-ncnn', 'rpi4-xnnpack', 'github-runner-onnxruntime'],
  ...['ethos-u55-256', 'ethos-u65-256', 'ethos-u85-256'],
];

/** In a thread: as many rounds as it is asked for. */
function answer({ id, layers }) {
  const { compile, simulate } = library;
  const prepared = preparedOf(residualModel(layers), `${layers} layers`);
  const target = targetOf(id);
  parentPort.on('message', (count) => {
    const rounds = Array.from({ length: count }, () => {
      const start = performance.now();
      const processors = milliseconds(() => simulate(compile(prepared, target)));
      return { clock: performance.now() - start, processors };
    });
    parentPort.postMessage(rounds);
  });
}

function networkOf(id, layers) {
  return { layers, worker: new Worker(fileURLToPath(import.meta.url), { workerData: { id, layers } }), rounds: [] };
}

async function run({ worker, rounds }, count) {
  worker.postMessage(count);
  const [made] = await once(worker, 'message');
  rounds.push(...made);
}

async function measure(id) {
  const networks = sizes.map((layers) => networkOf(id, layers));
  for (const network of networks) await run(network, fewRounds + measuredRounds);
  print(id, `after ${fewRounds}`, networks, fewRounds);
  for (let round = fewRounds + measuredRounds; round < manyRounds + measuredRounds; round++) {
    for (const network of networks) await run(network, 1);
  }
  print('', `after ${manyRounds}`, networks, manyRounds);
  for (const { worker } of networks) await worker.terminate();
}

function print(id, when, networks, first) {
  const medianOf = ({ rounds }, kind) =>
    median(rounds.slice(first, first + measuredRounds).map((round) => round[kind]));
  const clocks = networks.map((network) => medianOf(network, 'clock'));
  const cells = networks.map((network, index) => {
    return `${network.layers}: ${clocks[index].toFixed(1)} ms (${medianOf(network, 'processors').toFixed(1)})`;
  });
  const exponents = clocks.slice(1).map((own, index) => {
    const times = networks[index + 1].layers / networks[index].layers;
    return (Math.log(own / clocks[index]) / Math.log(times)).toFixed(2);
  });
  const columns = [id.padEnd(28), when.padEnd(10), ...cells.map((cell) => cell.padEnd(27))];
  console.log(`${columns.join('')}grows with n^${exponents.join(', n^')}`);
}

if (isMainThread) {
  console.log('rounds of compiling and simulating: time on the clock (of the processors)');
  for (const id of process.argv.length > 2 ? process.argv.slice(2) : usual) await measure(id);
} else answer(workerData);
