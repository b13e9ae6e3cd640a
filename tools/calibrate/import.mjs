// Takes from tables of measurements what the targets answer to into hardware/measurements, so that a fit can be repeated.
//
//   node tools/calibrate/import.mjs --rows FILE --map FILE… --zoo DIR
//
// rows.csv are facts with their source; networks.csv says which network each row ran.
import { writeFileSync } from 'node:fs';
import { hardwareFolder, readArguments, shippedTargets } from './arguments.mjs';
import { targetFor, unfit } from './measurements.mjs';
import { printTable } from './table.mjs';

const rowColumns = [
  'file',
  'hardware',
  'runtime',
  'model',
  'model_family',
  'input_shape',
  'dtype',
  'batch',
  'latency_ms',
  'energy_mJ',
  'power_W',
  'source',
  'source_url',
  'note',
];
const networkColumns = [
  'measured_file',
  'measured_model',
  'measured_input_shape',
  'measured_batch',
  'dtype',
  'zoo_file',
  'input_shape_to_use',
  'match',
  'note',
];

const { rows, findNetwork } = readArguments('node tools/calibrate/import.mjs --rows FILE --map FILE…');
const targets = shippedTargets().map(({ target }) => target);
const kept = rows.filter(
  (row) => unfit(row) === undefined && targetFor(row, targets) !== undefined && findNetwork(row) !== undefined,
);
const networks = [...new Set(kept.map(findNetwork))];
const order = (columns) => (a, b) => columns.map((name) => compare(a[name], b[name])).find((one) => one !== 0) ?? 0;
const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);
write('rows.csv', rowColumns, kept);
write('networks.csv', networkColumns, networks);

function write(name, columns, table) {
  writeFileSync(`${hardwareFolder}measurements/${name}`, printTable(columns, table.toSorted(order(columns))));
  console.log(`${name}: ${table.length} rows`);
}
