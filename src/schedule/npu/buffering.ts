/**
 * Weights may be fetched into the fast memory before they are needed: all at once or in slices of output channels, the
 * first one while the operation before runs, the next while the one before computes. The choices are those of Vela 5.2's
 * scheduler (Apache-2.0), restated.
 */
import type { Context, Near } from './context.ts';
import { queryOf } from './context.ts';
import { performanceOf } from './measure.ts';
import type { NpuOperation } from './operation.ts';
import { partOf, roundUp } from './operation.ts';
import type { OperationPlan, Performance } from './plan.ts';
import { changed, isComputeBound } from './plan.ts';
import type { EncodedWeights } from './weights/facts.ts';

/** Output channels are cut in multiples of this. */
const splitDepth = 16;
/** A first transfer of this many cycles may delay the start. */
const startCycles = 1000;
/** Blocks filled less than this are not worth their slices. */
const leastFill = 0.3;

export interface BufferingQuestion {
  readonly operation: NpuOperation;
  readonly index: number;
  /** As planned so far, and as it was before any buffering. */
  readonly own: OperationPlan;
  /** Of the operation before, if there is one; its buffering is decided. */
  readonly before: OperationPlan | undefined;
  readonly beforeOnNpu: boolean;
  readonly limitBytes: number;
  readonly near: Near;
  /** The only reader of its result, and how that would run. */
  readonly next: OperationPlan | undefined;
  /** The input comes through a rolling buffer. */
  readonly inputRolls: boolean;
  /** The input could be put into the fast memory. */
  readonly inputCanMove: boolean;
  /** Readers of the same weights beside this operation. */
  readonly sharers: number;
}

interface Costs {
  readonly weightBytes: number;
  readonly depth: number;
  readonly transfer: number;
  readonly unmoved: number;
  readonly fromBuffer: number;
  readonly slack: number;
  readonly slackBytes: number;
  readonly refetches: number;
  readonly computeBound: boolean;
  readonly mayPreBuffer: boolean;
  readonly forceStart: boolean;
  readonly repeats: number;
  readonly canSlice: boolean;
}

type Method = 'none' | 'full' | 'sliced' | 'single';

/** The operation with its buffers, or as it is where none pay. */
export function withBuffering(question: BufferingQuestion, context: Context): OperationPlan {
  const costs = costsOf(question, context);
  const transfer = changed(question.own, { transferCycles: costs?.transfer ?? 0 });
  if (costs === null) return transfer;
  const method = methodOf(costs, question);
  if (method === 'none') return transfer;
  const cut = cutsOf(method, costs, question, context);
  return cut === null ? transfer : (decided(method, { ...cut, costs }, question, context) ?? transfer);
}

function costsOf(question: BufferingQuestion, { ports, spills, architecture }: Context): Costs | null {
  const { own, operation, before } = question;
  const { weights } = own;
  if (weights === null || own.block === undefined) return null;
  if (ports.constants.memory === ports.near.memory && !spills) return { ...free, transfer: 0 };
  const whole = partOf(operation.output);
  const depth = own.stripe.depth;
  const bytes = weights.totalBytes;
  const transfer = architecture.transferCycles(ports.near, ports.constants, bytes);
  const reader = weights.fast === true ? 'fastWeights' : 'weights';
  const repeats = own.cascade !== 0 ? Math.ceil(whole.height / own.stripe.height) : 1;
  const refetches = own.elements.weightReads * repeats;
  const unmoved = architecture.readCycles(ports.constants, bytes, reader) * refetches;
  const fromBuffer = architecture.readCycles(ports.near, bytes, reader) * refetches;
  const smallest = Math.trunc((transfer * Math.min(depth, splitDepth)) / depth);
  const noneBefore = before === undefined || !question.beforeOnNpu;
  return {
    ...{ weightBytes: bytes, depth, transfer, unmoved, fromBuffer, repeats, refetches },
    slack: before?.slackCycles ?? 0,
    slackBytes: before?.slackBytes ?? question.limitBytes,
    computeBound: own.performance.runCycles > unmoved,
    mayPreBuffer: question.index !== 0 && (own.cascade === 0 || own.firstInCascade),
    forceStart: noneBefore && refetches > 1 && (smallest < Math.trunc(unmoved / 10) || smallest <= startCycles),
    canSlice: own.cascade === 0,
  };
}

const free: Costs = {
  weightBytes: 0,
  depth: 0,
  transfer: 0,
  unmoved: 0,
  fromBuffer: 0,
  slack: 0,
  slackBytes: 0,
  refetches: 0,
  computeBound: false,
  mayPreBuffer: false,
  forceStart: false,
  repeats: 1,
  canSlice: false,
};

