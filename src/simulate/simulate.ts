/** Schedule in, costs out: time and energy of every layer, totals that are the sums of the rows, bands. */
import type { Schedule } from '../schedule/schedule.ts';
import type { Target } from '../schedule/target.ts';
import { bandsOf } from './bands.ts';
import type { KernelEnergy } from './energy.ts';
import { averagePower, energyOf, idleEnergyOf } from './energy.ts';
import { boundOf, explain } from './explain.ts';
import type { KernelTime } from './kernel-time.ts';
import { streamsOf, trafficOf } from './memory.ts';
import { peakMacsPerSecond } from './placement.ts';
import type { LayerCost, Simulation, Totals } from './simulation.ts';
import { sharesOf } from './term.ts';
import type { TimedKernel } from './times.ts';
import { timesOf } from './times.ts';

export interface SimulateOptions {
  /** Inferences a second: power is averaged over running and idling. Absent: the target runs all the time. */
  readonly rateHertz?: number;
}

/** What one inference costs beside its layers. */
export const invocationRow = '(invocation)';

/** A row with what the bands need to know of it. */
interface Costed {
  readonly layer: LayerCost;
  readonly seconds: readonly { readonly numbers: readonly string[]; readonly seconds: number }[];
  readonly energy: KernelEnergy;
}

/** Deterministic; never throws for a schedule that the compiler made. */
export function simulate(schedule: Schedule, { rateHertz }: SimulateOptions = {}): Simulation {
  const { target } = schedule;
  const rows = [
    ...(target.invokeSeconds > 0 ? [invocation(target)] : []),
    ...Array.from(timesOf(schedule), (timed) => costOf(timed, schedule)),
  ];
  const layers = rows.map(({ layer }) => layer);
  return {
    schedule,
    totals: totalsOf(rows, schedule, rateHertz),
    layers,
    fileOverheadBytes: schedule.sizes.fileBytes - sum(layers, ({ fileBytes }) => fileBytes),
    peakMemoryLayer: peakLayer(schedule),
  };
}

function costOf({ kernel, placement, time }: TimedKernel, { target, arenas }: Schedule): Costed {
  const { latencySeconds } = time;
  const energy = energyOf(kernel, placement, latencySeconds);
  const arena = arenas.find(({ memory }) => memory === target.plan.activations);
  const layer: LayerCost = {
    id: kernel.name,
    name: kernel.name,
    op: kernel.operator,
    nodes: kernel.nodes,
    unit: kernel.unit,
    dtype: kernel.type,
    latencySeconds,
    energyJoules: energy.joules,
    averagePowerWatts: latencySeconds === 0 ? 0 : energy.joules / latencySeconds,
    macs: kernel.macs,
    parameters: kernel.parameters,
    weightsBytes: kernel.weightsBytes,
    fileBytes: kernel.fileBytes,
    trafficBytes: Object.fromEntries(trafficOf(streamsOf(kernel, placement), kernel.repetitions)),
    memoryBytes: arena?.liveBytes[kernel.index] ?? 0,
    utilization: utilizationOf(kernel.macs, latencySeconds, peakMacsPerSecond(placement.unit, kernel.type)),
    bound: boundOf(time),
    causes: explain(kernel, time, placement),
    fallback: kernel.fallback?.reason ?? null,
    outputShape: kernel.outputShape,
  };
  return { layer, seconds: contributionsOf(time), energy };
}

function contributionsOf(time: KernelTime): Costed['seconds'] {
  return sharesOf(time.terms, time.overlapNorm).map(({ term, seconds }) => ({ numbers: term.numbers, seconds }));
}

function utilizationOf(macs: number, seconds: number, peak: number): number {
  return macs === 0 || seconds === 0 || peak === 0 ? 0 : macs / (seconds * peak);
}

