/** Estimates of one operation under a plan: cycles, traffic and how the two go together. */
import type { Block, Port } from './architecture.ts';
import type { Context, Near } from './context.ts';
import { queryOf, stripeInput } from './context.ts';
import type { Look } from './findings.ts';
import { lookOf } from './look.ts';
import type { Extent, NpuOperation } from './operation.ts';
import { bitsOf, elementsOf, partOf, primaryInput } from './operation.ts';
import type { Buffering, OperationPlan, Performance } from './plan.ts';
import type { EncodedWeights } from './weights/facts.ts';

export interface Cutting {
  readonly block: Block;
  readonly stripe: Extent;
  readonly cuts: readonly number[];
  readonly weights: EncodedWeights | null;
  readonly buffering: Buffering;
  /** The fast memory holds the weights' buffers, the input. */
  readonly weightsNear: boolean;
  readonly inputNear: boolean;
  /** Cycles before it under which transfers hide. */
  readonly slackCycles: number;
  readonly near: Near;
}

/** What was found out of operations that look alike. */
interface Remembered {
  /** By the bytes of the slices of their weights, then by all else of the cutting. */
  readonly performances: Map<EncodedWeights | null, Map<string, Performance>>;
  /** By rows of a stripe; 0: all. */
  readonly cuts: Map<number, CutOnce>;
}

const remembered = new WeakMap<Look, Remembered>();

function rememberedOf(look: Look): Remembered {
  let known = remembered.get(look);
  if (known === undefined) remembered.set(look, (known = { performances: new Map(), cuts: new Map() }));
  return known;
}

/** Runs stripe by stripe and slice by slice; transfers of a slice hide under the one before. */
export function performanceOf(operation: NpuOperation, cutting: Cutting, context: Context): Performance {
  const { stripe, cuts, weights, buffering, weightsNear, inputNear, slackCycles, near } = cutting;
  const { performances } = rememberedOf(lookOf(operation, context, near));
  let known = performances.get(weights);
  if (known === undefined) performances.set(weights, (known = new Map<string, Performance>()));
  const places = `${weightsNear ? 'weights' : ''} ${inputNear ? 'input' : ''}`;
  const key = `${stripe.height};${cuts.join(' ')};${buffering} ${places} ${slackCycles}`;
  let performance = known.get(key);
  if (performance === undefined) {
    known.set(key, (performance = measured(operation, cutting, context)));
    context.findings.count++;
  }
  return performance;
}

function measured(operation: NpuOperation, cutting: Cutting, context: Context): Performance {
  const { weights, stripe, weightsNear, inputNear, near, block } = cutting;
  const { constants, near: fast } = context.ports;
  const weightsPort = weightsNear ? fast : constants;
  const input = stripeInput(operation, stripe);
  const sliceQuery = (depth: number, first: boolean, last: boolean) =>
    queryOf(operation, context, {
      ...{ block, near, input, weightsPort, first, last },
      output: { ...stripe, depth },
      ...(inputNear && { inputPort: fast }),
    });
  const inputPort = sliceQuery(1, true, true).inputs[0].port;
  const repeats = Math.max(1, partOf(operation.output).height / stripe.height);
  const run = runSlices(operation, cutting, context, { sliceQuery, weightsPort });
  const fetches = run.weightFetches;
  const perFetch = fetches === 0 ? 0 : Math.trunc(run.weightReadBytes / fetches);
  return {
    weightReadBytes: Math.trunc(repeats * run.weightReadBytes),
    inputReadBytes: run.inputReadBytes,
    runCycles: Math.trunc(repeats * run.cycles),
    fullCycles: Math.trunc(repeats * run.cycles) + run.visible,
    inputReadCycles: Math.trunc(repeats * context.architecture.readCycles(inputPort, run.inputReadBytes, 'input')),
    weightReadCycles:
      weights === null
        ? 0
        : Math.trunc(
            repeats *
              context.architecture.readCycles(
                weightsPort,
                perFetch,
                weights.fast === true ? 'fastWeights' : 'weights',
              ) *
              fetches,
          ),
    lastSliceCycles: run.last,
    visibleCycles: run.visible,
    inputBytes: (elementsOf(input) * bitsOf(operation.inputs[0])) / 8,
  };
}

interface SliceTools {
  readonly sliceQuery: (depth: number, first: boolean, last: boolean) => ReturnType<typeof queryOf>;
  readonly weightsPort: Port;
}