function methodOf(costs: Costs, { own, limitBytes, sharers }: BufferingQuestion): Method {
  const { transfer, slack, fromBuffer, unmoved, depth, refetches, forceStart } = costs;
  if (fromBuffer >= unmoved) return 'none';
  const visible = Math.max(0, transfer - slack);
  const buffered = fromBuffer + visible;
  const smallest = Math.trunc((transfer * Math.min(depth, splitDepth)) / depth);
  const slices = Math.trunc(depth / own.block!.output.depth);
  const hidesSome = costs.mayPreBuffer && smallest < slack && refetches > 1;
  const sliced = costs.canSlice && (forceStart || buffered < unmoved || slices > 2 || hidesSome);
  const hidden = visible < Math.trunc(transfer / 20) || Math.ceil(visible / costs.repeats) < startCycles;
  const wantsFull = sharers > 1 || (!costs.canSlice && (hidden || forceStart));
  if (costs.weightBytes <= limitBytes && wantsFull && (buffered < unmoved || !costs.computeBound)) {
    return sharers > 1 ? 'full' : 'single';
  }
  return sliced ? 'sliced' : 'none';
}

interface Cut {
  readonly cuts: readonly number[];
  readonly weights: EncodedWeights;
}

function cutsOf(method: Method, costs: Costs, question: BufferingQuestion, context: Context): Cut | null {
  const { depth } = costs;
  const ratio = method === 'sliced' ? firstShare(costs, question.limitBytes) : 1;
  const whole = { cuts: [0, depth], weights: question.own.weights! };
  return ratio < 1 ? slicedCuts(ratio, costs, question, context) : whole;
}

/** Share of the output channels whose weights are there at the start. */
function firstShare({ depth, weightBytes, slack, transfer, computeBound }: Costs, limitBytes: number): number {
  const least = Math.min(splitDepth / depth, 1);
  const half = Math.min(Math.trunc(limitBytes / 2) / weightBytes, 1);
  const hidden = Math.min(slack / transfer, 1);
  const aligned = Math.floor(hidden / least) * least;
  // Not with a single small piece left at the end.
  let share = 1 - aligned < least / 2 ? 1 : hidden;
  if (computeBound && share > 0.5 && share < 1) {
    share = Math.min(1, Math.max(0.5, roundUp(Math.floor(depth * 0.5), splitDepth) / depth));
  }
  return Math.min(Math.max(share, least), half);
}

function slicedCuts(ratio: number, costs: Costs, question: BufferingQuestion, context: Context): Cut | null {
  const { depth, weightBytes, computeBound } = costs;
  const { operation, own, limitBytes } = question;
  const blockDepth = own.block!.output.depth;
  const granule = context.architecture.depthGranule(own.block!);
  const half = Math.trunc(limitBytes / 2);
  const down = (size: number, step: number) => Math.floor(size / step) * step;
  let first = Math.max(down(Math.trunc(depth * ratio), granule), splitDepth);
  if (first >= depth) return { cuts: [0, depth], weights: own.weights! };
  let step = stepDepth(first, costs, question, context);
  if (Math.trunc((step / depth) * weightBytes) > half) step = Math.trunc((half / weightBytes) * depth);
  for (;;) {
    step = Math.max(down(step, step > blockDepth ? blockDepth : granule), granule);
    const cuts = [0];
    for (let at = first; at < depth; at += step) cuts.push(at);
    cuts.push(depth);
    const weights = context.encode(operation, own.block!, cuts)!;
    const fits = Math.max(weights.evenBytes, weights.oddBytes) <= half;
    if (fits || (first === splitDepth && step === granule)) {
      const fill = step / roundUp(step, blockDepth);
      return cuts.length > 3 && fill < leastFill && computeBound ? null : { cuts, weights };
    }
    if (step > first) step = roundUp(Math.trunc(step / 2), granule);
    else first = roundUp(Math.trunc(first / 2), splitDepth);
  }
}

/** Channels of a slice: as many as can be fetched while the first slice is computed. */
function stepDepth(first: number, { depth, transfer }: Costs, question: BufferingQuestion, context: Context): number {
  const { operation, own, near } = question;
  const output = { ...partOf(operation.output), depth: first };
  const query = queryOf(operation, context, {
    ...{ block: own.block!, near, output, weightsPort: context.ports.near },
    last: false,
  });
  const channels = Math.trunc((depth * context.architecture.cycles(query).total) / transfer);
  return roundUp(Math.max(channels, splitDepth), own.block!.output.depth);
}

