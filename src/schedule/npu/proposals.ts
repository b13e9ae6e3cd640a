/** Plans for all operations: weights from where they are, then with buffers. */
import type { Initializer } from '../../ir/graph.ts';
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { lifetimesOf } from './lifetimes.ts';
import type { MemoryAt } from './live-range.ts';
import { copyOf, memoryOverTime, withoutBuffers } from './live-range.ts';
import { firstPlan } from './measure.ts';
import type { BufferingQuestion } from './buffering.ts';
import { withBuffering } from './buffering.ts';
import type { OperationPlan, Plan } from './plan.ts';
import { bufferedBytes, changed } from './plan.ts';
import type { NpuTensor } from './operation.ts';

/** No more than this may be asked of a memory. */
export const largestLimit = 2 ** 30;

export interface Snapshot {
  readonly memory: MemoryAt[];
  /** By operation. */
  readonly times: readonly number[];
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
  return { memory: memoryOverTime(lifetimes.ranges, lifetimes.endTime), times: lifetimes.times };
}

export interface BufferingRange {
  readonly near: Near;
  /** Operations from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Of the operation before the first, where only some are planned again. */
  readonly before?: OperationPlan;
}

/**
 * Buffers for weights, operation by operation: each leaves room and time for the next one's. The plans of the range's
 * operations, in their order.
 */
export function withBuffers(
  context: Context,
  reference: Plan,
  snapshot: Snapshot,
  range: BufferingRange,
): readonly OperationPlan[] {
  const { near } = range;
  const limit = Math.min(largestLimit, context.limitBytes);
  const memory = changing(snapshot.memory);
  const sharersOf = sharing(context.program);
  const plans: OperationPlan[] = [];
  let before = range.before;
  for (let index = range.start; index < range.end; index++) {
    const operation = context.program.operations[index]!;
    let own = reference.operations[index]!;
    if (!operation.onProcessor && own.block !== undefined) {
      const time = snapshot.times[index]!;
      const at = memory.at(time);
      const taken = Math.max(0, at.buffer - bufferedBytes(own)) + withoutBuffers(at);
      const limitBytes = Math.max(0, limit - taken);
      own = planBuffers(index, { context, reference, before, near, limitBytes, sharers: sharersOf(index) });
      noteBuffers(own, memory, time);
    }
    plans.push(own);
    before = own;
  }
  return plans;
}

/** What is alive at each time, to be changed; times that are asked for are copied first. */
interface ChangingMemory {
  readonly at: (time: number) => MemoryAt;
}

function changing(memory: readonly MemoryAt[]): ChangingMemory {
  const changed = new Map<number, MemoryAt>();
  return {
    at(time) {
      let own = changed.get(time);
      if (own === undefined) changed.set(time, (own = copyOf(memory[time]!)));
      return own;
    },
  };
}

/** All weights at once, from where they are. */
function unbuffered(own: OperationPlan, { program, encode }: Context, index: number): OperationPlan {
  if (own.buffering === 'none') return own;
  const operation = program.operations[index]!;
  if (operation.weights === null || own.block === undefined) return own;
  const weights = encode(operation, own.block);
  return changed(own, { cuts: [0, own.stripe.depth], weights, buffering: 'none', parts: [], preBuffered: false });
}

interface Surroundings {
  readonly context: Context;
  readonly reference: Plan;
  readonly before: OperationPlan | undefined;
  /** Room for the operation's buffers. */
  readonly limitBytes: number;
  readonly near: Near;
  /** Operations that read the same weights. */
  readonly sharers: number;
}

/** By what is known of the weights' sizes, then by the plan as it was before: operations that run alike share both. */
const knownBuffered = new WeakMap<object, WeakMap<OperationPlan, Map<string, OperationPlan>>>();
const noWeights = {};

/** Decided once for operations that are alike among neighbours that are. */
function planBuffers(index: number, around: Surroundings): OperationPlan {
  const { context, reference } = around;
  const own = reference.operations[index]!;
  const { weights } = context.program.operations[index]!;
  const sizes = weights === null ? noWeights : context.encodingsOf(weights);
  let byPlan = knownBuffered.get(sizes);
  if (byPlan === undefined) knownBuffered.set(sizes, (byPlan = new WeakMap()));
  let known = byPlan.get(own);
  if (known === undefined) byPlan.set(own, (known = new Map<string, OperationPlan>()));
  const key = weights === null ? String(around.limitBytes) : printSurroundings(index, around);
  let plan = known.get(key);
  if (plan === undefined) {
    known.set(key, (plan = decide(index, around)));
    context.findings.count++;
  }
  return plan;
}

