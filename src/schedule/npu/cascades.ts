/**
 * Where feature maps do not fit the fast memory, operations run stripe by stripe, one behind the other, with rolling
 * buffers in between: as many in a row as it takes until one fits by itself (Vela 5.2's cascade builder, restated).
 */
import type { Context, Near } from './context.ts';
import { primary } from './context.ts';
import { canShare, mapsElements } from './lifetimes.ts';
import type { Extent, NpuOperation } from './operation.ts';
import { bitsOf, elementsOf, roundUp, sameExtent, unitsOf } from './operation.ts';
import type { Cascade, OperationPlan, Plan, RollingBuffer } from './plan.ts';
import { bufferedBytes, changed } from './plan.ts';
import { largestLimit } from './proposals.ts';

const brickDepth = 16;

export interface CascadeRange {
  readonly start: number;
  /** Last operation. */
  readonly end: number;
}

export interface CascadeQuestion {
  /** The range's operations in stripes. */
  readonly striped: readonly OperationPlan[];
  /** What an operation costs that is in no cascade. */
  readonly whole: Plan;
  readonly range: CascadeRange;
  /** Bytes of others that are alive while an operation runs. */
  readonly otherBytes: (index: number) => number;
  readonly near: Near;
}

/** The range's operations in their order, and their cascades. */
export type CascadedRange = Plan;

/** The striped operations with their cascades; those in none are as they were as a whole. */
export function withCascades(question: CascadeQuestion, context: Context): CascadedRange {
  const { striped, whole, range } = question;
  const operations = [...striped];
  const cascades = new Map<number, Cascade>();
  let next = range.start;
  while (next <= range.end) {
    const index = next++;
    if (context.program.operations[index]!.onProcessor) continue;
    const cascade = cascadeFrom(index, question, context);
    if (cascade === undefined) {
      operations[index - range.start] = whole.operations[index]!;
      continue;
    }
    cascades.set(cascade.end, cascade);
    for (let member = cascade.start; member <= cascade.end; member++) {
      operations[member - range.start] = changed(stripedAt(member, question), {
        cascade: cascade.end,
        firstInCascade: member === cascade.start,
        sharesRolling: sharesRolling(member, cascade, question, context),
      });
    }
    next = cascade.end + 1;
  }
  return { operations, cascades };
}

function stripedAt(index: number, { striped, range }: CascadeQuestion): OperationPlan {
  return striped[index - range.start]!;
}

function cascadeFrom(start: number, question: CascadeQuestion, context: Context): Cascade | undefined {
  const { otherBytes, near, range } = question;
  const { program } = context;
  if (!isCascadable(start, question, context)) return undefined;
  const limit = Math.min(largestLimit, context.limitBytes);
  const input = primary(program.operations[start]!).tensor;
  const inputBytes = near.has(input) ? program.uses.get(input)!.bytes : 0;
  let buffers: Map<number, RollingBuffer> | undefined;
  let local = bufferedBytes(stripedAt(start, question));
  let others = Math.max(0, otherBytes(start));
  let best: Cascade | undefined;
  let before: RollingBuffer | undefined;
  for (let index = start + 1; index <= range.end; index++) {
    if (!follows(index, question, context)) break;
    const buffer = rollingBuffer(index, question, context);
    const reused = before !== undefined && canReuse(index - 1, [before, buffer], question, context);
    local += bufferedBytes(stripedAt(index, question)) + (reused ? 0 : buffer.bytes);
    others = Math.max(others, otherBytes(index));
    const bytes = inputBytes + local + others;
    if (wholeBytes(index, question, context) < limit || bytes > limit) break;
    buffers ??= new Map();
    buffers.set(index, buffer);
    best = { start, end: index, bytes, localBytes: inputBytes + local, buffers };
    before = buffer;
  }
  return best;
}

/** Of an operation alone, all in the fast memory. */
function wholeBytes(index: number, { whole, otherBytes }: CascadeQuestion, { program }: Context): number {
  const operation = program.operations[index]!;
  const input = program.uses.get(primary(operation).tensor)!;
  const output = program.uses.get(operation.output.tensor)!;
  const own = whole.operations[index]!;
  const shares =
    mapsElements(operation) &&
    sameExtent(own.stripeInput, own.stripe) &&
    canShare(primary(operation).tensor, operation.output.tensor, program) &&
    sameExtent(primary(operation).shape, operation.output.shape) &&
    input.bytes === output.bytes;
  return input.bytes + (shares ? 0 : output.bytes) + otherBytes(index);
}

