// Fits logarithms of factors to measured totals: robust least squares with priors (Gauss-Newton with damping).
import { solve } from './solve.mjs';

/** Relative error of a measurement beyond which it counts linearly instead of squared. */
const robustError = 0.1;
const blockSpread = 1;
/** How steep the wall is that keeps a factor under its limit (an efficiency of 1). */
const limitSpread = 0.03;

/**
 * `cases`: `{ measured, weight, parts: [{ seconds, factors: [[parameter, ±1], …] }] }`, seconds where all factors are 1.
 * `priors`: parameter to `{ block, mean, spread, limit }`. The logarithm of a parameter's factor is
 * mean + its block's + its own deviation; it hardly passes its limit.
 *
 * Returns parameter to the logarithm of its factor.
 */
export function fitFactors(cases, priors) {
  const problem = { cases, priors, layout: layoutOf(priors) };
  let values = problem.layout.spreads.map(() => 0);
  let damping = 1e-3;
  let loss = lossAt(values, problem);
  for (let round = 0; round < 60 && damping < 1e6; round++) {
    const { matrix, vector } = normalEquations(values, problem);
    for (let i = 0; i < values.length; i++) matrix[i][i] *= 1 + damping;
    const change = solve(matrix, vector);
    const next = values.map((value, i) => value + Math.max(-1, Math.min(1, change[i])));
    const nextLoss = lossAt(next, problem);
    if (nextLoss < loss) {
      const gained = loss - nextLoss;
      [values, loss, damping] = [next, nextLoss, damping / 5];
      if (gained < 1e-7 * loss) break;
    } else damping *= 5;
  }
  return logFactors(values, problem);
}

export function predict({ parts }, factors) {
  return parts.reduce((sum, part) => sum + partSeconds(part, factors), 0);
}

function partSeconds({ seconds, factors: own }, factors) {
  return seconds * Math.exp(own.reduce((sum, [parameter, sign]) => sum + sign * factors.get(parameter), 0));
}

/** Unknowns in their order: the blocks' deviations, then the parameters' own. */
function layoutOf(priors) {
  const blocks = [...new Set([...priors.values()].map(({ block }) => block).filter((block) => block !== ''))];
  const parameters = [...priors.keys()];
  const columnsOf = new Map(
    parameters.map((name, index) => {
      const block = blocks.indexOf(priors.get(name).block);
      const own = blocks.length + index;
      return [name, block < 0 ? [own] : [own, block]];
    }),
  );
  return {
    columnsOf,
    spreads: [...blocks.map(() => blockSpread), ...parameters.map((name) => priors.get(name).spread)],
  };
}

function logFactors(values, { priors, layout }) {
  return new Map(
    [...priors].map(([name, { mean }]) => [
      name,
      layout.columnsOf.get(name).reduce((sum, column) => sum + values[column], mean),
    ]),
  );
}

function excess(parameter, factors, priors) {
  return Math.max(0, factors.get(parameter) - priors.get(parameter).limit);
}

function lossAt(values, problem) {
  const { cases, priors, layout } = problem;
  const factors = logFactors(values, problem);
  const errors = cases.reduce((sum, one) => {
    const error = Math.log(predict(one, factors) / one.measured) / robustError;
    return sum + one.weight * 2 * (Math.sqrt(1 + error * error) - 1);
  }, 0);
  const beyond = [...priors.keys()].reduce((sum, name) => sum + (excess(name, factors, priors) / limitSpread) ** 2, 0);
  return values.reduce((sum, value, i) => sum + (value / layout.spreads[i]) ** 2, errors + beyond);
}

function normalEquations(values, problem) {
  const { cases, priors, layout } = problem;
  const { spreads } = layout;
  const factors = logFactors(values, problem);
  const equations = {
    matrix: spreads.map((spread, i) => spreads.map((_, j) => (i === j ? 1 / spread ** 2 : 0))),
    vector: values.map((value, i) => -value / spreads[i] ** 2),
  };
  for (const name of priors.keys()) {
    const over = excess(name, factors, priors);
    const slopes = spreads.map((_, i) => (layout.columnsOf.get(name).includes(i) ? 1 : 0));
    if (over > 0) addObservation(equations, { slopes, error: over, weight: 1 / limitSpread ** 2 });
  }
  for (const one of cases) {
    const { slopes, total } = slopesOf(one, factors, layout);
    const error = Math.log(total / one.measured);
    const weight = one.weight / Math.sqrt(1 + (error / robustError) ** 2) / robustError ** 2;
    addObservation(equations, { slopes, error, weight });
  }
  return equations;
}

/** How the logarithm of a predicted total changes with each unknown. */
function slopesOf({ parts }, factors, { columnsOf, spreads }) {
  const slopes = spreads.map(() => 0);
  let total = 0;
  for (const part of parts) {
    const seconds = partSeconds(part, factors);
    total += seconds;
    for (const [parameter, sign] of part.factors) {
      for (const column of columnsOf.get(parameter)) slopes[column] += sign * seconds;
    }
  }
  return { slopes: slopes.map((slope) => slope / total), total };
}

function addObservation({ matrix, vector }, { slopes, error, weight }) {
  for (const [i, slope] of slopes.entries()) {
    if (slope === 0) continue;
    vector[i] -= weight * slope * error;
    for (const [j, other] of slopes.entries()) matrix[i][j] += weight * slope * other;
  }
}
