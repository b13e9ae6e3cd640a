// Fits the numbers that target files call fitted to measured rows, family by family, and writes them and the error
// tables into the files.
//
//   npm run calibrate [-- --rows FILE --map FILE --zoo DIR] [target]...
//
// Without arguments: the rows in hardware/measurements, with the networks of ../shared/zoo. Targets of one runtime are
// fitted together (group-fit.mjs). The error table comes from fits that left the predicted network's family out, in all
// targets of the runtime: an error on the family that was fitted flatters three- to fivefold.
import { execFileSync } from 'node:child_process';
import { hardwareFolder, readArguments, shippedTargets } from './arguments.mjs';
import { casesByTarget } from './cases.mjs';
import { fitPool, leaveFamiliesOut } from './group-fit.mjs';
import { groupBy, metricsOf, quantile } from './metrics.mjs';
import { activePower, fittedPaths, largestOf, neutralOf } from './neutral.mjs';
import { writeNumbers, writeStatus } from './write-target.mjs';

/** A target is called calibrated from so many networks on, with errors of held-out families of at most this. */
const enoughNetworks = 3;
const largestError = 0.2;
const largestBias = 0.1;

const { asked, rows, ...networks } = readArguments(
  'npm run calibrate -- [--rows FILE --map FILE --zoo DIR] [target]...',
);
const shipped = shippedTargets();
const files = new Map(shipped.map(({ target, file }) => [target.id, file]));
const { byTarget, remarks } = casesByTarget(
  rows,
  shipped.map(({ target }) => target),
  networks,
);
for (const remark of remarks) console.log(remark);

const pools = groupBy([...byTarget.values()], ({ target }) => target.units[0].kind);
for (const pool of pools.values())
  calibrate(pool.filter(({ target }) => isAdditive(target) && fittedPaths(target).length > 0));

/** Where lanes overlap, time is no sum over numbers: such targets have scripts of their own (resimulated-fit.mjs). */
function isAdditive({ units }) {
  return units.every(({ overlapNorm }) => overlapNorm === 1);
}

function calibrate(pool) {
  const wanted = pool.filter(({ target }) => asked.length === 0 || asked.includes(target.id));
  if (wanted.length === 0) return;
  const heldOut = leaveFamiliesOut(pool);
  const fits = fitPool(pool);
  for (const { target, cases } of wanted) {
    const results = heldOut.filter((one) => one.target === target.id);
    report(target, results);
    const sameRuntime = new Set(
      pool.filter((one) => one.target.runtime.name === target.runtime.name).map((one) => one.target.id),
    );
    const spread = spreadOf(heldOut.filter((one) => sameRuntime.has(one.target)));
    const file = files.get(target.id);
    const validation =
      results.length === 0 ? [] : [errorRow('latency', results, spread), ...energyRow(target, cases, results)];
    writeNumbers(file, target, {
      values: new Map([...valuesOf(target, fits.get(target.id)), ...powerOf(target, cases)]),
      validation,
    });
    writeStatus(file, target, isCalibrated(results) ? 'calibrated' : 'estimate');
  }
}

function isCalibrated(results) {
  const { medianAbsoluteError, bias } = metricsOf(results);
  return results.length >= enoughNetworks && medianAbsoluteError <= largestError && Math.abs(bias) <= largestBias;
}

function valuesOf(target, factors) {
  return new Map(
    fittedPaths(target).map((path) => {
      const { parameter, start } = neutralOf(path, target);
      return [path, Math.min(largestOf(path, target), start * Math.exp(factors.get(parameter)))];
    }),
  );
}

function powerOf({ provenance }, cases) {
  const isFitted = provenance.some(({ path, kind }) => path === activePower && kind === 'fitted');
  const watts = wattsOf(cases);
  return isFitted && watts.length > 0 ? [[activePower, median(watts)]] : [];
}

function wattsOf(cases) {
  return cases.flatMap(({ watts }) => (watts === undefined ? [] : [watts]));
}

/** Energy is power times time: the time predicted as above, the power from the other networks. */
function energyRow(target, cases, results) {
  const energies = results.flatMap((one) => {
    const others = wattsOf(cases.filter(({ family }) => family !== one.family));
    if (one.joules === undefined || others.length === 0) return [];
    return [{ ...one, measured: one.joules, predicted: median(others) * one.predicted }];
  });
  if (powerOf(target, cases).length === 0 || energies.length === 0) return [];
  return [errorRow('energy', energies, spreadOf(energies))];
}

function median(values) {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Few rows know their own spread badly: then the band is at least that of all targets of the runtime. */
function errorRow(metric, results, spread) {
  const own = spreadOf(results);
  const factor = results.length < 20 ? Math.max(own, spread) : own;
  return {
    metric,
    band: [1 / factor, factor],
    medianAbsoluteError: metricsOf(results).medianAbsoluteError,
    rows: results.length,
    families: [...new Set(results.map(({ family }) => family))].sort(),
    source: 'hardware/measurements: each network predicted by a fit to the other families',
  };
}

/**
 * The factor that 80% of predictions are within, as a sample of this size knows it. The same in both directions: a family
 * that the others underestimate may be underestimated itself where it is fitted and another one predicted.
 */
function spreadOf(results) {
  const factors = results
    .map(({ measured, predicted }) => Math.abs(Math.log(measured / predicted)))
    .sort((a, b) => a - b);
  const inside = Math.min(1, (0.8 * (factors.length + 1) - 1) / Math.max(1, factors.length - 1));
  return Math.exp(quantile(factors, inside));
}

function report(target, results) {
  const { medianAbsoluteError, bias, spearman, medianRatioError } = metricsOf(results);
  const percent = (value) => (value === null ? '-' : `${(100 * value).toFixed(1)}%`);
  console.log(
    `${target.id.padEnd(40)} ${String(results.length).padStart(3)} networks   median error ${percent(medianAbsoluteError)}` +
      `   bias ${percent(bias)}   rank ${spearman === null ? '-' : spearman.toFixed(3)}   ratios ${percent(medianRatioError)}`,
  );
}

// Numbers are written into the text as it stands; the formatter then breaks lines as it does everywhere.
execFileSync('npx', ['prettier', '--log-level', 'warn', '--write', `${hardwareFolder}*.yml`], { stdio: 'inherit' });
