/** From when to when each tensor, weight buffer and rolling buffer is alive, and what is alive at each time. */
import type { LiveRange } from './live-range.ts';
import { liveRange, markUsed } from './live-range.ts';
import type { NpuOperation, NpuTensor } from './operation.ts';
import { primaryInput, readsOf, sameExtent, unitFilter, unitsOf } from './operation.ts';
import type { OperationPlan, Plan } from './plan.ts';
import type { NpuProgram } from './program.ts';

export interface LifetimeOptions {
  /** True for tensors in the memory that is looked at. */
  readonly includes: (tensor: NpuTensor) => boolean;
  /** Weight buffers lie there too. */
  readonly buffers: boolean;
  /** Count buffers between the operations of a cascade even where their tensors are not there. */
  readonly rolling: boolean;
}

export interface Lifetimes {
  readonly ranges: readonly LiveRange[];
  readonly rangeOf: ReadonlyMap<NpuTensor, LiveRange>;
  /** By operation. */
  readonly times: readonly number[];
  readonly endTime: number;
}

/** Each operation takes two steps of time, those of a cascade the same two. */
const operationSteps = 2;

export function lifetimesOf(program: NpuProgram, plan: Plan, options: LifetimeOptions): Lifetimes {
  const ranges: LiveRange[] = [];
  const rangeOf = new Map<NpuTensor, LiveRange>();
  const times: number[] = [];
  const cascadeTimes = new Map<number, number>();
  const results: LiveRange[] = [];
  let buffers: readonly LiveRange[] = [];
  let now = 0;
  const sharing: Sharing = { program, options, ranges, rangeOf };
  for (let index = 0; index < program.operations.length; index++) {
    const operation = program.operations[index]!;
    const own = plan.operations[index]!;
    const cascade = own.cascade === 0 ? undefined : plan.cascades.get(own.cascade);
    if (!operation.onProcessor) shareRange(operation, own, sharing);
    let time = now;
    if (cascade !== undefined) {
      time = cascadeTimes.get(own.cascade) ?? now;
      cascadeTimes.set(own.cascade, time);
    }
    if (options.buffers) {
      if (own.sharesBuffer) for (const range of buffers) markUsed(range, time);
      else {
        buffers = bufferRanges(own, time);
        ranges.push(...buffers);
      }
    }
    times.push(time);
    const rolling = cascade?.buffers.get(index);
    const reads = readsOf(operation);
    for (let position = 0; position < reads.length; position++) {
      const { tensor } = reads[position]!;
      const isRolling = rolling !== undefined && position === primaryInput(operation);
      if (!isInside(tensor, options) && !(options.rolling && isRolling)) continue;
      const range = rangeFor(tensor, 'operation', sharing);
      if (tensor.graphInput) markUsed(range, 0);
      markUsed(range, time);
      if (isRolling) range.bytes = rolling.bytes;
    }
    const { tensor } = operation.output;
    if (isInside(tensor, options)) {
      const usage = cascade !== undefined && index < cascade.end ? 'cascade' : 'operation';
      const range = rangeFor(tensor, usage, sharing);
      if (tensor.graphOutput) results.push(range);
      markUsed(range, time);
    }
    if (time === now) now += operationSteps;
  }
  for (const range of results) markUsed(range, now);
  return { ranges, rangeOf, times, endTime: now + 1 };
}

function isInside(tensor: NpuTensor, { includes }: LifetimeOptions): boolean {
  return !tensor.constant && includes(tensor);
}

interface Sharing {
  readonly program: NpuProgram;
  readonly options: LifetimeOptions;
  readonly ranges: LiveRange[];
  readonly rangeOf: Map<NpuTensor, LiveRange>;
}

function rangeFor(tensor: NpuTensor, usage: LiveRange['usage'], { program, ranges, rangeOf }: Sharing): LiveRange {
  const known = rangeOf.get(tensor);
  if (known !== undefined) return known;
  const made = liveRange(program.uses.get(tensor)!.bytes, usage, [tensor]);
  ranges.push(made);
  rangeOf.set(tensor, made);
  return made;
}

/** A result that is written over an operand shares its range. */
function shareRange(operation: NpuOperation, own: OperationPlan, context: Sharing): void {
  const { tensor } = operation.output;
  const operand = reusable(operation, own, context);
  if (operand === undefined) return;
  const range = rangeFor(operand, 'operation', context);
  const before = context.rangeOf.get(tensor);
  if (before === range) return;
  range.tensors.push(tensor);
  if (before !== undefined) {
    range.tensors.push(...before.tensors);
    before.tensors.length = 0;
    before.bytes = 0;
  }
  context.rangeOf.set(tensor, range);
}

function reusable(operation: NpuOperation, own: OperationPlan, { program, options }: Sharing): NpuTensor | undefined {
  const { tensor } = operation.output;
  if (own.sharesRolling && (options.rolling || options.includes(tensor))) {
    return operation.inputs[primaryInput(operation)]!.tensor;
  }
  if (own.cascade !== 0 || !mapsElements(operation) || !options.includes(tensor)) return undefined;
  for (const { tensor: operand } of operation.inputs) {
    if (!options.includes(operand) || !canShare(operand, tensor, program)) continue;
    if (sameStorage(operand, tensor, program)) return operand;
  }
  return undefined;
}

export function canShare(operand: NpuTensor, result: NpuTensor, { uses }: NpuProgram): boolean {
  return (
    !operand.constant &&
    !operand.graphOutput &&
    operand.bits === result.bits &&
    uses.get(operand)!.consumers.length === 1 &&
    uses.get(result)!.producers.length === 1
  );
}

function sameStorage(a: NpuTensor, b: NpuTensor, { uses }: NpuProgram): boolean {
  const [left, right] = [uses.get(a)!, uses.get(b)!];
  return left.bricks === right.bricks && sameExtent(left.shape, right.shape);
}

/** One element in, one element out, at the same place. */
export function mapsElements({ operator, filter }: NpuOperation): boolean {
  const unit = unitsOf[operator];
  if (unit === 'elementwise') return true;
  return unit === 'pooling' && filter.height === unitFilter.height && filter.width === unitFilter.width;
}

const noRanges: readonly LiveRange[] = [];

function bufferRanges({ buffering, parts, preBuffered, cuts }: OperationPlan, time: number): readonly LiveRange[] {
  if (buffering === 'none') return noRanges;
  const count = buffering === 'double' ? 2 : 1;
  const lastPart = (cuts.length - 2) % count;
  const ranges: LiveRange[] = [];
  for (let part = 0; part < count && part < parts.length; part++) {
    const early = part === 0 && preBuffered;
    const range = liveRange(parts[part]!, 'buffer', []);
    range.delay = early ? 1 : 0;
    const start = early ? time - 1 : time;
    const steps = (early ? 2 : 1) - (part === lastPart ? 0 : 1);
    markUsed(range, start, steps);
    ranges.push(range);
  }
  return ranges;
}