function decided(
  method: Method,
  { cuts, weights, costs }: Cut & { readonly costs: Costs },
  question: BufferingQuestion,
  context: Context,
): OperationPlan | null {
  const { own, operation, near, limitBytes } = question;
  const parts = partsOf(weights, limitBytes);
  if (parts === null) return null;
  const buffering = parts.length === 2 ? 'double' : 'single';
  const early = costs.mayPreBuffer && parts[0]! < costs.slackBytes;
  const slackCycles = early ? costs.slack : costs.forceStart ? startCycles : 0;
  const performance = performanceOf(
    operation,
    {
      ...{ block: own.block!, stripe: own.stripe, cuts, weights, buffering, near, slackCycles },
      ...{ weightsNear: true, inputNear: question.inputRolls },
    },
    context,
  );
  const choice = { parts, performance, cuts };
  if (method !== 'full' && !pays(choice, costs, question, context)) return null;
  const lastPart = (cuts.length - 2) % parts.length;
  return changed(own, {
    cuts,
    weights,
    buffering,
    parts,
    performance,
    transferCycles: costs.transfer,
    preBuffered: early,
    slackCycles: performance.lastSliceCycles,
    slackBytes: own.slackBytes - parts[lastPart]!,
  });
}

/** Two buffers where they fit and there are several slices, one where that fits. */
function partsOf(weights: EncodedWeights, limitBytes: number): readonly number[] | null {
  const largest = Math.max(weights.evenBytes, weights.oddBytes);
  if (weights.evenBytes + weights.oddBytes <= limitBytes && largest < weights.totalBytes) {
    return [weights.evenBytes, weights.oddBytes];
  }
  const single = Math.min(weights.totalBytes, largest);
  return single <= limitBytes ? [single] : null;
}

interface Choice {
  readonly parts: readonly number[];
  readonly performance: Performance;
  readonly cuts: readonly number[];
}

/** Whether buffering is no slower. */
function pays(choice: Choice, costs: Costs, question: BufferingQuestion, context: Context): boolean {
  const { performance, parts, cuts } = choice;
  const { own } = question;
  const fast = context.ports.near;
  let { inputReadCycles } = performance;
  if (question.inputCanMove) {
    const bytes = parts.reduce((sum, part) => sum + part, 0);
    const bothFit = performance.inputBytes + bytes <= question.limitBytes;
    const staged = context.architecture.readCycles(fast, own.performance.inputReadBytes, 'input');
    const withInput = Math.max(own.performance.runCycles, own.performance.weightReadCycles, staged);
    const withWeights = Math.max(performance.fullCycles, performance.weightReadCycles, performance.inputReadCycles);
    const roomBefore = question.before?.slackBytes ?? 0;
    const inputIsBetter = withInput < withWeights && withInput < performance.inputReadCycles;
    if (!bothFit && performance.inputBytes < roomBefore && inputIsBetter) return false;
    if (sparesNext(performance, bytes, question)) return false;
    if (bothFit) inputReadCycles = context.architecture.readCycles(fast, performance.inputReadBytes, 'input');
  }
  const original = Math.max(own.performance.runCycles, own.performance.weightReadCycles, inputReadCycles);
  let buffered = Math.max(performance.fullCycles, performance.weightReadCycles, inputReadCycles);
  const slices = cuts.length - 1;
  if (costs.computeBound) {
    const perSlice = Math.trunc(performance.visibleCycles / slices);
    if (perSlice < startCycles) buffered -= performance.visibleCycles;
    if (slices > 1 && performance.fullCycles === buffered && costs.forceStart) buffered -= (slices * startCycles) / 2;
  }
  const once = costs.refetches === 1 && costs.transfer + performance.weightReadCycles > original;
  return original >= buffered && !once;
}

/** The next operation needs the room for its input more than this one does for its weights. */
function sparesNext(performance: Performance, bytes: number, { next, own, before }: BufferingQuestion): boolean {
  if (next === undefined || isComputeBound(next.performance) || next.performance.weightReadCycles === 0) return false;
  const { inputReadCycles, weightReadCycles, inputBytes } = next.performance;
  if (inputReadCycles / weightReadCycles <= 2 || inputBytes >= own.slackBytes) return false;
  const room = before?.slackBytes ?? 0;
  const tooMuch = inputBytes + performance.inputBytes + bytes > room;
  return tooMuch && (isComputeBound(own.performance) || inputReadCycles > performance.inputReadCycles);
}
