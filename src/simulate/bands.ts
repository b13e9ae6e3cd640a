/**
 * How far the estimates may be off: 80% bands.
 *
 * Where the target was validated for a metric, the band is what was found there: factors around the
 * estimate that 80% of held-out rows were within. Else the spread of the target's numbers is propagated. Every second (and joule) of
 * the estimate knows the numbers that it is proportional or inversely proportional to, so to first order
 * (σ / total)² = Σ over numbers (seconds that hang on it / total × its relative σ)², with independent numbers. Spreads are
 * relative and may be large, so they are taken of the logarithm: the band is total × exp(±1.2816 σ).
 */
import type { Provenance, Target, Validation } from '../schedule/target.ts';
import { exponential, logarithm } from './powers.ts';
import type { Totals } from './simulation.ts';

/** 10th and 90th percentile of the normal distribution. */
const tenthPercentile = 1.2816;

type Band = readonly [number, number];

/** How much of a total hangs on each number of the target, by its path. */
export type Contributions = ReadonlyMap<string, number>;

export interface Estimate {
  readonly latencySeconds: number;
  readonly energyJoules: number;
  readonly averagePowerWatts: number;
  readonly peakMemoryBytes: number;
  readonly rateHertz: number | undefined;
  readonly seconds: Contributions;
  readonly joules: Contributions;
}

export function bandsOf(estimate: Estimate, target: Target): Totals['bands'] {
  const { latencySeconds, energyJoules, averagePowerWatts, peakMemoryBytes } = estimate;
  const sigmas = sigmaByPath(target.provenance);
  const validated = (metric: Validation['metric']) => target.validation.find((row) => row.metric === metric)?.band;
  const latency = validated('latency') ?? spread(relativeSigma(estimate.seconds, latencySeconds, sigmas));
  const timeSigma = sigmaOf(latency);
  const energy = validated('energy') ?? spread(energySigma(estimate, target, sigmas, timeSigma));
  const memory = validated('peak-memory') ?? spread(memorySigma(estimate, target, sigmas));
  const power = spread(powerSigma(estimate, target, sigmas, { time: timeSigma, energy: sigmaOf(energy) }));
  return {
    latencySeconds: around(latencySeconds, latency),
    energyJoules: around(energyJoules, energy),
    averagePowerWatts: around(averagePowerWatts, power),
    peakMemoryBytes: around(peakMemoryBytes, memory),
  };
}

function sigmaByPath(provenance: readonly Provenance[]): ReadonlyMap<string, number> {
  return new Map(provenance.map(({ path, sigma }) => [path, sigma]));
}

function relativeSigma(parts: Contributions, total: number, sigmas: ReadonlyMap<string, number>): number {
  if (total === 0) return 0;
  const variance = [...parts].reduce((sum, [path, part]) => {
    const deviation = (part / total) * (sigmas.get(path) ?? 0);
    return sum + deviation * deviation;
  }, 0);
  return Math.sqrt(variance);
}

/** Static power is drawn for as long as it takes; measured active power makes all energy power × time. */
function energySigma(
  { joules, energyJoules }: Estimate,
  target: Target,
  sigmas: ReadonlyMap<string, number>,
  timeSigma: number,
): number {
  if (target.energy.activeWatts !== undefined) return hypotenuse(sigmas.get('energy.activeWatts') ?? 0, timeSigma);
  const staticShare = energyJoules === 0 ? 0 : (joules.get('energy.staticWatts') ?? 0) / energyJoules;
  return hypotenuse(relativeSigma(joules, energyJoules, sigmas), staticShare * timeSigma);
}

/** Running all the time, power is energy over time; at a rate it is the energy of one inference, and idling. */
function powerSigma(
  estimate: Estimate,
  target: Target,
  sigmas: ReadonlyMap<string, number>,
  sigma: { readonly time: number; readonly energy: number },
): number {
  const { joules, energyJoules, averagePowerWatts, rateHertz } = estimate;
  if (rateHertz !== undefined && averagePowerWatts > 0) {
    const active = Math.min(1, (energyJoules * rateHertz) / averagePowerWatts);
    return hypotenuse(active * sigma.energy, (1 - active) * (sigmas.get('energy.idleWatts') ?? 0));
  }
  if (target.energy.activeWatts !== undefined) return sigmas.get('energy.activeWatts') ?? 0;
  const staticShare = energyJoules === 0 ? 0 : (joules.get('energy.staticWatts') ?? 0) / energyJoules;
  return hypotenuse(relativeSigma(joules, energyJoules, sigmas), (1 - staticShare) * sigma.time);
}

/** Tensors are exact; what the runtime takes beside them is not. */
function memorySigma({ peakMemoryBytes }: Estimate, { plan }: Target, sigmas: ReadonlyMap<string, number>): number {
  const parts = new Map([['plan.runtimeOverheadBytes', plan.runtimeOverheadBytes]]);
  return relativeSigma(parts, Math.max(peakMemoryBytes, plan.runtimeOverheadBytes), sigmas);
}

/** By a root, which is the same in every engine. */
function hypotenuse(one: number, other: number): number {
  return Math.sqrt(one * one + other * other);
}

function spread(sigma: number): Band {
  return [exponential(-tenthPercentile * sigma), exponential(tenthPercentile * sigma)];
}

/** The spread that a band stands for. */
function sigmaOf([low, high]: Band): number {
  return logarithm(high / low) / (2 * tenthPercentile);
}

function around(total: number, [low, high]: Band): Band {
  return [total * low, total * high];
}
