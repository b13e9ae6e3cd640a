/** Estimates of one operation under a plan: cycles, traffic and how the two go together. */
import type { Block, Port } from './architecture.ts';
import type { Context, Near } from './context.ts';
import { queryOf, stripeInput } from './context.ts';
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

/** What was found out of a program's operations, by their looks; as long as the program lives. */
const remembered = new WeakMap<Context['program'], Remembered>();

interface Remembered {
  readonly performances: Map<string, Performance>;
  readonly cut: Map<string, CutOperation>;
}

function rememberedOf({ program }: Context): Remembered {
  const known = remembered.get(program) ?? { performances: new Map(), cut: new Map() };
  remembered.set(program, known);
  return known;
}

/** Runs stripe by stripe and slice by slice; transfers of a slice hide under the one before. */
export function performanceOf(operation: NpuOperation, cutting: Cutting, context: Context): Performance {
  const { performances } = rememberedOf(context);
  const { stripe, cuts, weights, buffering, weightsNear, inputNear, slackCycles, near } = cutting;
  const fetched = weights === null ? '' : `${weights.fast === true ? 'fast' : ''} ${weights.sliceBytes.join(' ')}`;
  const places = `${weightsNear ? 'weights' : ''} ${inputNear ? 'input' : ''}`;
  const key = `${lookOf(operation, context, near)};${stripe.height};${cuts.join(' ')};${fetched};${buffering} ${places} ${slackCycles}`;
  const known = performances.get(key) ?? measured(operation, cutting, context);
  performances.set(key, known);
  return known;
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
export function firstPlan(operation: NpuOperation, context: Context, { rows, near }: FirstPlanOptions): OperationPlan {
  const { cut } = rememberedOf(context);
  const key = `${lookOf(operation, context, near)};${rows ?? ''}`;
  const own = cut.get(key) ?? cutOperation(operation, context, { near, ...(rows !== undefined && { rows }) });
  cut.set(key, own);
  const { block, stripe, cuts } = own;
  if (block === undefined) return { ...empty, ...own };
  const weights =
    operation.weights === null
      ? null
      : context.encode(operation.weights, context.architecture.weightOrder(operation, block), [
          0,
          operation.weights.outputs,
        ]);
  const performance = performanceOf(
    operation,
    { block, stripe, cuts, weights, near, buffering: 'none', weightsNear: false, inputNear: false, slackCycles: 0 },
    context,
  );
  return { ...empty, ...own, weights, performance };
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
