/** Schedule in, costs out: time and energy of every layer, totals that are the sums of the rows, bands. */
import type { Kernel, Schedule } from '../schedule/schedule.ts';
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

/** What a row costs, and what of it hangs on which number of the target. */
interface Costed {
  readonly cost: Cost;
  readonly seconds: readonly { readonly numbers: readonly string[]; readonly seconds: number }[];
  readonly energy: KernelEnergy;
}

/** The part of a row that is the same for all kernels that are alike. */
type Cost = Pick<
  LayerCost,
  'latencySeconds' | 'energyJoules' | 'averagePowerWatts' | 'trafficBytes' | 'utilization' | 'bound' | 'causes'
>;

/** Deterministic; never throws for a schedule that the compiler made. */
export function simulate(schedule: Schedule, { rateHertz }: SimulateOptions = {}): Simulation {
  const layers: LayerCost[] = [];
  const hanging: HangingSums = { seconds: new Map(), joules: new Map() };
  for (const { layer, costed } of rowsOf(schedule)) {
    layers.push(layer);
    addHanging(hanging, costed);
  }
  return {
    schedule,
    totals: totalsOf(layers, hanging, schedule, rateHertz),
    layers,
    fileOverheadBytes: schedule.sizes.fileBytes - sum(layers, ({ fileBytes }) => fileBytes),
    peakMemoryLayer: peakLayer(schedule),
  };
}

interface Row {
  readonly layer: LayerCost;
  readonly costed: Costed;
}

/** Kernels that are alike share the record of their time. */
const knownCosts = new WeakMap<KernelTime, Costed>();

/** Row by row: what stands beside the layers is not kept. */
function* rowsOf(schedule: Schedule): Generator<Row> {
  const { target, arenas } = schedule;
  if (target.invokeSeconds > 0) yield invocation(target);
  const arena = arenas.find(({ memory }) => memory === target.plan.activations);
  for (const timed of timesOf(schedule)) {
    const costed = knownCosts.get(timed.time) ?? costOf(timed);
    knownCosts.set(timed.time, costed);
    yield { layer: layerOf(timed.kernel, costed.cost, arena?.liveBytes[timed.kernel.index] ?? 0), costed };
  }
}

function layerOf(kernel: Kernel, cost: Cost, memoryBytes: number): LayerCost {
  return {
    id: kernel.name,
    name: kernel.name,
    op: kernel.operator,
    nodes: kernel.nodes,
    unit: kernel.unit,
    dtype: kernel.type,
    latencySeconds: cost.latencySeconds,
    energyJoules: cost.energyJoules,
    averagePowerWatts: cost.averagePowerWatts,
    macs: kernel.macs,
    parameters: kernel.parameters,
    weightsBytes: kernel.weightsBytes,
    fileBytes: kernel.fileBytes,
    trafficBytes: cost.trafficBytes,
    memoryBytes,
    utilization: cost.utilization,
    bound: cost.bound,
    causes: cost.causes,
    fallback: kernel.fallback?.reason ?? null,
    outputShape: kernel.outputShape,
  };
}

function costOf({ kernel, placement, time }: TimedKernel): Costed {
  const { latencySeconds } = time;
  const energy = energyOf(kernel, placement, latencySeconds);
  const cost: Cost = {
    latencySeconds,
    energyJoules: energy.joules,
    averagePowerWatts: latencySeconds === 0 ? 0 : energy.joules / latencySeconds,
    trafficBytes: Object.fromEntries(trafficOf(streamsOf(kernel, placement), kernel.repetitions)),
    utilization: utilizationOf(kernel.macs, latencySeconds, peakMacsPerSecond(placement.unit, kernel.type)),
    bound: boundOf(time),
    causes: explain(kernel, time, placement),
  };
  const shares = sharesOf(time.terms, time.overlapNorm);
  return { cost, seconds: shares.map(({ term, seconds }) => ({ numbers: term.numbers, seconds })), energy };
}

function utilizationOf(macs: number, seconds: number, peak: number): number {
  return macs === 0 || seconds === 0 || peak === 0 ? 0 : macs / (seconds * peak);
}

function invocation(target: Target): Row {
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
  return { layer, costed: { cost: layer, seconds: [{ numbers: ['invokeSeconds'], seconds }], energy } };
}

/** Sums of the rows in their order, so that rows add up to totals to the last bit. */
function totalsOf(
  layers: readonly LayerCost[],
  { seconds, joules }: Hanging,
  schedule: Schedule,
  rateHertz: number | undefined,
): Totals {
  const { target, sizes, kernels } = schedule;
  const latencySeconds = sum(layers, (layer) => layer.latencySeconds);
  const energyJoules = sum(layers, (layer) => layer.energyJoules);
  const averagePowerWatts = averagePower({ latencySeconds, energyJoules }, target.energy.idleWatts, rateHertz);
  const peaks = peaksOf(schedule);
  const peakMemoryBytes = peaks[target.plan.activations] ?? 0;
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
  let total = 0;
  for (const layer of layers) total += amount(layer);
  return total;
}

/** How much hangs on each number of the target, by its path. */
interface Hanging {
  readonly seconds: ReadonlyMap<string, number>;
  readonly joules: ReadonlyMap<string, number>;
}

interface HangingSums extends Hanging {
  readonly seconds: Map<string, number>;
  readonly joules: Map<string, number>;
}

function addHanging({ seconds, joules }: HangingSums, { seconds: parts, energy }: Costed): void {
  for (const part of parts) for (const path of part.numbers) addTo(seconds, path, part.seconds);
  for (const part of energy.parts) addTo(joules, part.number, part.joules);
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
