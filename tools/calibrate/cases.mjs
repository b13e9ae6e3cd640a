// Measured rows as cases of a target: one for each network and type, with what its time is made of.
import { contributionsOf } from '../../lib/index.js';
import { targetFor, unfit } from './measurements.mjs';
import { groupBy, quantile } from './metrics.mjs';
import { fittedPaths, neutralOf } from './neutral.mjs';
import { atNeutral } from './scaled.mjs';

/** Runs of one configuration that differ by more than this (median over networks) are not of one configuration. */
const largestSpread = 1.5;

/**
 * By target id: `{ target, cases }`. Rows without a target or network are left out; so are configurations whose repeated
 * runs disagree (another clock, other cores), named in `remarks`.
 */
export function casesByTarget(rows, targets, { findNetwork, schedule }) {
  const measured = rows.flatMap((row) => {
    const found = unfit(row) === undefined ? targetFor(row, targets) : undefined;
    const network = found === undefined ? undefined : findNetwork(row);
    return network === undefined ? [] : [{ ...found, row, network }];
  });
  const remarks = [];
  const byTarget = new Map();
  for (const [id, ofTarget] of groupBy(measured, ({ target }) => target.id)) {
    const { target } = ofTarget[0];
    const kept = [...groupBy(ofTarget, ({ row }) => `${row.hardware} ${row.runtime} ${row.dtype}`).values()].filter(
      (configuration) => {
        const spread = spreadOf(configuration);
        if (spread > largestSpread)
          remarks.push(
            `${id}: "${configuration[0].row.hardware}" is left out, its runs differ by ${spread.toFixed(2)}`,
          );
        return spread <= largestSpread;
      },
    );
    const cases = casesOf(target, kept.flat(), schedule);
    if (cases.length > 0) byTarget.set(id, { target, cases });
  }
  return { byTarget, remarks };
}

function spreadOf(configuration) {
  const spreads = [...groupBy(configuration, networkKey).values()].map((runs) => {
    const times = runs.map(({ row }) => Number(row.latency_ms));
    return Math.max(...times) / Math.min(...times);
  });
  return quantile(
    spreads.sort((a, b) => a - b),
    0.5,
  );
}

function networkKey({ network, type }) {
  return `${network.zoo_file} ${network.input_shape_to_use} ${type}`;
}

/** Repeated runs of one network are one observation: their median. */
function casesOf(target, measured, schedule) {
  const neutral = atNeutral(target);
  return [...groupBy(measured, networkKey).values()].flatMap((runs) => {
    const { network, type, row } = runs[0];
    const compiled = schedule(network.zoo_file, network.input_shape_to_use, neutral, type);
    if (compiled === undefined) return [];
    const seconds = runs.map(({ row: run }) => Number(run.latency_ms) / 1000).sort((a, b) => a - b);
    return [
      {
        network: network.zoo_file,
        model: row.model,
        family: row.model_family,
        type,
        measured: quantile(seconds, 0.5),
        ...energyOf(runs),
        parts: partsOf(compiled, target),
      },
    ];
  });
}

/** Of the runs whose energy was measured too, by their own latency: such runs may use another clock or voltage. */
function energyOf(runs) {
  const joules = runs.map(({ row }) => Number(row.energy_mJ) / 1000).filter((value) => value > 0);
  const watts = runs
    .filter(({ row }) => Number(row.energy_mJ) > 0)
    .map(({ row }) => Number(row.energy_mJ) / Number(row.latency_ms));
  return joules.length === 0 ? {} : { joules: median(joules), watts: median(watts) };
}

function median(values) {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Fixed costs are proportional to their numbers, all else inversely. */
function partsOf(compiled, target) {
  const fitted = new Set(fittedPaths(target));
  return contributionsOf(compiled).map(({ numbers, seconds }) => ({
    seconds,
    factors: numbers
      .filter((path) => fitted.has(path))
      .map((path) => [neutralOf(path, target).parameter, path.endsWith('Seconds') ? 1 : -1]),
  }));
}
