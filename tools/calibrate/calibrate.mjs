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
import { fitGroup, leaveFamiliesOut } from './group-fit.mjs';
import { groupBy, metricsOf, quantile } from './metrics.mjs';
import { fittedPaths, largestOf, neutralOf } from './neutral.mjs';
import { writeNumbers, writeStatus } from './write-target.mjs';

/** A target is called calibrated from so many networks on, with a median error of held-out ones of at most this. */
const enoughNetworks = 6;
const largestError = 0.25;

const { asked, rows, ...networks } = readArguments('npm run calibrate -- [--rows FILE --map FILE --zoo DIR] [target]...');
const shipped = shippedTargets();
const files = new Map(shipped.map(({ target, file }) => [target.id, file]));
const { byTarget, remarks } = casesByTarget(
  rows,
  shipped.map(({ target }) => target),
  networks,
);
for (const remark of remarks) console.log(remark);
for (const group of groupBy([...byTarget.values()], ({ target }) => target.runtime.name).values()) calibrate(group);

function calibrate(group) {
  if (asked.length > 0 && !group.some(({ target }) => asked.includes(target.id))) return;
  const heldOut = leaveFamiliesOut(group);
  const fits = fitGroup(group);
  const spread = bandOf(heldOut);
  const statuses = new Map();
  for (const { target, cases } of group) {
    const results = heldOut.filter((one) => one.target === target.id);
    report(target, results);
    if (results.length === 0) continue;
    const file = files.get(target.id);
    const validation = errorRow(results, cases, spread);
    writeNumbers(file, target, { values: valuesOf(target, fits.get(target.id)), validation: [validation] });
    const isGood = results.length >= enoughNetworks && validation.medianAbsoluteError <= largestError;
    statuses.set(file, isGood && (statuses.get(file) ?? true));
  }
  for (const [file, isGood] of statuses) writeStatus(file, isGood ? 'calibrated' : 'estimate');
}

function valuesOf(target, factors) {
  return new Map(
    fittedPaths(target).map((path) => {
      const { parameter, start } = neutralOf(path, target);
      return [path, Math.min(largestOf(path), start * Math.exp(factors.get(parameter)))];
    }),
  );
}

/** Few rows know their own spread badly: then the band is at least that of all targets of the runtime. */
function errorRow(results, cases, spread) {
  const own = bandOf(results);
  const few = results.length < 20;
  const round = (value) => Number(value.toPrecision(3));
  const { medianAbsoluteError } = metricsOf(results.map((one) => ({ ...one, band: [0, 0] })));
  return {
    metric: 'latency',
    band: [few ? Math.min(own[0], spread[0]) : own[0], few ? Math.max(own[1], spread[1]) : own[1]].map(round),
    medianAbsoluteError: round(medianAbsoluteError),
    rows: results.length,
    families: [...new Set(results.map(({ family }) => family))].sort(),
    source: `${cases.length} networks of hardware/measurements, each predicted from the other families`,
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
