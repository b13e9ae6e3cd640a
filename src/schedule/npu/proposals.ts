/** Plans for all operations: weights from where they are, then with buffers. */
import type { Initializer } from '../../ir/graph.ts';
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { lifetimesOf } from './lifetimes.ts';
import type { MemoryAt } from './live-range.ts';
import { copyOf, memoryOverTime, used, withoutBuffers } from './live-range.ts';
import { firstPlan } from './measure.ts';
import { withBuffering } from './buffering.ts';
import type { OperationPlan, Plan } from './plan.ts';
import { bufferedBytes } from './plan.ts';
import type { NpuTensor } from './operation.ts';

/** No more than this may be asked of a memory. */
export const largestLimit = 2 ** 30;

export interface Snapshot {
  readonly memory: MemoryAt[];
  /** By operation. */
  readonly times: readonly number[];
  readonly peak: number;
}

/** Everything at once, nothing buffered. */
export function wholePlan(context: Context, near: Near): Plan {
  const operations = context.program.operations.map((operation) => firstPlan(operation, context, { near }));
  return { operations, cascades: new Map() };
}

/** What is alive in the fast memory, if tensors in `near` are. */
export function snapshotOf(context: Context, plan: Plan, near: Near): Snapshot {
  const lifetimes = lifetimesOf(context.program, plan, {
    includes: (tensor: NpuTensor) => !context.spills || near.has(tensor),
    buffers: true,
    rolling: true,
  });
  const memory = memoryOverTime(lifetimes.ranges, lifetimes.endTime);
  return { memory, times: lifetimes.times, peak: memory.reduce((most, at) => Math.max(most, used(at)), 0) };
}

export interface BufferingRange {
  readonly near: Near;
  /** Operations from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Of the operation before the first, where only some are planned again. */
  readonly before?: OperationPlan;
}

/** Buffers for weights, operation by operation: each leaves room and time for the next one's. */
export function bufferedPlan(context: Context, reference: Plan, snapshot: Snapshot, range: BufferingRange): Plan {
  const { near } = range;
  const limit = Math.min(largestLimit, context.limitBytes);
  const memory = snapshot.memory.map(copyOf);
  const operations = [...reference.operations];
  const sharersOf = sharing(context.program);
  let before = range.before;
  for (let index = range.start; index < range.end; index++) {
    const operation = context.program.operations[index]!;
    const own = reference.operations[index]!;
    if (operation.onProcessor || own.block === undefined) {
      before = own;
      continue;
    }
    const at = memory[snapshot.times[index]!]!;
    const taken = Math.max(0, at.buffer - bufferedBytes(own)) + withoutBuffers(at);
    const slackBytes = Math.max(0, limit - taken);
    const planned = { ...unbuffered(own, context, index), slackBytes, slackCycles: own.cycles };
    operations[index] = planBuffers(index, planned, {
      ...{ context, reference, before, near },
      limitBytes: slackBytes,
      sharers: sharersOf(index),
    });
    noteBuffers(operations[index]!, memory, snapshot.times[index]!);
    before = operations[index];
  }
  return { operations, cascades: reference.cascades };
}

/** All weights at once, from where they are. */
function unbuffered(own: OperationPlan, { program, encode, architecture }: Context, index: number): OperationPlan {
  if (own.buffering === 'none') return own;
  const operation = program.operations[index]!;
  const { weights } = operation;
  if (weights === null || own.block === undefined) return own;
  return {
    ...own,
    cuts: [0, own.stripe.depth],
    weights: encode(weights, architecture.weightOrder(operation, own.block), [0, weights.outputs]),
    ...{ buffering: 'none', parts: [], preBuffered: false },
  };
}

interface Surroundings {
  readonly context: Context;
  readonly reference: Plan;
  readonly before: OperationPlan | undefined;
  readonly limitBytes: number;
  readonly near: Near;
  readonly sharers: number;
}

function planBuffers(index: number, own: OperationPlan, around: Surroundings): OperationPlan {
  const { context, reference, before, limitBytes, near, sharers } = around;
  const { program, spills } = context;
  const operation = program.operations[index]!;
  if (operation.weights === null) return own;
  const source = program.uses.get(operation.inputs[0].tensor)!;
  const readers = program.uses.get(operation.output.tensor)!.consumers;
  const inputRolls = own.cascade !== 0 && !own.firstInCascade;
  return withBuffering(
    {
      ...{ operation, index, own, before, limitBytes, near, inputRolls, sharers },
      beforeOnNpu: index > 0 && !program.operations[index - 1]!.onProcessor,
      next: readers.length === 0 ? undefined : reference.operations[readers[0]!],
      inputCanMove: spills && source.producers.length > 0 && !inputRolls && !near.has(primary(operation).tensor),
    },
    context,
  );
}

/** Operations that read the same weights, where the one before (or, at the start, behind) is one of them. */
function sharing({ operations }: Context['program']): (index: number) => number {
  const readers = new Map<Initializer, number>();
  for (const { weights } of operations) {
    if (weights !== null) readers.set(weights.initializer, (readers.get(weights.initializer) ?? 0) + 1);
  }
  return (index) => {
    const own = operations[index]?.weights?.initializer;
    const neighbour = operations[index === 0 ? 1 : index - 1]?.weights?.initializer;
    return own === undefined || neighbour !== own ? 1 : (readers.get(own) ?? 1);
  };
}

function noteBuffers(own: OperationPlan, memory: MemoryAt[], time: number): void {
  const bytes = bufferedBytes(own);
  if (bytes === 0) return;
  memory[time]!.buffer += bytes;
  if (own.preBuffered && time > 0) memory[time - 1]!.other += own.parts[0] ?? 0;
}

/** Neighbours that read the same weights, whole, keep them in one buffer. */
export function withSharedBuffers(context: Context, plan: Plan): Plan {
  const weightsOf = (index: number) => context.program.operations[index]?.weights?.initializer;
  const operations = plan.operations.map((own, index) => {
    const before = plan.operations[index - 1];
    const shares =
      before !== undefined &&
      own.buffering !== 'none' &&
      weightsOf(index) !== undefined &&
      weightsOf(index) === weightsOf(index - 1) &&
      own.buffering === before.buffering &&
      bufferedBytes(own) === bufferedBytes(before) &&
      own.cuts.length === 2 &&
      before.cuts.length === 2;
    return shares ? { ...own, sharesBuffer: true } : own;
  });
  return { ...plan, operations };
}
