/**
 * The scheduler of NPUs that work in blocks: what each operation costs, what lies in the fast memory, and at which
 * address. In the steps of Arm's compiler (ethos-u-vela 5.2, Apache-2.0), restated.
 */
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { cascadedPlan } from './striping.ts';
import type { NpuStep } from './final.ts';
import { stepOf } from './final.ts';
import { fastStorage } from './fast-storage.ts';
import { climb } from './hill-climb.ts';
import { withInputBuffers } from './input-buffers.ts';
import { lifetimesOf } from './lifetimes.ts';
import type { NpuOperation, NpuTensor } from './operation.ts';
import { roundUp } from './operation.ts';
import type { Plan } from './plan.ts';
import { tensorAlignBytes } from './program.ts';
import { bufferedPlan, snapshotOf, wholePlan, withSharedBuffers } from './proposals.ts';

export interface PlacedBytes {
  /** Name of the tensor, or what it is for. */
  readonly tensor: string;
  readonly address: number;
  readonly bytes: number;
  readonly firstKernel: number;
  readonly lastKernel: number;
}

export interface NpuSchedule {
  /** By kernel. */
  readonly steps: ReadonlyMap<number, readonly NpuStep[]>;
  /** Feature maps, weight buffers and rolling buffers, in the fast memory and, where that is another one, at home. */
  readonly near: readonly PlacedBytes[];
  readonly home: readonly PlacedBytes[];
  readonly nearBytes: number;
  readonly homeBytes: number;
  /** Compressed weights, biases and tables. */
  readonly constantBytes: number;
  readonly isNear: (tensor: NpuTensor) => boolean;
}

export function scheduleNpu(given: Context): NpuSchedule {
  const { context, near: copies } = withInputBuffers(given);
  const { plan, near } = planOf(context, copies);
  const shared = withSharedBuffers(context, plan);
  return {
    ...addressesOf(context, shared, near),
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
  const plan = bufferedPlan(context, reference, snapshot, copies);
  if (!context.spills) return { plan, near: copies };
  return { plan, near: fastStorage(context, plan, new Set([...copies, ...rollingTensors(context, plan)])) };
}

/** Operands and result of every operation fit the fast memory: then nothing is cut into stripes. */
function needsCascades({ spills, limitBytes, program }: Context): boolean {
  if (!spills) return false;
  return program.operations.some(({ inputs, output }) => {
    const tensors = [...inputs, output].map(({ tensor }) => tensor);
    return tensors.reduce((sum, tensor) => sum + (program.uses.get(tensor)?.bytes ?? 0), 0) >= limitBytes;
  });
}

/** What lies in a buffer between two operations of a cascade. */
function rollingTensors({ program }: Context, { cascades }: Plan): NpuTensor[] {
  return [...cascades.values()].flatMap(({ buffers }) =>
    [...buffers.keys()].map((index) => primary(program.operations[index]!).tensor),
  );
}

function stepsOf(context: Context, plan: Plan, near: Near): ReadonlyMap<number, readonly NpuStep[]> {
  const steps = new Map<number, NpuStep[]>();
  for (const [index, operation] of context.program.operations.entries()) {
    const step = stepOf(operation, plan.operations[index]!, plan.operations[index - 1], context, near);
    if (step === undefined) continue;
    const others = steps.get(operation.kernel);
    if (others === undefined) steps.set(operation.kernel, [step]);
    else others.push(step);
  }
  return steps;
}

type Addresses = Pick<NpuSchedule, 'near' | 'home' | 'nearBytes' | 'homeBytes'>;

function addressesOf(context: Context, plan: Plan, near: Near): Addresses {
  const { program, spills } = context;
  const place = (includes: (tensor: NpuTensor) => boolean, buffers: boolean) => {
    const { ranges, times } = lifetimesOf(program, plan, { includes, buffers, rolling: false });
    const alive = ranges.filter(({ end, bytes }) => end >= 0 && bytes > 0);
    const { addresses, endBytes } = climb(alive, tensorAlignBytes, context.limitBytes);
    const kernelAt = kernelsByTime(program.operations, times);
    const placed = alive.map((range, index) => ({
      tensor: range.tensors[0]?.name ?? 'weights',
      address: addresses[index]!,
      bytes: range.bytes,
      firstKernel: kernelAt(range.start),
      lastKernel: kernelAt(range.end),
    }));
    return { placed, endBytes };
  };
  const fast = place((tensor) => !spills || near.has(tensor), true);
  const other = spills ? place((tensor) => !near.has(tensor), false) : { placed: [], endBytes: 0 };
  return { near: fast.placed, home: other.placed, nearBytes: fast.endBytes, homeBytes: other.endBytes };
}

/** The kernel whose operation runs at a time, or ran before it. */
function kernelsByTime(operations: readonly NpuOperation[], times: readonly number[]): (time: number) => number {
  return (time) => {
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (times[middle]! <= time) low = middle;
      else high = middle - 1;
    }
    return operations[low]?.kernel ?? 0;
  };
}

/** Equal weights are stored once. */
function constantsOf({ program }: Context, plan: Plan): number {
  const counted = new Set<unknown>();
  let bytes = 0;
  for (const [index, { weights, tableBytes, inputs }] of program.operations.entries()) {
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
