/** The JSON of `model-budget simulate`: a simulation as a versioned document. SI units, floats unrounded. */
import { targetIdentity } from '../schedule/document.ts';
import type { TargetStatus } from '../schedule/target.ts';
import type { CauseShare, LayerCost, Simulation, Totals } from '../simulate/simulation.ts';

export interface SimulationDocument {
  readonly schema: 'model-budget/simulate@1';
  readonly model: { readonly path: string };
  readonly target: {
    readonly id: string;
    readonly status: TargetStatus;
    /** Name and version. */
    readonly runtime: string;
    /** Of the unit that runs what is supported. */
    readonly clockHertz: number;
  };
  /** What was taken for granted: dimensions set to 1, the assumed dtype. Sorted. */
  readonly assumptions: readonly string[];
  /** Operators that could not be compiled; their cost is not in the totals. */
  readonly unknownOperators: readonly { readonly op: string; readonly count: number }[];
  /** Share of the file's nodes that could be compiled. */
  readonly coverage: { readonly nodes: number };
  readonly totals: Totals;
  /** In execution order; they add up to the totals. */
  readonly layers: readonly LayerDocument[];
}

export type LayerDocument = Pick<
  LayerCost,
  | 'id'
  | 'name'
  | 'op'
  | 'nodes'
  | 'unit'
  | 'dtype'
  | 'latencySeconds'
  | 'energyJoules'
  | 'averagePowerWatts'
  | 'macs'
  | 'weightsBytes'
  | 'trafficBytes'
  | 'utilization'
  | 'bound'
> & { readonly causes: readonly CauseShare[] };

/** `path`: of the model's file, as the user gave it. */
export function simulationDocument({ schedule, totals, layers }: Simulation, path: string): SimulationDocument {
  const { target, assumptions, unknownOperators, coverage } = schedule;
  return {
    schema: 'model-budget/simulate@1',
    model: { path },
    target: targetIdentity(target),
    assumptions,
    unknownOperators: unknownOperators.map(({ operator, count }) => ({ op: operator, count })),
    coverage: { nodes: coverage },
    totals,
    layers: layers.map(layerDocument),
  };
}

function layerDocument(layer: LayerCost): LayerDocument {
  const { id, name, op, nodes, unit, dtype } = layer;
  const { latencySeconds, energyJoules, averagePowerWatts, macs, weightsBytes } = layer;
  const { trafficBytes, utilization, bound, causes } = layer;
  return {
    ...{ id, name, op, nodes, unit, dtype },
    ...{ latencySeconds, energyJoules, averagePowerWatts, macs, weightsBytes },
    ...{ trafficBytes, utilization, bound, causes },
  };
}
