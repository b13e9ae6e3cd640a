import type { NpuTensor } from './operation.ts';

/** A stretch of time in which bytes are taken; made and extended while the operations are walked. */
export interface LiveRange {
  bytes: number;
  start: number;
  end: number;
  /** Whose bytes they are at the time when the range's operation runs. */
  usage: 'operation' | 'cascade' | 'buffer';
  /** Steps before its operation's time at which it begins. */
  delay: number;
  readonly tensors: NpuTensor[];
}

export function liveRange(bytes: number, usage: LiveRange['usage'], tensors: NpuTensor[]): LiveRange {
  return { bytes, start: Infinity, end: -1, usage, delay: 0, tensors };
}

/** An operation's own time is one step long. */
export function markUsed(range: LiveRange, time: number, steps = 1): void {
  const start = Math.max(time, 0);
  const end = time + steps;
  if (end < start) return;
  range.start = Math.min(range.start, start);
  range.end = Math.max(range.end, end);
}

/** Bytes alive at one time, by whose they are. */
export interface MemoryAt {
  operation: number;
  buffer: number;
  cascade: number;
  /** Of other operations. */
  other: number;
}

export function copyOf({ operation, buffer, cascade, other }: MemoryAt): MemoryAt {
  return { operation, buffer, cascade, other };
}

export function used({ operation, buffer, cascade, other }: MemoryAt): number {
  return operation + buffer + cascade + other;
}

export function withoutBuffers({ operation, cascade, other }: MemoryAt): number {
  return operation + cascade + other;
}

/** Adds `bytes` (or takes them away) over the range's time. */
export function adjust(memory: readonly MemoryAt[], range: LiveRange, bytes: number): void {
  for (let time = range.start; time <= range.end; time++) {
    const at = memory[time]!;
    if (time === range.start + range.delay) at[range.usage] += bytes;
    else at.other += bytes;
  }
}

export function memoryOverTime(ranges: readonly LiveRange[], endTime: number): MemoryAt[] {
  const memory: MemoryAt[] = [];
  for (let time = 0; time < endTime + 2; time++) memory.push({ operation: 0, buffer: 0, cascade: 0, other: 0 });
  for (const range of ranges) if (range.end >= 0) adjust(memory, range, range.bytes);
  return memory;
}

/** Most bytes at any time of the stretch. */
export function peakOf(memory: readonly MemoryAt[], start: number, end: number): number {
  let most = 0;
  for (let time = start; time <= end; time++) most = Math.max(most, used(memory[time]!));
  return most;
}
