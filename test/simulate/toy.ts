// Toy targets and kernels with round numbers, so that expected costs can be worked out in a comment.
import type { LoopNest } from '../../src/operators/work.ts';
import type { Kernel, Schedule, Stream } from '../../src/schedule/schedule.ts';
import type { ComputeUnit, Memory, Target } from '../../src/schedule/target.ts';

/** One core, 1 GHz, 4 int8 MACs a cycle, tiles of 1 x 1: nothing is lost to shape. */
export const toyUnit: ComputeUnit = {
  id: 'cpu',
  kind: 'simd',
  cores: 1,
  clockHertz: 1e9,
  macsPerCycle: { int8: 4, float32: 1 },
  geometry: { kind: 'micro-kernel', rows: 1, columns: 1, depth: 1 },
  efficiency: { default: 1 },
  vectorElementsPerCycle: { move: 1, add: 1, multiply: 1, divide: 1, exponential: 1, convert: 1, sort: 1 },
  vectorScalesWithWidth: false,
  parallelEfficiency: 1,
  overlapNorm: 1,
  dispatchSeconds: 0,
  handoverSeconds: 0,
};

/** 1 GB/s in bursts of 1 B. */
export const toyMemory: Memory = {
  id: 'dram',
  bound: 'dram',
  capacityBytes: 1e9,
  bandwidthBytesPerSecond: 1e9,
  efficiency: 1,
  latencySeconds: 0,
  burstBytes: 1,
  readJoulesPerByte: 0,
  writeJoulesPerByte: 0,
};

export const toyTarget: Target = {
  id: 'toy',
  hardware: 'toy',
  variant: '',
  name: 'Toy',
  class: 'mcu',
  status: 'estimate',
  runtime: { name: 'toy', version: '1', threads: 1 },
  units: [toyUnit],
  memories: [toyMemory],
  plan: {
    activations: 'dram',
    weights: 'dram',
    alignBytes: 1,
    allocator: 'greedy-by-size',
    runtimeOverheadBytes: 0,
  },
  support: { operators: new Map(), anyOperator: true, maximumRank: 8, batchOneOnly: false, partition: 'any' },
  fusion: [],
  energy: { joulesPerMac: { int8: 0, float32: 0 }, joulesPerVectorElement: 0, staticWatts: 0, idleWatts: 0 },
  invokeSeconds: 0,
  validation: [],
  provenance: [],
};

export const pointNest: LoopNest = {
  B: 1,
  G: 1,
  K: 1,
  C: 1,
  OY: 1,
  OX: 1,
  FY: 1,
  FX: 1,
  strideY: 1,
  strideX: 1,
  dilationY: 1,
  dilationX: 1,
  streamedInput: 0,
  stationaryInput: 1,
  sequentialSteps: 1,
};

export function nestMacsOf({ B, G, K, C, OY, OX, FY, FX, sequentialSteps }: LoopNest): number {
  return B * G * K * C * OY * OX * FY * FX * sequentialSteps;
}

/** A convolution in int8 on the toy unit unless told otherwise; MACs follow from the nests. */
export function toyKernel(overrides: Partial<Kernel> = {}): Kernel {
  const nests = overrides.nests ?? [];
  const macs = nests.reduce((sum, nest) => sum + nestMacsOf(nest), 0);
  return {
    index: 0,
    name: 'layer',
    operator: 'Conv',
    nodes: ['layer'],
    fused: ['Conv'],
    unit: 'cpu',
    type: 'int8',
    assumed: false,
    operatorClass: 'convolution',
    algorithm: 'direct',
    nests,
    vector: [],
    macs,
    executedMacs: macs,
    parameters: 0,
    weightsBytes: 0,
    fileBytes: 0,
    inputs: [],
    outputs: [],
    tile: null,
    streams: [],
    workspaceBytes: 0,
    repetitions: 1,
    fallback: null,
    outputShape: [1],
    ...overrides,
  };
}

export function stream(memory: string, role: Stream['role'], bytes: number, transfers = 1): Stream {
  const writes = role === 'output';
  return { memory, role, readBytes: writes ? 0 : bytes, writeBytes: writes ? bytes : 0, transfers };
}

export function toySchedule(kernels: readonly Kernel[], target: Target = toyTarget): Schedule {
  const indexed = kernels.map((kernel, index) => ({ ...kernel, index }));
  const sum = (amount: (kernel: Kernel) => number) => indexed.reduce((total, kernel) => total + amount(kernel), 0);
  return {
    target,
    kernels: indexed,
    arenas: [
      {
        memory: target.plan.activations,
        placements: [],
        peakBytes: 100,
        lowerBoundBytes: 90,
        peakKernel: 0,
        liveBytes: indexed.map(() => 90),
        capacityBytes: 1e9,
      },
    ],
    assumptions: [],
    unknownOperators: [],
    uncountedOperators: [],
    coverage: 1,
    sizes: {
      fileBytes: sum(({ fileBytes }) => fileBytes) + 7,
      downloadBytes: null,
      weightsBytes: sum(({ weightsBytes }) => weightsBytes),
      parameters: sum(({ parameters }) => parameters),
      macs: sum(({ macs }) => macs),
      overheadBytes: 7,
    },
    constantNodes: [],
  };
}
