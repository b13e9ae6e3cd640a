/**
 * Channels that stay or go together. An axis of a tensor is a row of runs of channels; operators say which axes are the same
 * (a residual sum, a weight behind a convolution), and sets of channels are split and united until they are.
 */
import type { Node } from '../../ir/graph.ts';

/** Neighbouring channels of which any number may go, and the same wherever the set stands. */
export interface ChannelSet {
  readonly size: number;
  /** What stands for it since it was united with others or split: as many channels. */
  replacement: Axis | undefined;
  /** Nodes that make these channels, in the order in which they were met. */
  producers: ReadonlySet<Node>;
  /** Why none may go: a sentence behind "its channels". */
  fixed: string | undefined;
}

export interface Run {
  readonly set: ChannelSet;
  /** Elements of the axis that belong to one channel: 49 behind a Flatten of 7 x 7. */
  readonly width: number;
}

export type Axis = readonly Run[];

/** An axis of more runs than this is not followed. */
const mostRuns = 4096;

function newSet(size: number, producers: ReadonlySet<Node>, fixed: string | undefined): ChannelSet {
  return { size, replacement: undefined, producers, fixed };
}

/** Channels of a constant, which stay or go with those of whoever reads them. */
export function freeAxis(size: number): Axis {
  return [{ set: newSet(size, new Set(), undefined), width: 1 }];
}

export function producedAxis(size: number, producer: Node): Axis {
  return [{ set: newSet(size, new Set([producer]), undefined), width: 1 }];
}

export function fixedAxis(size: number, reason: string): Axis {
  return [{ set: newSet(size, new Set(), reason), width: 1 }];
}

/** The runs as they are by now. */
export function current(axis: Axis): Axis {
  if (!isReplaced(axis)) return axis;
  const runs: Run[] = [];
  const waiting = axis.toReversed();
  for (let run = nextRun(waiting); run !== undefined; run = nextRun(waiting)) runs.push(run);
  return runs;
}

function isReplaced(axis: Axis): boolean {
  for (const { set } of axis) if (set.replacement !== undefined) return true;
  return false;
}

export function sizeOfAxis(axis: Axis): number {
  let size = 0;
  for (const { set, width } of axis) size += set.size * width;
  return size;
}

export function fix(axis: Axis, reason: string): void {
  for (const { set } of current(axis)) set.fixed ??= reason;
}

/** True where nothing can go anymore. */
export function isFixed(axis: Axis): boolean {
  return current(axis).every(({ set }) => set.fixed !== undefined);
}

/** The axis that many times, one behind the other; undefined where that is too much to follow. */
export function repeated(axis: Axis, times: number): Axis | undefined {
  const runs = current(axis);
  if (runs.length * times > mostRuns) return undefined;
  return Array.from({ length: times }, () => runs).flat();
}

/** Each element of the axis so many times. */
export function widened(axis: Axis, width: number): Axis {
  return axis.map((run) => ({ ...run, width: run.width * width }));
}

/** Of each so many neighbouring elements one; undefined where they are not of one channel. */
export function narrowed(axis: Axis, times: number): Axis | undefined {
  const runs = current(axis);
  if (runs.some(({ width }) => width % times !== 0)) return undefined;
  return runs.map((run) => ({ ...run, width: run.width / times }));
}

/**
 * Makes both the same: what goes from one goes from the other. Where that cannot be (49 elements of one channel against
 * single ones that do not add up), both are fixed for the given reason.
 */
export function unite(left: Axis, right: Axis, reason: string): void {
  if (left === right) return;
  if (sizeOfAxis(left) !== sizeOfAxis(right)) {
    fixBoth(left, right, reason);
    return;
  }
  const [lefts, rights] = [left.toReversed(), right.toReversed()];
  for (let steps = 0; steps < 4 * mostRuns; steps++) {
    const [a, b] = [nextRun(lefts), nextRun(rights)];
    if (a === undefined || b === undefined) return;
    const made = match(a, b);
    if (made === 'impossible') break;
    if (made === 'same') continue;
    lefts.push(a);
    rights.push(b);
  }
  fixBoth(left, right, reason);
}

/** Takes the last run, as it is by now. */
function nextRun(waiting: Run[]): Run | undefined {
  for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
    const { set, width } = run;
    if (set.replacement === undefined) return run;
    for (const inner of set.replacement.toReversed()) waiting.push({ set: inner.set, width: inner.width * width });
  }
  return undefined;
}

function fixBoth(left: Axis, right: Axis, reason: string): void {
  fix(left, reason);
  fix(right, reason);
}

/** Unites two runs if they are of one size; else splits the longer one, or makes the narrower one as wide. */
function match(a: Run, b: Run): 'same' | 'changed' | 'impossible' {
  if (a.set === b.set && a.width === b.width) return 'same';
  if (a.width !== b.width) return a.width < b.width ? widen(a, b.width) : widen(b, a.width);
  if (a.set.size === b.set.size) {
    become(b.set, a.set);
    return 'same';
  }
  if (a.set.size > b.set.size) split(a.set, b.set.size);
  else split(b.set, a.set.size);
  return 'changed';
}

function become(set: ChannelSet, other: ChannelSet): void {
  if (set === other) return;
  other.producers = new Set([...other.producers, ...set.producers]);
  other.fixed ??= set.fixed;
  set.replacement = [{ set: other, width: 1 }];
}

function split(set: ChannelSet, first: number): void {
  const parts = [newSet(first, set.producers, set.fixed), newSet(set.size - first, set.producers, set.fixed)];
  set.replacement = parts.map((part) => ({ set: part, width: 1 }));
}

/** Channels that only go several at a time become one each. */
function widen({ set, width }: Run, wanted: number): 'changed' | 'impossible' {
  const times = wanted / width;
  if (!Number.isInteger(times) || set.size < times) return 'impossible';
  const rest = set.size % times;
  const wide = newSet((set.size - rest) / times, set.producers, set.fixed);
  const narrow = rest === 0 ? [] : [{ set: newSet(rest, set.producers, set.fixed), width: 1 }];
  set.replacement = [{ set: wide, width: times }, ...narrow];
  return 'changed';
}

/** The stretch of an axis from one element to another; undefined where a channel would be cut. */
export function cut(axis: Axis, start: number, end: number): Axis | undefined {
  for (const at of [start, end]) if (!splitAt(axis, at)) return undefined;
  const runs: Run[] = [];
  let offset = 0;
  for (const run of current(axis)) {
    if (offset >= start && offset < end) runs.push(run);
    offset += run.set.size * run.width;
  }
  return runs;
}

function splitAt(axis: Axis, at: number): boolean {
  let offset = 0;
  for (const { set, width } of current(axis)) {
    const end = offset + set.size * width;
    if (at > offset && at < end) {
      if ((at - offset) % width !== 0) return false;
      split(set, (at - offset) / width);
      return true;
    }
    offset = end;
  }
  return true;
}