function invocation(target: Target): Costed {
  const seconds = target.invokeSeconds;
  const energy = idleEnergyOf(target, seconds);
  const layer: LayerCost = {
    id: invocationRow,
    name: invocationRow,
    op: '',
    nodes: [],
    unit: target.units[0]!.id,
    dtype: '',
    latencySeconds: seconds,
    energyJoules: energy.joules,
    averagePowerWatts: energy.joules / seconds,
    macs: 0,
    parameters: 0,
    weightsBytes: 0,
    fileBytes: 0,
    trafficBytes: {},
    memoryBytes: target.plan.runtimeOverheadBytes,
    utilization: 0,
    bound: 'dispatch',
    causes: [{ cause: 'dispatch', seconds, savedSeconds: seconds, detail: 'starting an inference' }],
    fallback: null,
    outputShape: [],
  };
  return { layer, seconds: [{ numbers: ['invokeSeconds'], seconds }], energy };
}

/** Sums of the rows in their order, so that rows add up to totals to the last bit. */
function totalsOf(rows: readonly Costed[], schedule: Schedule, rateHertz: number | undefined): Totals {
  const { target, sizes, kernels } = schedule;
  const layers = rows.map(({ layer }) => layer);
  const latencySeconds = sum(layers, (layer) => layer.latencySeconds);
  const energyJoules = sum(layers, (layer) => layer.energyJoules);
  const averagePowerWatts = averagePower({ latencySeconds, energyJoules }, target.energy.idleWatts, rateHertz);
  const peaks = peaksOf(schedule);
  const peakMemoryBytes = peaks[target.plan.activations] ?? 0;
  const seconds = secondsByNumber(rows);
  const joules = joulesByNumber(rows);
  const estimate = { latencySeconds, energyJoules, averagePowerWatts, peakMemoryBytes };
  return {
    ...estimate,
    peakMemoryBytesByMemory: peaks,
    weightsBytes: sum(layers, (layer) => layer.weightsBytes),
    fileBytes: sizes.fileBytes,
    downloadBytes: sizes.downloadBytes,
    parameters: sum(layers, (layer) => layer.parameters),
    macs: sum(layers, (layer) => layer.macs),
    trafficBytes: trafficTotals(layers, target),
    cpuFallbackLayers: kernels.filter(({ fallback }) => fallback !== null).length,
    bands: bandsOf({ ...estimate, rateHertz, seconds, joules }, target),
  };
}

function sum(layers: readonly LayerCost[], amount: (layer: LayerCost) => number): number {
  return layers.reduce((total, layer) => total + amount(layer), 0);
}

/** By the number of the target that decides them. Plain loops: large models have millions of parts. */
function secondsByNumber(rows: readonly Costed[]): ReadonlyMap<string, number> {
  const collected = new Map<string, number>();
  for (const row of rows) {
    for (const { numbers, seconds } of row.seconds) for (const path of numbers) addTo(collected, path, seconds);
  }
  return collected;
}

function joulesByNumber(rows: readonly Costed[]): ReadonlyMap<string, number> {
  const collected = new Map<string, number>();
  for (const row of rows) for (const part of row.energy.parts) addTo(collected, part.number, part.joules);
  return collected;
}

function addTo(collected: Map<string, number>, key: string, amount: number): void {
  collected.set(key, (collected.get(key) ?? 0) + amount);
}

/** Every memory of the target, in the target's order. */
function trafficTotals(layers: readonly LayerCost[], { memories }: Target): Record<string, number> {
  return Object.fromEntries(memories.map(({ id }) => [id, sum(layers, ({ trafficBytes }) => trafficBytes[id] ?? 0)]));
}

function peaksOf({ arenas }: Schedule): Record<string, number> {
  const peaks = new Map<string, number>();
  for (const { memory, peakBytes } of arenas) addTo(peaks, memory, peakBytes);
  return Object.fromEntries(peaks);
}

/** The layer at which the most bytes live in the activations' memory; none where nothing lives there. */
function peakLayer({ arenas, kernels, target }: Schedule): string | null {
  const arena = arenas.find(({ memory }) => memory === target.plan.activations);
  return arena === undefined ? null : (kernels[arena.peakKernel]?.name ?? null);
}
