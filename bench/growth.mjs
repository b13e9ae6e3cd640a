// How compiling and simulating grow with a network's layers, for one target, in one process that is warm: medians of
// processor time at 250, 1,000 and 4,000 layers, and the exponent between neighbours (1: twice the layers, twice the
// time). The sizes are run in turn, so that a machine that slows down slows all of them. Judges nothing.
//
//   npm run build && node bench/growth.mjs [target ...]
import { residualModel } from './residual-model.mjs';
import { library, median, milliseconds, preparedOf, targetOf } from './warm.mjs';

const { compile, simulate } = library;
const sizes = [250, 1000, 4000];
const rounds = 9;
const usual = [
  ...['rpi4-ncnn', 'rpi4-xnnpack', 'github-runner-onnxruntime'],
  ...['ethos-u55-256', 'ethos-u65-256', 'ethos-u85-256'],
];

function networkOf(layers) {
  return { layers, prepared: preparedOf(residualModel(layers), `${layers} layers`), milliseconds: [] };
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
