/**
 * Which feature maps live in the fast memory where they have another one behind it: all that fit; where they compete, those
 * that are read and written most (Vela 5.2's allocator of fast storage, restated).
 */
import type { Context, Near } from './context.ts';
import { lifetimesOf } from './lifetimes.ts';
import type { LiveRange, MemoryAt } from './live-range.ts';
import { adjust, memoryOverTime, peakOf } from './live-range.ts';
import type { Connection, NpuTensor } from './operation.ts';
import { unitsOf } from './operation.ts';
import type { Plan } from './plan.ts';
import { largestLimit } from './proposals.ts';

/** Ranges that are weighed against each other at once, and how many choices are tried for them. */
const largestComponent = 20;
const mostChoices = 100_000;

/** @param fixed tensors that are in the fast memory in any case: rolling buffers, copies of inputs */
export function fastStorage(context: Context, plan: Plan, fixed: Near): Near {
  const candidates = candidatesOf(context, plan);
  const near = new Set<NpuTensor>([...fixed, ...candidates]);
  const { ranges, times, endTime } = lifetimesOf(context.program, plan, {
    includes: (tensor) => near.has(tensor),
    buffers: true,
    rolling: true,
  });
  const limit = Math.min(largestLimit, context.limitBytes);
  const storage: Storage = {
    ...{ candidates, near, limit },
    most: memoryOverTime(ranges, endTime),
    least: memoryOverTime(ranges, endTime),
  };
  const movable = ranges.filter(({ tensors, end }) => end >= 0 && tensors.some((tensor) => candidates.has(tensor)));
  for (const range of movable) adjust(storage.least, range, -range.bytes);
  const atProcessor = context.program.operations.flatMap(({ onProcessor }, index) =>
    onProcessor ? [times[index]!] : [],
  );
  // The processor may use the memory in between.
  const own = movable.filter((range) => {
    const crosses = atProcessor.some((time) => time >= range.start && time <= range.end);
    if (crosses) evict(range, storage);
    return !crosses;
  });
  if (peakOf(storage.most, 0, storage.most.length - 1) > limit) decide(own, storage, accessOf(context, plan));
  evictLonely(context, plan, storage);
  return near;
}

interface Storage {
  readonly candidates: ReadonlySet<NpuTensor>;
  /** Shrinks as ranges are evicted. */
  readonly near: Set<NpuTensor>;
  readonly limit: number;
  /** With all that is not evicted, and with nothing but what is kept. */
  readonly most: MemoryAt[];
  readonly least: MemoryAt[];
}

function candidatesOf({ program }: Context, plan: Plan): ReadonlySet<NpuTensor> {
  const candidates = new Set<NpuTensor>();
  for (const [index, operation] of program.operations.entries()) {
    const { tensor } = operation.output;
    const { consumers } = program.uses.get(tensor)!;
    const forProcessor = consumers.some((reader) => program.operations[reader]!.onProcessor);
    const mayMove = consumers.length > 0 && !forProcessor && !tensor.graphOutput;
    if (!operation.onProcessor && plan.operations[index]!.cascade === 0 && mayMove) candidates.add(tensor);
  }
  return candidates;
}

function evict(range: LiveRange, { candidates, near, most }: Storage): void {
  adjust(most, range, -range.bytes);
  for (const tensor of range.tensors) if (candidates.has(tensor)) near.delete(tensor);
}

function keep(range: LiveRange, { least }: Storage): void {
  adjust(least, range, range.bytes);
}

type AccessOf = (range: LiveRange) => number;

function decide(ranges: readonly LiveRange[], storage: Storage, accessOf: AccessOf): void {
  const fitting = ranges.filter((range) => {
    const fits = peakOf(storage.least, range.start, range.end) + range.bytes <= storage.limit;
    if (!fits) evict(range, storage);
    return fits;
  });
  const competing = fitting.filter((range) => {
    const fits = peakOf(storage.most, range.start, range.end) <= storage.limit;
    if (fits) keep(range, storage);
    return !fits;
  });
  for (const component of componentsOf(competing)) {
    const kept = bestOf(component, storage, accessOf);
    for (const [index, range] of component.entries()) {
      if (kept[index] === true) keep(range, storage);
      else evict(range, storage);
    }
  }
}

