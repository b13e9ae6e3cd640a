/** Plans for a fast memory that is too small: stripes as low as they can be, then as high as they fit. */
import type { CascadedRange, CascadeRange } from './cascades.ts';
import { cascadedBytes, runsInStripes, withCascades } from './cascades.ts';
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { used } from './live-range.ts';
import { firstPlan } from './measure.ts';
import type { NpuOperation, NpuTensor, NpuUnit } from './operation.ts';
import { partOf, roundUp, unitsOf } from './operation.ts';
import type { Cascade, OperationPlan, Plan } from './plan.ts';
import { bufferedBytes, changed } from './plan.ts';
import type { Snapshot } from './proposals.ts';
import { snapshotOf, withBuffers } from './proposals.ts';

/** Heights that are tried for the last stripe of a cascade; Vela tries all, which takes long for large images. */
const mostHeights = 64;

export function cascadedPlan(context: Context, whole: Plan, near: Near): Plan {
  const striped = lowestStripes(context, near);
  const all = { start: 0, end: context.program.operations.length - 1 };
  const snapshot = snapshotOf(context, striped, near);
  const otherBytes = othersOf(context, striped, snapshot, near);
  const plan = withCascades({ striped: striped.operations, whole, range: all, otherBytes, near }, context);
  return heightened(context, plan, whole, near);
}

/** Bytes alive beside an operation's own, in the fast memory. */
function othersOf(context: Context, plan: Plan, { memory, times }: Snapshot, near: Near) {
  return (index: number): number => {
    const operation = context.program.operations[index]!;
    const bytes = (tensor: NpuTensor) => (near.has(tensor) ? context.program.uses.get(tensor)!.bytes : 0);
    const own = bytes(primary(operation).tensor) + bytes(operation.output.tensor);
    return used(memory[times[index]!]!) - own - bufferedBytes(plan.operations[index]!);
  };
}

/** Each operation makes as few rows as the next one needs for one of its own. */
function lowestStripes(context: Context, near: Near): Plan {
  const { operations } = context.program;
  const plans = operations.map((operation, index) => {
    const next = operations[index + 1];
    return inStripes(operation, next?.filter.strideY ?? 1, context, near);
  });
  return { operations: plans, cascades: new Map() };
}

function inStripes(operation: NpuOperation, rows: number, context: Context, near: Near): OperationPlan {
  if (!canCut(operation)) return firstPlan(operation, context, { near });
  const height = partOf(operation.output).height;
  const step = operation.resampling === 'none' ? 1 : 2;
  return firstPlan(operation, context, { near, rows: rows === height ? rows : roundUp(rows, step) });
}

const cutUnits: ReadonlySet<NpuUnit> = new Set(['convolution', 'depthwise', 'channel-sum']);

function canCut(operation: NpuOperation): boolean {
  if (operation.onProcessor || operation.chained !== undefined) return false;
  return runsInStripes(operation) || cutUnits.has(unitsOf[operation.operator]);
}

/** The cascades one by one with higher stripes, as long as they fit. */
function heightened(context: Context, plan: Plan, whole: Plan, near: Near): Plan {
  const operations = [...plan.operations];
  const cascades = new Map(plan.cascades);
  const snapshot = snapshotOf(context, plan, near);
  for (const cascade of plan.cascades.values()) {
    const better = higherStripes(cascade, { context, plan, whole, near, snapshot });
    if (better === undefined) continue;
    cascades.delete(cascade.end);
    for (const [place, own] of better.operations.entries()) operations[cascade.start + place] = own;
    for (const [end, found] of better.cascades) cascades.set(end, found);
  }
  return { operations, cascades };
}

interface Surroundings {
  readonly context: Context;
  readonly plan: Plan;
  readonly whole: Plan;
  readonly near: Near;
  readonly snapshot: Snapshot;
}

function higherStripes(cascade: Cascade, around: Surroundings): CascadedRange | undefined {
  const { context, plan, whole, near, snapshot } = around;
  const range = { start: cascade.start, end: cascade.end, near };
  const usedThen = used(snapshot.memory[snapshot.times[cascade.start]!]!);
  const others = Math.max(0, usedThen - cascade.localBytes);
  const before = plan.operations[cascade.start - 1];
  const room = (index: number) => context.limitBytes - used(snapshot.memory[snapshot.times[index]!]!);
  const buffered = withBuffers(context, plan, snapshot, {
    near,
    start: range.start,
    end: range.end + 1,
    ...(before && { before: { ...before, slackBytes: room(cascade.start - 1), slackCycles: before.cycles } }),
  });
  const last = partOf(context.program.operations[cascade.end]!.output);
  const lowest = plan.operations[cascade.end]!.stripe.height + 1;
  const highest = Math.min(Math.floor((last.height + 1) / 2), lowest + mostHeights);
  const otherBytes = () => others;
  let best: CascadedRange | undefined;
  let mostCascades = 0;
  for (let height = lowest; height <= highest; height++) {
    const striped = stripedTo(height, range, buffered, context);
    const proposal = withCascades({ striped, whole, range, otherBytes, near }, context);
    if (mostCascades === 0) mostCascades = proposal.cascades.size;
    const fits = cascadedBytes(proposal, range, others, context) <= context.limitBytes;
    if (!fits || proposal.cascades.size > mostCascades) break;
    best = proposal;
    if (proposal.cascades.size === 0) break;
  }
  return best;
}

/** Stripes of the last operation of this height; those before it as the next one needs. */
function stripedTo(
  height: number,
  { start, end, near }: CascadeRange & { readonly near: Near },
  buffered: readonly OperationPlan[],
  context: Context,
): readonly OperationPlan[] {
  const striped = [...buffered];
  let rows = height;
  for (let index = end; index >= start; index--) {
    const operation = context.program.operations[index]!;
    const planned = inStripes(operation, rows, context, near);
    const keepsBuffer = buffered[index - start]!.buffering === 'single';
    striped[index - start] = keepsBuffer ? inSingleBuffer(planned) : planned;
    const upscale = operation.resampling === 'none' ? 1 : 2;
    rows = Math.floor(planned.stripe.height / upscale) * operation.filter.strideY;
  }
  return striped;
}

/** Of the plans of operations that look alike, so that there are few; as long as those. */
const knownBuffered = new WeakMap<OperationPlan, OperationPlan>();

function inSingleBuffer(plan: OperationPlan): OperationPlan {
  const { weights } = plan;
  if (weights === null) return plan;
  let buffered = knownBuffered.get(plan);
  if (buffered === undefined) {
    buffered = changed(plan, { buffering: 'single', parts: [weights.totalBytes], preBuffered: false });
    knownBuffered.set(plan, buffered);
  }
  return buffered;
}
