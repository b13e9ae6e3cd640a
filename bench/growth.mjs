// How compiling and simulating grow with a network's layers, for one target, in one process that is warm: medians of
// processor time at 250, 1,000 and 4,000 layers, and the exponent between neighbours (1: twice the layers, twice the
// time). The sizes are run in turn, so that a machine that slows down slows all of them. Judges nothing.
//
//   npm run build && node bench/growth.mjs [target ...]
import { existsSync, readFileSync } from 'node:fs';
import { residualModel } from './residual-model.mjs';

const library = new URL('../lib/index.js', import.meta.url);
const hardware = new URL('../hardware/', import.meta.url);
const sizes = [250, 1000, 4000];
const rounds = 9;
const usual = [
  ...['rpi4-ncnn', 'rpi4-xnnpack', 'github-runner-onnxruntime'],
  ...['ethos-u55-256', 'ethos-u65-256', 'ethos-u85-256'],
];

if (!existsSync(library)) throw new Error('lib/ is not there: npm run build');
const { bufferSource, compile, parseTarget, prepare, readModel, simulate } = await import(library.href);

function targetOf(id) {
  const read = (path) => readFileSync(new URL(path, hardware), 'utf8');
  return parseTarget(read(`${id}.yml`), `hardware/${id}.yml`, (base) => read(`bases/${base}.yml`))[0];
}

function networkOf(layers) {
  const sources = new Map([['', bufferSource(residualModel(layers))]]);
  const prepared = prepare(readModel(sources, `${layers} layers`), { dims: new Map(), inputs: new Map() });
  return { layers, prepared, milliseconds: [] };
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

function measure(id, networks) {
  const target = targetOf(id);
  for (const { prepared } of networks) simulate(compile(prepared, target));
  for (let round = 0; round < rounds; round++) {
    for (const network of networks) {
      network.milliseconds.push(milliseconds(() => simulate(compile(network.prepared, target))));
    }
  }
  const medians = networks.map((network) => median(network.milliseconds));
  const cells = networks.map(({ layers }, index) => `${layers}: ${medians[index].toFixed(1)} ms`);
  const exponents = medians.slice(1).map((own, index) => {
    const times = networks[index + 1].layers / networks[index].layers;
    return (Math.log(own / medians[index]) / Math.log(times)).toFixed(2);
  });
  console.log(`${id.padEnd(28)}${cells.map((cell) => cell.padEnd(18)).join('')}grows with n^${exponents.join(', n^')}`);
}

for (const id of process.argv.length > 2 ? process.argv.slice(2) : usual) measure(id, sizes.map(networkOf));