/** Ranges that follow each other without a gap, a limited number at a time. */
function componentsOf(ranges: readonly LiveRange[]): readonly (readonly LiveRange[])[] {
  const components: LiveRange[][] = [];
  let end = -1;
  for (const range of ranges) {
    const component = components.at(-1);
    if (component !== undefined && range.start <= end && component.length <= largestComponent) {
      component.push(range);
      end = Math.max(end, range.end);
    } else {
      components.push([range]);
      end = range.end;
    }
  }
  return components;
}

/** Tries to keep and to evict each in turn, and takes what is accessed most. */
function bestOf(ranges: readonly LiveRange[], { most, least, limit }: Storage, accessOf: AccessOf): readonly boolean[] {
  let best: readonly boolean[] = ranges.map(() => false);
  let bestScore = 0;
  let choices = 0;
  const current = ranges.map(() => false);
  const access = ranges.map(accessOf);
  const choose = (index: number, score: number): void => {
    if (choices++ > mostChoices) return;
    const range = ranges[index];
    if (range === undefined) {
      if (score > bestScore || bestScore === 0) {
        bestScore = score;
        best = [...current];
      }
      return;
    }
    const fits = peakOf(least, range.start, range.end) + range.bytes <= limit;
    const always = fits && peakOf(most, range.start, range.end) <= limit;
    if (fits) {
      current[index] = true;
      adjust(least, range, range.bytes);
      choose(index + 1, score + access[index]!);
      adjust(least, range, -range.bytes);
    }
    if (always) return;
    current[index] = false;
    adjust(most, range, -range.bytes);
    choose(index + 1, score);
    adjust(most, range, range.bytes);
  };
  choose(0, 0);
  return best;
}

/** Elements read and written; what a cascade needs beside its rolling buffers comes first. */
function accessOf({ program }: Context, plan: Plan): AccessOf {
  return ({ tensors }) => {
    let access = 0;
    for (const tensor of tensors) {
      const { consumers, producers } = program.uses.get(tensor)!;
      for (const reader of consumers) {
        const own = plan.operations[reader]!;
        const cascade = own.cascade === 0 ? undefined : plan.cascades.get(own.cascade);
        if (cascade !== undefined && reader > cascade.start) return Number.MAX_SAFE_INTEGER;
        const position = program.operations[reader]!.inputs.findIndex((input) => input.tensor === tensor);
        access += own.elements.inputs[position === 1 ? 1 : 0];
      }
      for (const maker of producers) access += plan.operations[maker]!.elements.output;
    }
    return access;
  };
}

/** Two operands must lie in one memory: where one is not in the fast one, the other leaves it too if nothing else needs it. */
function evictLonely({ program }: Context, plan: Plan, { candidates, near }: Storage): void {
  const isFar = ({ tensor }: Connection) => !near.has(tensor) && !tensor.constant;
  const isElementwise = (reader: number) => unitsOf[program.operations[reader]!.operator] === 'elementwise';
  for (let index = 0; index < program.operations.length; index++) {
    const { inputs, onProcessor } = program.operations[index]!;
    const own = plan.operations[index]!;
    const cascade = own.cascade === 0 ? undefined : plan.cascades.get(own.cascade);
    if (onProcessor || (cascade !== undefined && index > cascade.start) || !inputs.some(isFar)) continue;
    for (const { tensor } of inputs) {
      if (!near.has(tensor) || !candidates.has(tensor)) continue;
      if (program.uses.get(tensor)!.consumers.every(isElementwise)) near.delete(tensor);
    }
  }
}
