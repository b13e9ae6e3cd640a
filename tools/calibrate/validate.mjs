// Holds the targets against measured rows: those of the repository, or any others.
//
//   npm run validate [-- --rows FILE --map FILE --zoo DIR --format json] [target]...
//
// `rows` has the columns hardware, runtime, model, input_shape, dtype, batch, latency_ms, note, file, and may have energy_mJ
// and model_family; `map` (one or more) says which network a row ran: measured_file, measured_model, measured_input_shape,
// zoo_file, input_shape_to_use, and may have measured_batch and dtype. Targets say themselves which rows are theirs
// (`measurements` in hardware/*.yml). JSON: {rows: [{row, target, measuredSeconds, predictedSeconds, band}],
// skipped: [{row, reason}], metrics}, where `row` counts the rows from 0 and `band` is in seconds.
import { simulate } from '../../lib/index.js';
import { readArguments, shippedTargets } from './arguments.mjs';
import { targetFor, unfit } from './measurements.mjs';
import { groupBy, metricsOf } from './metrics.mjs';

const { asked, rows, findNetwork, schedule, format } = readArguments(
  'npm run validate -- [--rows FILE --map FILE --zoo DIR --format text|json] [target]...',
);
const targets = shippedTargets()
  .map(({ target }) => target)
  .filter(({ id }) => asked.length === 0 || asked.includes(id));

const simulations = new Map();
const scored = [];
const skipped = [];
for (const [index, row] of rows.entries()) {
  const result = scoreOf(row, index);
  if (typeof result === 'string') skipped.push({ row: index, reason: result });
  else scored.push(result);
}

const results = scored.map((one) => ({ ...one, measured: one.measuredSeconds, predicted: one.predictedSeconds }));
const energies = scored
  .filter(({ measuredJoules }) => measuredJoules !== undefined)
  .map((one) => ({ ...one, measured: one.measuredJoules, predicted: one.predictedJoules, band: one.energyBand }));
const metrics = {
  latency: metricsOf(results),
  ...(energies.length > 0 && { energy: metricsOf(energies) }),
  byStatus: by(results, ({ status }) => status),
  byTarget: by(results, ({ target }) => target),
};
if (format === 'json') console.log(JSON.stringify({ rows: scored, skipped, metrics }));
else printText();

/** The row with what the simulator says of it; a reason where there is nothing to say. */
function scoreOf(row, index) {
  const reason = unfit(row);
  if (reason !== undefined) return reason;
  const found = targetFor(row, targets);
  if (found === undefined) return 'no target answers to this hardware, runtime and dtype';
  const network = findNetwork(row);
  if (network === undefined) return 'no network is mapped to this model';
  const totals = totalsOf(found, network);
  if (typeof totals === 'string') return totals;
  const joules = Number(row.energy_mJ) / 1000;
  return {
    row: index,
    target: found.target.id,
    status: found.target.status,
    type: found.type,
    model: row.model,
    family: row.model_family ?? '',
    network: `${network.zoo_file} ${network.input_shape_to_use}`,
    measuredSeconds: Number(row.latency_ms) / 1000,
    predictedSeconds: totals.latencySeconds,
    band: totals.bands.latencySeconds,
    ...(joules > 0 && {
      measuredJoules: joules,
      predictedJoules: totals.energyJoules,
      energyBand: totals.bands.energyJoules,
    }),
  };
}

function totalsOf({ target, type }, { zoo_file: file, input_shape_to_use: shape }) {
  const key = `${target.id} ${type} ${file} ${shape}`;
  if (!simulations.has(key)) simulations.set(key, simulated(target, type, file, shape));
  return simulations.get(key);
}

/** A network that cannot be read costs its rows, not the rest. */
function simulated(target, type, file, shape) {
  try {
    const compiled = schedule(file, shape, target, type);
    return compiled === undefined ? `${file} is not in the folder of networks` : simulate(compiled).totals;
  } catch (error) {
    return `${file}: ${error.message}`;
  }
}

function by(all, keyOf) {
  return Object.fromEntries([...groupBy(all, keyOf)].sort().map(([key, group]) => [key, metricsOf(group)]));
}

function printText() {
  const percent = (value) => (value === null ? '-' : `${(100 * value).toFixed(1)}%`).padStart(8);
  console.log('target                                     rows   error    bias   rank   in band   ratios   signs');
  const line = (name, { rows: count, medianAbsoluteError, bias, spearman, inBand, medianRatioError, signRight }) =>
    console.log(
      `${name.padEnd(42)}${String(count).padStart(5)}${percent(medianAbsoluteError)}${percent(bias)}` +
        `${(spearman === null ? '-' : spearman.toFixed(3)).padStart(7)}${percent(inBand)}${percent(medianRatioError)}` +
        percent(signRight),
    );
  for (const [name, one] of Object.entries(metrics.byTarget)) line(name, one);
  for (const [name, one] of Object.entries(metrics.byStatus)) line(`all ${name}`, one);
  line('all', metrics.latency);
  if (metrics.energy !== undefined) line('all, energy', metrics.energy);
  const reasons = [...groupBy(skipped, ({ reason }) => reason)].map(([reason, group]) => [group.length, reason]);
  for (const [count, reason] of reasons.sort((a, b) => b[0] - a[0])) console.log(`skipped ${count}: ${reason}`);
}