function isCascadable(index: number, question: CascadeQuestion, { program }: Context): boolean {
  const operation = program.operations[index]!;
  const own = stripedAt(index, question);
  if (own.block === undefined || primary(operation).tensor.constant) return false;
  return own.stripe.height < operation.output.shape.height && runsInStripes(operation);
}

/** Convolutions, pools and element-wise work, one row after the other. */
export function runsInStripes({ operator, resampling, chained }: NpuOperation): boolean {
  if (chained !== undefined) return false;
  const unit = unitsOf[operator];
  if (unit === 'elementwise' || operator === 'MaxPool' || operator === 'AvgPool') return true;
  const isConvolution = (unit === 'convolution' || unit === 'depthwise') && operator !== 'FullyConnected';
  return isConvolution && resampling === 'none';
}

/** The operation reads nothing but what the one before makes, row by row. */
function follows(index: number, question: CascadeQuestion, context: Context): boolean {
  const { program } = context;
  const before = program.operations[index - 1]!;
  const operation = program.operations[index]!;
  const uses = program.uses.get(before.output.tensor)!;
  const input = primary(operation);
  return (
    !operation.onProcessor &&
    uses.consumers.length === 1 &&
    uses.consumers[0] === index &&
    uses.producers.length === 1 &&
    uses.bricks &&
    input.tensor === before.output.tensor &&
    before.output.slice === undefined &&
    sameExtent(before.output.shape, input.shape) &&
    isCascadable(index, question, context)
  );
}

/** Rows that the maker writes at once and the reader needs, in multiples of what the reader takes. */
function rollingBuffer(index: number, question: CascadeQuestion, { program }: Context): RollingBuffer {
  const maker = stripedAt(index - 1, question);
  const reader = stripedAt(index, question);
  const rows = roundUp(maker.stripe.height + reader.stripeInput.height, reader.stripeInput.height);
  const shape: Extent = { ...reader.stripeInput, height: rows, depth: roundUp(maker.stripe.depth, brickDepth) };
  const bits = bitsOf(program.operations[index - 1]!.output);
  return { shape, bytes: (elementsOf(shape) * bits) / 8 };
}

/** The buffer in front of an operation can hold its result too. */
function canReuse(
  index: number,
  [before, behind]: readonly [RollingBuffer, RollingBuffer],
  question: CascadeQuestion,
  { program }: Context,
): boolean {
  const operation = program.operations[index]!;
  const own = stripedAt(index, question);
  return (
    mapsElements(operation) &&
    sameExtent(own.stripeInput, own.stripe) &&
    canShare(primary(operation).tensor, operation.output.tensor, program) &&
    sameExtent(before.shape, behind.shape) &&
    before.bytes === behind.bytes
  );
}

function sharesRolling(index: number, { buffers }: Cascade, question: CascadeQuestion, context: Context): boolean {
  const [before, behind] = [buffers.get(index), buffers.get(index + 1)];
  return before !== undefined && behind !== undefined && canReuse(index, [before, behind], question, context);
}

/** Most that the range needs at once, as if all of it were in the fast memory. */
export function cascadedBytes(
  { operations, cascades }: CascadedRange,
  { start }: CascadeRange,
  otherBytes: number,
  { program }: Context,
): number {
  let most = 0;
  for (const [place, own] of operations.entries()) {
    const cascade = own.cascade === 0 ? undefined : cascades.get(own.cascade);
    const bytes =
      cascade?.bytes ?? bufferedBytes(own) + mapBytes(program.operations[start + place]!, program) + otherBytes;
    most = Math.max(most, bytes);
  }
  return most;
}

/** Of operands and result. */
export function mapBytes({ inputs, output }: NpuOperation, { uses }: Context['program']): number {
  let bytes = uses.get(output.tensor)!.bytes;
  for (const { tensor } of inputs) bytes += uses.get(tensor)!.bytes;
  return bytes;
}