/** All that buffers hang on beside the operation and its plan. */
function printSurroundings(index: number, around: Surroundings): string {
  const { before, limitBytes, sharers } = around;
  const { slackCycles, slackBytes } = before ?? noRoom;
  const place = `${index === 0} ${isBehindNpu(index, around)} ${mayMoveInput(index, around)} ${before === undefined}`;
  const text = `${limitBytes} ${sharers} ${place} ${slackCycles} ${slackBytes}`;
  const next = nextOf(index, around);
  if (next === undefined) return text;
  const { runCycles, weightReadCycles, inputReadCycles, inputBytes } = next.performance;
  return `${text} ${runCycles} ${weightReadCycles} ${inputReadCycles} ${inputBytes}`;
}

const noRoom: Pick<OperationPlan, 'slackCycles' | 'slackBytes'> = { slackCycles: 0, slackBytes: 0 };

function decide(index: number, around: Surroundings): OperationPlan {
  const { context, before, limitBytes, near, sharers } = around;
  const operation = context.program.operations[index]!;
  const reference = around.reference.operations[index]!;
  const room = { slackBytes: limitBytes, slackCycles: reference.cycles };
  const own = changed(unbuffered(reference, context, index), room);
  if (operation.weights === null) return own;
  const question: BufferingQuestion = {
    ...{ operation, index, own, before, limitBytes, near, sharers },
    inputRolls: rollsInput(own),
    beforeOnNpu: isBehindNpu(index, around),
    next: nextOf(index, around),
    inputCanMove: mayMoveInput(index, around),
  };
  return withBuffering(question, context);
}

function isBehindNpu(index: number, { context }: Surroundings): boolean {
  return index > 0 && !context.program.operations[index - 1]!.onProcessor;
}

/** Of the first reader of its result. */
function nextOf(index: number, { context, reference }: Surroundings): OperationPlan | undefined {
  const { operations, uses } = context.program;
  const [reader] = uses.get(operations[index]!.output.tensor)!.consumers;
  return reader === undefined ? undefined : reference.operations[reader];
}

function rollsInput({ cascade, firstInCascade }: OperationPlan): boolean {
  return cascade !== 0 && !firstInCascade;
}

function mayMoveInput(index: number, { context, reference, near }: Surroundings): boolean {
  if (!context.spills || rollsInput(reference.operations[index]!)) return false;
  const operation = context.program.operations[index]!;
  const source = context.program.uses.get(operation.inputs[0].tensor)!;
  return source.producers.length > 0 && !near.has(primary(operation).tensor);
}

const readersOfWeights = new WeakMap<Context['program'], ReadonlyMap<Initializer, number>>();

/** How many operations read the same weights. */
function readersIn(program: Context['program']): ReadonlyMap<Initializer, number> {
  const known = readersOfWeights.get(program);
  if (known !== undefined) return known;
  const readers = new Map<Initializer, number>();
  for (const { weights } of program.operations) {
    if (weights !== null) readers.set(weights.initializer, (readers.get(weights.initializer) ?? 0) + 1);
  }
  readersOfWeights.set(program, readers);
  return readers;
}

/** Operations that read the same weights, where the one before (or, at the start, behind) is one of them. */
function sharing(program: Context['program']): (index: number) => number {
  const { operations } = program;
  const readers = readersIn(program);
  return (index) => {
    const own = operations[index]?.weights?.initializer;
    const neighbour = operations[index === 0 ? 1 : index - 1]?.weights?.initializer;
    return own === undefined || neighbour !== own ? 1 : (readers.get(own) ?? 1);
  };
}

function noteBuffers(own: OperationPlan, memory: ChangingMemory, time: number): void {
  const bytes = bufferedBytes(own);
  if (bytes === 0) return;
  memory.at(time).buffer += bytes;
  if (own.preBuffered && time > 0) memory.at(time - 1).other += own.parts[0] ?? 0;
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
    return shares ? changed(own, { sharesBuffer: true }) : own;
  });
  return { ...plan, operations };
}