function runSlices(
  operation: NpuOperation,
  { cuts, weights, buffering, weightsNear, slackCycles }: Cutting,
  { architecture, ports, spills }: Context,
  { sliceQuery, weightsPort }: SliceTools,
) {
  const total = { inputReadBytes: 0, weightReadBytes: 0, weightFetches: 0, cycles: 0, visible: 0, last: 0 };
  const slices = cuts.length - 1;
  const moved = weights !== null && weightsNear && (ports.constants.memory !== ports.near.memory || spills);
  let slack = slackCycles;
  for (let slice = 0; slice < slices; slice++) {
    const depth = cuts[slice + 1]! - cuts[slice]!;
    const query = sliceQuery(depth, slice === 0, slice === slices - 1);
    const elements = architecture.elements(query);
    total.inputReadBytes += Math.trunc((elements.inputs[0] * bitsOf(operation.inputs[0])) / 8);
    if (weights !== null) {
      total.weightReadBytes += weights.sliceBytes[slice]! * elements.weightReads;
      total.weightFetches += elements.weightReads;
    }
    total.last = architecture.cycles(query).total;
    total.cycles += total.last;
    if (moved) {
      const transfer = architecture.transferCycles(weightsPort, ports.constants, weights.sliceBytes[slice]!);
      total.visible += Math.max(0, transfer - slack);
    }
    slack = buffering === 'double' ? total.last : 0;
  }
  return total;
}

export interface FirstPlanOptions {
  /** Rows of output computed at once; absent: all. */
  readonly rows?: number;
  readonly near: Near;
}

/** An operation with its weights read from where they are, all output channels at once. */
export function firstPlan(operation: NpuOperation, context: Context, options: FirstPlanOptions): OperationPlan {
  const { own, plans } = cutOnce(operation, context, options);
  const weights = own.block === undefined ? null : context.encode(operation, own.block);
  let plan = plans.get(weights);
  if (plan === undefined) {
    const performance = firstPerformance(operation, own, context, { weights, near: options.near });
    plan = { ...empty, ...own, weights, performance };
    plans.set(weights, plan);
    context.findings.count++;
  }
  return plan;
}

interface CutOnce {
  readonly own: CutOperation;
  /** Of the operation with these weights. */
  readonly plans: Map<EncodedWeights | null, OperationPlan>;
}

function cutOnce(operation: NpuOperation, context: Context, options: FirstPlanOptions): CutOnce {
  const { cuts } = rememberedOf(lookOf(operation, context, options.near));
  const { rows = 0 } = options;
  let known = cuts.get(rows);
  if (known === undefined) {
    known = { own: cutOperation(operation, context, options), plans: new Map() };
    cuts.set(rows, known);
    context.findings.count++;
  }
  return known;
}

function firstPerformance(
  operation: NpuOperation,
  { block, stripe, cuts }: CutOperation,
  context: Context,
  { weights, near }: Pick<Cutting, 'weights' | 'near'>,
): Performance {
  if (block === undefined) return nothing;
  const cutting = { block, stripe, cuts, weights, near, weightsNear: false, inputNear: false, slackCycles: 0 };
  return performanceOf(operation, { ...cutting, buffering: 'none' }, context);
}

/** The part of a plan that weights have no part in. */
type CutOperation = Pick<OperationPlan, 'block' | 'stripe' | 'stripeInput' | 'cuts' | 'cycles' | 'elements'>;

function cutOperation(operation: NpuOperation, context: Context, { rows, near }: FirstPlanOptions): CutOperation {
  const whole = partOf(operation.output);
  const stripe = { ...whole, height: rows ?? whole.height };
  const position = primaryInput(operation);
  const isWhole = stripe.height === whole.height;
  const input = isWhole ? partOf(operation.inputs[position]!) : stripeInput(operation, stripe, position);
  const block = operation.onProcessor ? undefined : blockOf(operation, stripe, context);
  const own = { block, stripe, stripeInput: input, cuts: [0, whole.depth] };
  if (block === undefined) return { ...own, cycles: empty.cycles, elements: empty.elements };
  const query = queryOf(operation, context, { block, near });
  return { ...own, cycles: context.architecture.cycles(query).total, elements: context.architecture.elements(query) };
}

function blockOf(operation: NpuOperation, stripe: Extent, { architecture }: Context): Block | undefined {
  const whole = partOf(operation.output);
  const shapes = operation.inputs
    .slice(0, 2)
    .map((connection, position) =>
      stripe.height === whole.height ? partOf(connection) : stripeInput(operation, stripe, position as 0 | 1),
    );
  const inputs = (shapes.length === 2 ? shapes : [shapes[0]]) as [Extent] | [Extent, Extent];
  return architecture.chooseBlock({ operation, inputs, output: stripe });
}

const nothing: Performance = {
  weightReadBytes: 0,
  inputReadBytes: 0,
  runCycles: 0,
  fullCycles: 0,
  inputReadCycles: 0,
  weightReadCycles: 0,
  lastSliceCycles: 0,
  visibleCycles: 0,
  inputBytes: 0,
};

const empty: OperationPlan = {
  block: undefined,
  stripe: { height: 0, width: 0, depth: 0 },
  stripeInput: { height: 0, width: 0, depth: 0 },
  cuts: [],
  weights: null,
  buffering: 'none',
  parts: [],
  preBuffered: false,
  cascade: 0,
  firstInCascade: false,
  sharesRolling: false,
  cycles: 0,
  elements: { inputs: [0, 0], output: 0, scratch: 0, weightReads: 0 },
  performance: nothing,
  slackBytes: 0,
  slackCycles: 0,
  transferCycles: 0,
  sharesBuffer: false,
};
