// Fits the numbers that target files call fitted to measured rows, family by family, and writes them and the error
// tables into the files.
//
//   npm run calibrate [-- --rows FILE --map FILE --zoo DIR] [target]...
//
// Without arguments: the rows in hardware/measurements, with the networks of ../shared/zoo. Targets of one runtime are
// fitted together (group-fit.mjs). The error table comes from fits that left the predicted network's family out, in all
// targets of the runtime: an error on the family that was fitted flatters three- to fivefold.
import { readArguments, shippedTargets } from './arguments.mjs';
import { casesByTarget } from './cases.mjs';
import { fitPool, leaveFamiliesOut } from './group-fit.mjs';
import { groupBy, metricsOf, quantile } from './metrics.mjs';
import { activePower, fittedPaths, largestOf, neutralOf } from './neutral.mjs';
import { writeNumbers, writeStatus } from './write-target.mjs';

/** A target is called calibrated from so many networks on, with a median error of held-out ones of at most this. */
const enoughNetworks = 6;
const largestError = 0.25;

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
for (const pool of pools.values()) calibrate(pool.filter(({ target }) => fittedPaths(target).length > 0));

function calibrate(pool) {
  const wanted = pool.filter(({ target }) => asked.length === 0 || asked.includes(target.id));
  if (wanted.length === 0) return;
  const heldOut = leaveFamiliesOut(pool);
  const fits = fitPool(pool);
  const touched = new Set();
  const good = new Set();
  for (const { target, cases } of wanted) {
    const results = heldOut.filter((one) => one.target === target.id);
    report(target, results);
    if (results.length === 0) continue;
    const sameRuntime = new Set(
      pool.filter((one) => one.target.runtime.name === target.runtime.name).map((one) => one.target.id),
    );
    const spread = bandOf(heldOut.filter((one) => sameRuntime.has(one.target)));
    const file = files.get(target.id);
    const validation = [errorRow('latency', results, spread), ...energyRow(target, cases, results)];
    writeNumbers(file, target, {
      values: new Map([...valuesOf(target, fits.get(target.id)), ...powerOf(target, cases)]),
      validation,
    });
    touched.add(file);
    if (results.length >= enoughNetworks && validation[0].medianAbsoluteError <= largestError) good.add(target.id);
  }
  for (const file of touched) {
    const all = shipped.filter((one) => one.file === file).every(({ target }) => good.has(target.id));
    writeStatus(file, all ? 'calibrated' : 'estimate');
  }
}

function valuesOf(target, factors) {
  return new Map(
    fittedPaths(target).map((path) => {
      const { parameter, start } = neutralOf(path, target);
      return [path, Math.min(largestOf(path), start * Math.exp(factors.get(parameter)))];
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
  return [errorRow('energy', energies, bandOf(energies))];
}

function median(values) {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Few rows know their own spread badly: then the band is at least that of all targets of the runtime. */
function errorRow(metric, results, spread) {
  const own = bandOf(results);
  const few = results.length < 20;
  const round = (value) => Number(value.toPrecision(3));
  const { medianAbsoluteError } = metricsOf(results.map((one) => ({ ...one, band: [0, 0] })));
  return {
    metric,
    band: [few ? Math.min(own[0], spread[0]) : own[0], few ? Math.max(own[1], spread[1]) : own[1]].map(round),
    medianAbsoluteError: round(medianAbsoluteError),
    rows: results.length,
    families: [...new Set(results.map(({ family }) => family))].sort(),
    source: 'hardware/measurements: each network predicted by a fit to the other families',
  };
}

/** Measured / predicted at the 10th and 90th percentile, of as many values as a sample of this size has outside. */
function bandOf(results) {
  const ratios = results.map(({ measured, predicted }) => measured / predicted).sort((a, b) => a - b);
  const outside = Math.max(0, (0.1 * (ratios.length + 1) - 1) / (ratios.length - 1));
  return [quantile(ratios, outside), quantile(ratios, 1 - outside)];
}

function report(target, results) {
  const { medianAbsoluteError, bias, spearman, medianRatioError } = metricsOf(
    results.map((one) => ({ ...one, band: [0, 0] })),
  );
  const percent = (value) => (value === null ? '-' : `${(100 * value).toFixed(1)}%`);
  console.log(
    `${target.id.padEnd(40)} ${String(results.length).padStart(3)} networks   median error ${percent(medianAbsoluteError)}` +
      `   bias ${percent(bias)}   rank ${spearman === null ? '-' : spearman.toFixed(3)}   ratios ${percent(medianRatioError)}`,
  );
}
