// Fits a few numbers of a target by simulating again for each value tried: for targets whose lanes overlap, where time is not
// the sum of what each number asks for (fit.mjs fits those).
import { simulate } from '../../lib/index.js';
import { quantile } from './metrics.mjs';

/** A compiled network on a target with other numbers: what the compiler chose stays. */
export function estimate(schedule, target) {
  return simulate({ ...schedule, target });
}

/**
 * The target with numbers multiplied: `{ 'units.cpu.efficiency.matmul|convolution': 0.8 }`; `|` between names, a space
 * between paths that share a factor.
 */
export function scaled(target, factors) {
  const copy = structuredClone({ ...target, support: undefined });
  for (const [paths, factor] of Object.entries(factors)) {
    for (const path of paths.split(' ')) scaleAt(copy, path.split('.'), factor);
  }
  return { ...copy, support: target.support };
}

function scaleAt(node, [key, ...rest], factor) {
  for (const name of key.split('|')) {
    const place = Array.isArray(node) ? node.findIndex(({ id }) => id === name) : name;
    if (rest.length > 0) scaleAt(node[place], rest, factor);
    else node[place] *= factor;
  }
}

/**
 * Factors for the paths with the least sum of |ln(measured / estimated)|, every family with the same weight: one number
 * after the other in ever smaller steps, from `start` (else 1). `predict(case, factors)` gives seconds.
 */
export function fit(paths, cases, predict, start = {}) {
  const weight = familyWeights(cases);
  const loss = (factors) =>
    cases.reduce((sum, one) => sum + weight(one) * Math.abs(Math.log(one.seconds / predict(one, factors))), 0);
  let factors = Object.fromEntries(paths.map((path) => [path, start[path] ?? 1]));
  let least = loss(factors);
  for (let step = 0.4; step > 0.002;) {
    const tried = paths.flatMap((path) =>
      [Math.exp(step), Math.exp(-step)].map((change) => ({ ...factors, [path]: factors[path] * change })),
    );
    const losses = tried.map(loss);
    const best = losses.indexOf(Math.min(...losses));
    if (losses[best] < least - 1e-9) [factors, least] = [tried[best], losses[best]];
    else step /= 2;
  }
  return factors;
}

function familyWeights(cases) {
  const sizes = new Map();
  for (const { family } of cases) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  return ({ family }) => 1 / sizes.get(family);
}

/** Each family predicted with what the others gave. */
export function leaveOneFamilyOut(paths, cases, predict, start) {
  const families = [...new Set(cases.map(({ family }) => family))];
  return families.flatMap((family) => {
    const factors = fit(
      paths,
      cases.filter((one) => one.family !== family),
      predict,
      start,
    );
    // A type that no other family was measured in has nothing to be predicted from.
    const known = new Set(cases.filter((one) => one.family !== family).map(({ type }) => type));
    return cases
      .filter((one) => one.family === family && known.has(one.type))
      .map((one) => ({ ...one, estimated: predict(one, factors) }));
  });
}

/** Median |error|, 10th and 90th percentile of measured / estimated. */
export function errorsOf(results) {
  const ratios = results.map(({ seconds, estimated }) => seconds / estimated).sort((a, b) => a - b);
  const errors = results.map(({ seconds, estimated }) => Math.abs(estimated / seconds - 1)).sort((a, b) => a - b);
  return { median: quantile(errors, 0.5), band: [quantile(ratios, 0.1), quantile(ratios, 0.9)] };
}
