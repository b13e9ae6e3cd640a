// Fits the targets of one runtime together: what is typical of the runtime is the prior of each target's own numbers.
import { fitFactors, predict } from './fit.mjs';
import { groupBy, quantile } from './metrics.mjs';
import { fittedPaths, neutralOf } from './neutral.mjs';

const rounds = 4;
/** A runtime is known by this many targets before their typical values count. */
const enoughTargets = 4;
const smallestSpread = 0.15;

/** `group`: `[{ target, cases }]` of one runtime. Target id to parameter to logarithm of its factor. */
export function fitGroup(group) {
  const typical = new Map();
  let fits = new Map();
  for (let round = 0; round < rounds; round++) {
    fits = new Map(group.map((one) => [one.target.id, fitFactors(weighted(one.cases), priorsOf(one.target, typical))]));
    if (group.length < enoughTargets) break;
    if (round + 1 < rounds) learn(typical, group, fits);
  }
  return fits;
}

function priorsOf(target, typical) {
  return new Map(
    fittedPaths(target).map((path) => {
      const { parameter, block, spread } = neutralOf(path, target);
      const known = typical.get(parameter);
      return [parameter, { block, mean: known?.mean ?? 0, spread: known?.spread ?? spread }];
    }),
  );
}

/** Every family counts the same, however many of its networks were measured. */
function weighted(cases) {
  const families = groupBy(cases, ({ family }) => family);
  return cases.map((one) => ({ ...one, weight: cases.length / families.size / families.get(one.family).length }));
}

/** Median and spread over the targets of each parameter, less what a target's block has in common. */
function learn(typical, group, fits) {
  const deviations = new Map();
  for (const { target } of group) {
    const factors = fits.get(target.id);
    const byBlock = groupBy([...factors.keys()], (parameter) => blockOf(parameter, target));
    for (const [block, parameters] of byBlock) {
      const shared = block === '' ? 0 : median(parameters.map((parameter) => factors.get(parameter)));
      for (const parameter of parameters) {
        deviations.set(parameter, [...(deviations.get(parameter) ?? []), factors.get(parameter) - shared]);
      }
    }
  }
  for (const [parameter, values] of deviations) {
    if (values.length < enoughTargets) continue;
    const mean = median(values);
    // Median deviation as of a normal distribution, and some more for what few targets have not shown.
    const spread = 1.4826 * median(values.map((value) => Math.abs(value - mean))) * 1.3 + 0.1;
    typical.set(parameter, { mean, spread: Math.min(1, Math.max(smallestSpread, spread)) });
  }
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

/** Each family predicted by what all others gave, in every target of the group. */
export function leaveFamiliesOut(group) {
  const families = [...new Set(group.flatMap(({ cases }) => cases.map(({ family }) => family)))].sort();
  return families.flatMap((family) => {
    const others = group
      .map(({ target, cases }) => ({ target, cases: cases.filter((one) => one.family !== family) }))
      .filter(({ cases }) => cases.length > 0);
    const fits = fitGroup(others);
    return group.flatMap(({ target, cases }) => {
      const factors = fits.get(target.id);
      if (factors === undefined) return [];
      const known = new Set(others.find((one) => one.target === target).cases.map(({ type }) => type));
      return cases
        .filter((one) => one.family === family && known.has(one.type))
        .map((one) => ({ ...one, target: target.id, predicted: predict(one, factors) }));
    });
  });
}
