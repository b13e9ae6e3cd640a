/** What one inference costs, per layer and in total. SI units; see the JSON of `simulate`. */
import type { Schedule } from '../schedule/schedule.ts';

export type Bound = 'compute' | 'vector' | 'dram' | 'sram' | 'flash' | 'link' | 'dispatch';

/** The closed list of reasons why a layer takes the time it takes. */
export type Cause =
  | 'compute'
  | 'compute-shape'
  | 'vector/activation'
  | 'dram-activations'
  | 'dram-weights'
  | 'weight-cache-miss'
  | 'sram-bandwidth'
  | 'dispatch'
  | 'cpu-fallback'
  | 'transfer/sync'
  | 'layout/cast';

export interface CauseShare {
  readonly cause: Cause;
  /** Share of the layer's time; the shares of a layer add up to it. */
  readonly seconds: number;
  /** How much shorter the layer would be without this term. Need not add up. */
  readonly savedSeconds: number;
  /** What to know: which dimension pads, the reason of the fallback. */
  readonly detail?: string;
}

export interface LayerCost {
  readonly id: string;
  readonly name: string;
  readonly op: string;
  readonly nodes: readonly string[];
  readonly unit: string;
  readonly dtype: string;
  readonly latencySeconds: number;
  readonly energyJoules: number;
  readonly averagePowerWatts: number;
  readonly macs: number;
  readonly parameters: number;
  readonly weightsBytes: number;
  readonly fileBytes: number;
  readonly trafficBytes: Readonly<Record<string, number>>;
  /** Live bytes in the activations' memory while it runs. */
  readonly memoryBytes: number;
  /** MACs / (latency × peak of the unit); 0 for layers without MACs. */
  readonly utilization: number;
  readonly bound: Bound;
  readonly causes: readonly CauseShare[];
  /** Words for people: why it is not on the main unit. */
  readonly fallback: string | null;
  readonly outputShape: readonly number[];
}

export type BandMetric =
  'latencySeconds' | 'energyJoules' | 'averagePowerWatts' | 'peakMemoryBytes' | 'dramTrafficBytes';

export interface Totals {
  readonly latencySeconds: number;
  readonly energyJoules: number;
  readonly averagePowerWatts: number;
  readonly peakMemoryBytes: number;
  readonly peakMemoryBytesByMemory: Readonly<Record<string, number>>;
  readonly weightsBytes: number;
  readonly fileBytes: number;
  readonly downloadBytes: number | null;
  readonly parameters: number;
  readonly macs: number;
  readonly trafficBytes: Readonly<Record<string, number>>;
  readonly cpuFallbackLayers: number;
  /** 80% bands, `[low, high]` in the metric's unit. */
  readonly bands: Partial<Readonly<Record<BandMetric, readonly [number, number]>>>;
}

export interface Simulation {
  readonly schedule: Schedule;
  readonly totals: Totals;
  /**
   * In execution order. Latency, energy, MACs, parameters, weights and layer file bytes add up to the totals; what one
   * inference costs beside its layers is a row of its own, `(invocation)`, with no nodes.
   */
  readonly layers: readonly LayerCost[];
  /** `totals.fileBytes` minus the layers' file bytes: names, graph structure, metadata. */
  readonly fileOverheadBytes: number;
  /** Name of the layer at which the activations' memory peaks. */
  readonly peakMemoryLayer: string | null;
}
