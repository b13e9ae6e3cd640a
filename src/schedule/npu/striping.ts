/** Plans for a fast memory that is too small: stripes as low as they can be, then as high as they fit. */
import type { CascadedRange, CascadeRange } from './cascades.ts';
import { cascadedBytes, runsInStripes, withCascades } from './cascades.ts';
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { used } from './live-range.ts';
import { canShare } from './lifetimes.ts';
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
  const around = { context, plan, whole, near, snapshot: snapshotOf(context, plan, near) };
  const heights = new Map<string, number>();
  const numberOf = numbering();
  for (const cascade of plan.cascades.values()) {
    const search = searchOf(cascade, around);
    const key = printSearch(search, context, numberOf);
    let height = heights.get(key);
    if (height === undefined) heights.set(key, (height = bestHeight(search, context)));
    if (height === 0) continue;
    const better = proposalOf(height, search, context);
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

/** Which height suits the last operation of a cascade. */
interface Search {
  readonly range: CascadeRange;
  readonly whole: Plan;
  readonly near: Near;
  /** Bytes alive beside the cascade. */
  readonly others: number;
  /** By operation of the range: its weights are all in one buffer. */
  readonly keepsBuffer: readonly boolean[];
  /** Rows that are tried. */
  readonly lowest: number;
  readonly highest: number;
}

function searchOf({ start, end, localBytes }: Cascade, around: Surroundings): Search {
  const { context, plan, whole, near, snapshot } = around;
  const usedAt = (index: number) => used(snapshot.memory[snapshot.times[index]!]!);
  const before = plan.operations[start - 1];
  const slackBytes = before === undefined ? 0 : context.limitBytes - usedAt(start - 1);
  const buffered = withBuffers(context, plan, snapshot, {
    ...{ near, start, end: end + 1 },
    ...(before && { before: changed(before, { slackBytes, slackCycles: before.cycles }) }),
  });
  const last = partOf(context.program.operations[end]!.output);
  const lowest = plan.operations[end]!.stripe.height + 1;
  return {
    ...{ range: { start, end }, whole, near, lowest },
    highest: Math.min(Math.floor((last.height + 1) / 2), lowest + mostHeights),
    others: Math.max(0, usedAt(start) - localBytes),
    keepsBuffer: buffered.map(({ buffering }) => buffering === 'single'),
  };
}

/** All that the height hangs on: networks repeat their cascades. A plan of the whole stands for how an operation looks. */
function printSearch(search: Search, { program, encodingsOf }: Context, numberOf: (known: object) => number): string {
  const { range, whole, others, keepsBuffer, lowest, highest } = search;
  let text = `${others} ${lowest} ${highest}`;
  for (let index = range.start; index <= range.end; index++) {
    const operation = program.operations[index]!;
    const { inputs, output, weights } = operation;
    const encodings = weights === null ? 0 : numberOf(encodingsOf(weights));
    const shares = canShare(primary(operation).tensor, output.tensor, program);
    text += `;${numberOf(whole.operations[index]!)} ${encodings} ${keepsBuffer[index - range.start]!} ${shares}`;
    for (const { tensor } of inputs) text += ` ${program.uses.get(tensor)!.bytes}`;
    text += ` ${program.uses.get(output.tensor)!.bytes}`;
  }
  return text;
}

/** A number for each object that it is asked about, from 1. */
function numbering(): (known: object) => number {
  const numbers = new Map<object, number>();
  return (known) => {
    const number = numbers.get(known) ?? numbers.size + 1;
    numbers.set(known, number);
    return number;
  };
}

/** The last one before the first that does not fit, or needs more cascades; 0: none. */
function bestHeight(search: Search, context: Context): number {
  const { range, others, lowest, highest } = search;
  let best = 0;
  let mostCascades = 0;
  for (let height = lowest; height <= highest; height++) {
    const proposal = proposalOf(height, search, context);
    if (mostCascades === 0) mostCascades = proposal.cascades.size;
    const fits = cascadedBytes(proposal, range, others, context) <= context.limitBytes;
    if (!fits || proposal.cascades.size > mostCascades) break;
    best = height;
    if (proposal.cascades.size === 0) break;
  }
  return best;
}

/** Stripes of the last operation of this height; those before it as the next one needs. */
function proposalOf(
  height: number,
  { range, whole, near, others, keepsBuffer }: Search,
  context: Context,
): CascadedRange {
  const { start, end } = range;
  const striped: OperationPlan[] = [];
  let rows = height;
  for (let index = end; index >= start; index--) {
    const operation = context.program.operations[index]!;
    const planned = inStripes(operation, rows, context, near);
    striped.push(keepsBuffer[index - start]! ? inSingleBuffer(planned) : planned);
    const upscale = operation.resampling === 'none' ? 1 : 2;
    rows = Math.floor(planned.stripe.height / upscale) * operation.filter.strideY;
  }
  striped.reverse();
  return withCascades({ striped, whole, range, otherBytes: () => others, near }, context);
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
