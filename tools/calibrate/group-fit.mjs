// Fits the targets of one kind together: what is typical of their runtime is the prior of each target's own numbers.
import { fitFactors, predict } from './fit.mjs';
import { groupBy, quantile } from './metrics.mjs';
import { fittedPaths, largestOf, neutralOf } from './neutral.mjs';

const rounds = 4;
/** A runtime is known by this many targets before their typical values count. */
const enoughTargets = 4;
const smallestSpread = 0.15;

/**
 * `pool`: `[{ target, cases }]` of one kind of processor. What is typical is learned from the targets of a runtime where
 * there are enough of them, else from the whole pool, with more room. Target id to parameter to logarithm of its factor.
 */
export function fitPool(pool) {
  const runtimes = [...groupBy(pool, ({ target }) => target.runtime.name).values()];
  let typical = new Map();
  let fits = new Map();
  for (let round = 0; round < rounds; round++) {
    fits = new Map(
      pool.map((one) => [
        one.target.id,
        fitFactors(weighted(one.cases), priorsOf(one.target, typical.get(one.target.runtime.name) ?? new Map())),
      ]),
    );
    const ofPool = widened(learn(pool, fits));
    typical = new Map(
      runtimes.map((group) => [group[0].target.runtime.name, new Map([...ofPool, ...learn(group, fits)])]),
    );
  }
  return fits;
}

/** What other runtimes do says less of this one. */
function widened(typical) {
  return new Map([...typical].map(([parameter, { mean, spread }]) => [parameter, { mean, spread: 1.5 * spread }]));
}

function priorsOf(target, typical) {
  return new Map(
    fittedPaths(target).map((path) => {
      const { parameter, block, start, spread } = neutralOf(path, target);
      const known = typical.get(parameter);
      const limit = Math.log(largestOf(path, target) / start);
      return [parameter, { block, mean: known?.mean ?? 0, spread: known?.spread ?? spread, limit }];
    }),
  );
}

/** Every family counts the same, however many of its networks were measured. */
function weighted(cases) {
  const families = groupBy(cases, ({ family }) => family);
  return cases.map((one) => ({ ...one, weight: cases.length / families.size / families.get(one.family).length }));
}

/** Median and spread over the targets of each parameter that enough of them have, less what a target's block shares. */
function learn(group, fits) {
  const deviations = new Map();
  for (const { target } of group) {
    const factors = fits.get(target.id);
    for (const [block, parameters] of groupBy([...factors.keys()], (parameter) => blockOf(parameter, target))) {
      const shared = block === '' ? 0 : median(parameters.map((parameter) => factors.get(parameter)));
      for (const parameter of parameters) {
        deviations.set(parameter, [...(deviations.get(parameter) ?? []), factors.get(parameter) - shared]);
      }
    }
  }
  const known = [...deviations].filter(([, values]) => values.length >= enoughTargets);
  return new Map(
    known.map(([parameter, values]) => {
      const mean = median(values);
      // Median deviation as of a normal distribution, and some more for what few targets have not shown.
      const spread = 1.4826 * median(values.map((value) => Math.abs(value - mean))) * 1.3 + 0.1;
      return [parameter, { mean, spread: Math.min(1, Math.max(smallestSpread, spread)) }];
    }),
  );
}

function blockOf(parameter, target) {
  const path = fittedPaths(target).find((one) => neutralOf(one, target).parameter === parameter);
  return neutralOf(path, target).block;
}

function median(values) {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Each family predicted by what all others gave, in every target of the pool. */
export function leaveFamiliesOut(pool) {
  const families = [...new Set(pool.flatMap(({ cases }) => cases.map(({ family }) => family)))].sort();
  return families.flatMap((family) => {
    const others = pool
      .map(({ target, cases }) => ({ target, cases: cases.filter((one) => one.family !== family) }))
      .filter(({ cases }) => cases.length > 0);
    const fits = fitPool(others);
    return pool.flatMap(({ target, cases }) => {
      const factors = fits.get(target.id);
      if (factors === undefined) return [];
      const known = new Set(others.find((one) => one.target === target).cases.map(({ type }) => type));
      return cases
        .filter((one) => one.family === family && known.has(one.type))
        .map((one) => ({ ...one, target: target.id, predicted: predict(one, factors) }));
    });
  });
}
