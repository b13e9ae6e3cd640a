/**
 * The scheduler of NPUs that work in blocks: what each operation costs, what lies in the fast memory, and at which
 * address. In the steps of Arm's compiler (ethos-u-vela 5.2, Apache-2.0), restated.
 */
import { mapBytes } from './cascades.ts';
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { cascadedPlan } from './striping.ts';
import type { NpuStep } from './final.ts';
import { stepOf } from './final.ts';
import { fastStorage } from './fast-storage.ts';
import { climb } from './hill-climb.ts';
import { withInputBuffers } from './input-buffers.ts';
import { lifetimesOf } from './lifetimes.ts';
import { memoryOverTime, used } from './live-range.ts';
import type { NpuTensor } from './operation.ts';
import { roundUp } from './operation.ts';
import type { Plan } from './plan.ts';
import { tensorAlignBytes } from './program.ts';
import { snapshotOf, wholePlan, withBuffers, withSharedBuffers } from './proposals.ts';

export interface PlacedBytes {
  /** Those that lie here one after the other; none for a weight buffer. */
  readonly tensors: readonly NpuTensor[];
  readonly address: number;
  readonly bytes: number;
  /** Operations, by their place. */
  readonly first: number;
  readonly last: number;
}

/** One memory's feature maps and buffers. */
export interface PlacedMemory {
  readonly placed: readonly PlacedBytes[];
  readonly endBytes: number;
  /** By operation: bytes alive while it runs. */
  readonly liveBytes: readonly number[];
}

export interface NpuSchedule {
  /** By kernel. */
  readonly steps: ReadonlyMap<number, readonly NpuStep[]>;
  /** The kernel of each operation, in the order in which they run. */
  readonly kernels: readonly number[];
  /** Of each operation: its kernel, then those whose operations became part of it. */
  readonly does: readonly (readonly number[])[];
  /** The fast memory, and where feature maps have another one, that. */
  readonly near: PlacedMemory;
  readonly home: PlacedMemory | undefined;
  /** Compressed weights, biases and tables. */
  readonly constantBytes: number;
  readonly isNear: (tensor: NpuTensor) => boolean;
}

export function scheduleNpu(given: Context): NpuSchedule {
  const { context, near: copies } = withInputBuffers(given);
  const { plan, near } = planOf(context, copies);
  const shared = withSharedBuffers(context, plan);
  return {
    ...placesOf(context, shared, near),
    kernels: context.program.operations.map(({ kernel }) => kernel),
    does: context.program.operations.map(({ kernel, taken }) => (taken === undefined ? [kernel] : [kernel, ...taken])),
    steps: stepsOf(context, shared, near),
    constantBytes: constantsOf(context, shared),
    isNear: (tensor) => !context.spills || near.has(tensor),
  };
}

interface Planned {
  readonly plan: Plan;
  readonly near: Near;
}

function planOf(context: Context, copies: Near): Planned {
  const whole = wholePlan(context, copies);
  const reference = needsCascades(context) ? cascadedPlan(context, whole, copies) : whole;
  const snapshot = snapshotOf(context, reference, copies);
  const all = { near: copies, start: 0, end: context.program.operations.length };
  const plan: Plan = { ...reference, operations: withBuffers(context, reference, snapshot, all) };
  if (!context.spills) return { plan, near: copies };
  return { plan, near: fastStorage(context, plan, new Set([...copies, ...rollingTensors(context, plan)])) };
}

/** Operands and result of every operation fit the fast memory: then nothing is cut into stripes. */
function needsCascades({ spills, limitBytes, program }: Context): boolean {
  if (!spills) return false;
  return program.operations.some((operation) => mapBytes(operation, program) >= limitBytes);
}

/** What lies in a buffer between two operations of a cascade. */
function rollingTensors({ program }: Context, { cascades }: Plan): NpuTensor[] {
  return [...cascades.values()].flatMap(({ buffers }) =>
    [...buffers.keys()].map((index) => primary(program.operations[index]!).tensor),
  );
}

function stepsOf(context: Context, plan: Plan, near: Near): ReadonlyMap<number, readonly NpuStep[]> {
  const steps = new Map<number, NpuStep[]>();
  const { operations } = context.program;
  for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    const step = stepOf(operation, [plan.operations[index]!, plan.operations[index - 1]], context, near);
    if (step === undefined) continue;
    const others = steps.get(operation.kernel);
    if (others === undefined) steps.set(operation.kernel, [step]);
    else others.push(step);
  }
  return steps;
}

function placesOf(context: Context, plan: Plan, near: Near): Pick<NpuSchedule, 'near' | 'home'> {
  const { program, spills } = context;
  const place = (includes: (tensor: NpuTensor) => boolean, buffers: boolean): PlacedMemory => {
    const { ranges, times, endTime } = lifetimesOf(program, plan, { includes, buffers, rolling: false });
    const alive = ranges.filter(({ end, bytes }) => end >= 0 && bytes > 0);
    const { addresses, endBytes } = climb(alive, tensorAlignBytes, context.limitBytes);
    const memory = memoryOverTime(alive, endTime);
    const placed: PlacedBytes[] = [];
    for (let index = 0; index < alive.length; index++) {
      const { tensors, bytes, start, end } = alive[index]!;
      const [first, last] = [operationAt(times, start), operationAt(times, end)];
      placed.push({ tensors, bytes, address: addresses[index]!, first, last });
    }
    const liveBytes: number[] = [];
    for (const time of times) liveBytes.push(used(memory[time]!));
    return { placed, endBytes, liveBytes };
  };
  return {
    near: place((tensor) => !spills || near.has(tensor), true),
    home: spills ? place((tensor) => !near.has(tensor), false) : undefined,
  };
}

/** The last operation that has begun at a time. */
function operationAt(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Equal weights are stored once. */
function constantsOf({ program }: Context, plan: Plan): number {
  const counted = new Set<unknown>();
  let bytes = 0;
  for (let index = 0; index < program.operations.length; index++) {
    const { weights, tableBytes, inputs } = program.operations[index]!;
    const encoded = plan.operations[index]!.weights;
    if (encoded !== null && weights !== null && !counted.has(weights.initializer)) {
      counted.add(weights.initializer);
      bytes += roundUp(encoded.totalBytes, tensorAlignBytes);
    }
    bytes += roundUp(tableBytes, tensorAlignBytes);
    for (const { tensor } of inputs) {
      if (!tensor.constant || counted.has(tensor)) continue;
      counted.add(tensor);
      bytes += program.uses.get(tensor)?.bytes ?? 0;
    }
  }
  return bytes;
}
