/** The totals of two simulations side by side. */
import type { Simulation, Totals } from '../simulate/simulation.ts';
import type { MetricKey, TotalDiff } from './comparison.ts';

/** In the order of the report. */
export const metricKeys: readonly MetricKey[] = [
  'latencySeconds',
  'energyJoules',
  'averagePowerWatts',
  'peakMemoryBytes',
  'dramTrafficBytes',
  'fileBytes',
  'downloadBytes',
  'weightsBytes',
  'parameters',
  'macs',
  'cpuFallbackLayers',
];

export type MetricValues = Readonly<Partial<Record<MetricKey, number>>>;

/** All that a simulation knows; `downloadBytes` is missing where nobody asked for it. */
export function metricValues(simulation: Simulation): MetricValues {
  const { totals } = simulation;
  const { latencySeconds, energyJoules, averagePowerWatts, peakMemoryBytes } = totals;
  const { fileBytes, downloadBytes, weightsBytes, parameters, macs, cpuFallbackLayers } = totals;
  return {
    ...{ latencySeconds, energyJoules, averagePowerWatts, peakMemoryBytes },
    ...{ fileBytes, weightsBytes, parameters, macs, cpuFallbackLayers },
    dramTrafficBytes: dramBytes(simulation, totals.trafficBytes),
    ...(downloadBytes === null ? {} : { downloadBytes }),
  };
}

/** Traffic of the memories that are DRAM, by the target's ids. 0 on a target that has none. */
export function dramBytes({ schedule }: Simulation, traffic: Readonly<Record<string, number>>): number {
  const memories = schedule.target.memories.filter((memory) => memory.bound === 'dram');
  return memories.reduce((sum, memory) => sum + (traffic[memory.id] ?? 0), 0);
}

export interface TotalsSide {
  readonly values: MetricValues;
  readonly bands: Totals['bands'];
}

/** A side that is not there; `absent`: the model did not exist, so everything counts as a change from nothing. */
export type MissingSide = 'absent' | 'unreadable';

export function diffTotals(
  base: TotalsSide | MissingSide,
  head: TotalsSide | MissingSide,
): Readonly<Record<MetricKey, TotalDiff>> {
  const entries = metricKeys.map((key) => [key, diffTotal(key, base, head)] as const);
  return Object.fromEntries(entries) as Record<MetricKey, TotalDiff>;
}

/** Sums of the same layers in another order differ in their last digits. */
const rounding = 1e-12;

function diffTotal(key: MetricKey, base: TotalsSide | MissingSide, head: TotalsSide | MissingSide): TotalDiff {
  const [before, after] = [valueOf(key, base), valueOf(key, head)];
  const [from, to] = [base === 'absent' ? 0 : before, head === 'absent' ? 0 : after];
  const nothing = before === null && after === null;
  const same = from !== null && to !== null && Math.abs(to - from) <= rounding * Math.max(from, to);
  return {
    base: before,
    head: after,
    delta: nothing || from === null || to === null ? null : same ? 0 : to - from,
    ratio: before === null || after === null || before === 0 ? null : same ? 1 : after / before,
    band: after === null || typeof head === 'string' ? null : (bandOf(key, head.bands) ?? null),
  };
}

function valueOf(key: MetricKey, side: TotalsSide | MissingSide): number | null {
  return typeof side === 'string' ? null : (side.values[key] ?? null);
}

/** Counts have none. */
export function bandOf(key: MetricKey, bands: Totals['bands']): readonly [number, number] | undefined {
  return Object.hasOwn(bands, key) ? bands[key as keyof Totals['bands']] : undefined;
}
