// Fits logarithms of factors to measured totals: robust least squares with priors (Gauss-Newton with damping).

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
  const parameters = [...priors.keys()];
  const blocks = [...new Set([...priors.values()].map(({ block }) => block).filter((block) => block !== ''))];
  const columns = new Map([...blocks.map((block) => `block ${block}`), ...parameters].map((name, i) => [name, i]));
  let values = Array.from({ length: columns.size }, () => 0);
  const logFactors = (at) =>
    new Map(
      parameters.map((parameter) => {
        const { block, mean } = priors.get(parameter);
        const shared = block === '' ? 0 : at[columns.get(`block ${block}`)];
        return [parameter, mean + shared + at[columns.get(parameter)]];
      }),
    );
  const spreads = [...blocks.map(() => blockSpread), ...parameters.map((name) => priors.get(name).spread)];
  const columnsOf = (parameter) => {
    const { block } = priors.get(parameter);
    const own = columns.get(parameter);
    return block === '' ? [own] : [own, columns.get(`block ${block}`)];
  };
  let damping = 1e-3;
  let loss = lossAt(values);
  for (let round = 0; round < 60 && damping < 1e6; round++) {
    const { matrix, vector } = normalEquations(values);
    for (let i = 0; i < values.length; i++) matrix[i][i] *= 1 + damping;
    const change = solve(matrix, vector);
    const next = values.map((value, i) => value + Math.max(-1, Math.min(1, change[i])));
    const nextLoss = lossAt(next);
    if (nextLoss < loss) {
      const gained = loss - nextLoss;
      [values, loss, damping] = [next, nextLoss, damping / 5];
      if (gained < 1e-7 * loss) break;
    } else damping *= 5;
  }
  return logFactors(values);

  function excess(parameter, factors) {
    return Math.max(0, factors.get(parameter) - priors.get(parameter).limit);
  }

  function lossAt(at) {
    const factors = logFactors(at);
    const errors = cases.reduce((sum, one) => {
      const error = Math.log(predict(one, factors) / one.measured) / robustError;
      return sum + one.weight * 2 * (Math.sqrt(1 + error * error) - 1);
    }, 0);
    const beyond = parameters.reduce((sum, name) => sum + (excess(name, factors) / limitSpread) ** 2, 0);
    return at.reduce((sum, value, i) => sum + (value / spreads[i]) ** 2, errors + beyond);
  }

  function normalEquations(at) {
    const factors = logFactors(at);
    const size = at.length;
    const matrix = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
    const vector = at.map((value, i) => -value / spreads[i] ** 2);
    for (let i = 0; i < size; i++) matrix[i][i] = 1 / spreads[i] ** 2;
    for (const name of parameters) {
      const over = excess(name, factors);
      if (over === 0) continue;
      for (const i of columnsOf(name)) {
        vector[i] -= over / limitSpread ** 2;
        for (const j of columnsOf(name)) matrix[i][j] += 1 / limitSpread ** 2;
      }
    }
    for (const one of cases) {
      const gradient = Array.from({ length: size }, () => 0);
      let total = 0;
      for (const part of one.parts) {
        const seconds = partSeconds(part, factors);
        total += seconds;
        for (const [parameter, sign] of part.factors) {
          for (const column of columnsOf(parameter)) gradient[column] += sign * seconds;
        }
      }
      const error = Math.log(total / one.measured) / robustError;
      const weight = one.weight / Math.sqrt(1 + error * error) / robustError;
      for (let i = 0; i < size; i++) {
        if (gradient[i] === 0) continue;
        const slope = gradient[i] / total;
        vector[i] -= weight * slope * error;
        for (let j = 0; j < size; j++) matrix[i][j] += (weight / robustError) * slope * (gradient[j] / total);
      }
    }
    return { matrix, vector };
  }
}

export function predict({ parts }, factors) {
  return parts.reduce((sum, part) => sum + partSeconds(part, factors), 0);
}

function partSeconds({ seconds, factors: own }, factors) {
  return seconds * Math.exp(own.reduce((sum, [parameter, sign]) => sum + sign * factors.get(parameter), 0));
}

/** Symmetric positive definite equations by Cholesky's decomposition. */
function solve(matrix, vector) {
  const size = vector.length;
  const lower = matrix.map((row) => [...row]);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j][j];
    }
  }
  const forward = [];
  for (let i = 0; i < size; i++) {
    forward[i] = (vector[i] - forward.reduce((sum, value, k) => sum + lower[i][k] * value, 0)) / lower[i][i];
  }
  const solution = Array.from({ length: size }, () => 0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = forward[i];
    for (let k = i + 1; k < size; k++) sum -= lower[k][i] * solution[k];
    solution[i] = sum / lower[i][i];
  }
  return solution;
}
