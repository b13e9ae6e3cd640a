/**
 * Gives buffers addresses: those alive at the same time never overlap. Greedy by size (Pisarchyk and Lee, "Efficient
 * Memory Management for Deep Neural Net Inference", 2020, and TensorFlow Lite Micro's planner): the largest buffer first,
 * each at the lowest address where it fits. The hill climb then tries other orders, as Arm's compiler does.
 */
import { heights } from './heights.ts';
import type { LiveRange } from './live-ranges.ts';
import type { BufferPlacement } from './schedule.ts';

export interface Allocation {
  readonly placements: readonly BufferPlacement[];
  readonly spilled: readonly LiveRange[];
  /** Highest end address. */
  readonly endBytes: number;
}

export interface AllocationLimits {
  readonly alignBytes: number;
  readonly method: 'greedy-by-size' | 'hill-climb';
  /** Buffers that would end above are spilled. */
  readonly capacityBytes: number;
}

/** With more pairs of buffers alive together than this, they are stacked without looking for gaps between them. */
const searchedPairs = 2_000_000;

/** Pairs that the hill climb may look at, over all orders. */
const climbedPairs = 200_000;
const climbingSteps = 64;

export function allocate(ranges: readonly LiveRange[], limits: AllocationLimits): Allocation {
  // Never by name: a renamed tensor must not move.
  const order = ranges.toSorted((a, b) => b.bytes - a.bytes || a.firstKernel - b.firstKernel);
  const pairs = pairsAlive(ranges);
  if (pairs > searchedPairs) return stack(order, limits);
  const unlimited = { ...limits, capacityBytes: Infinity };
  const steps = Math.min(climbingSteps, Math.floor(climbedPairs / Math.max(1, pairs)));
  const best = limits.method === 'hill-climb' ? climb(order, unlimited, steps) : order;
  const free = place(best, unlimited);
  return free.endBytes <= limits.capacityBytes ? free : place(order, limits);
}

/** Sum of `weight` over the buffers alive at each kernel. */
export function liveProfile(ranges: readonly LiveRange[], weight: (range: LiveRange) => number): number[] {
  const last = ranges.reduce((most, range) => Math.max(most, range.lastKernel), -1);
  const change = new Array<number>(last + 2).fill(0);
  for (const range of ranges) {
    change[range.firstKernel]! += weight(range);
    change[range.lastKernel + 1]! -= weight(range);
  }
  let sum = 0;
  return change.slice(0, -1).map((step) => (sum += step));
}

/** Pairs of buffers that are alive together: the later one finds the other alive when it begins. */
function pairsAlive(ranges: readonly LiveRange[]): number {
  const live = liveProfile(ranges, () => 1);
  return ranges.reduce((sum, { firstKernel }) => sum + live[firstKernel]! - 1, 0);
}

/** Each buffer at the lowest address where no placed one that is alive with it lies. */
function place(order: readonly LiveRange[], { alignBytes, capacityBytes }: AllocationLimits): Allocation {
  const placements: BufferPlacement[] = [];
  const spilled: LiveRange[] = [];
  const aliveWith = aliveIndex(order);
  let endBytes = 0;
  for (const range of order) {
    const address = lowestGap(aliveWith.find(range), range.bytes, alignBytes);
    if (address + range.bytes > capacityBytes) {
      spilled.push(range);
      continue;
    }
    const placement = placed(range, address);
    placements.push(placement);
    aliveWith.add(placement);
    endBytes = Math.max(endBytes, address + range.bytes);
  }
  return { placements, spilled, endBytes };
}

/** Field by field: it is made for every buffer in every order that is tried. */
export function placed({ tensor, bytes, firstKernel, lastKernel }: LiveRange, address: number): BufferPlacement {
  return { tensor, bytes, firstKernel, lastKernel, address };
}

/** Live ranges longer than this are looked through as a list, shorter ones by kernel. */
const longRange = 128;

/** Finds the placed buffers that are alive with a new one, in time that grows with how many those are. */
function aliveIndex(ranges: readonly LiveRange[]) {
  const kernels = ranges.reduce((most, range) => Math.max(most, range.lastKernel + 1), 0);
  const short: BufferPlacement[][] = Array.from({ length: kernels }, () => []);
  const long: BufferPlacement[] = [];
  const all: BufferPlacement[] = [];
  const length = ({ firstKernel, lastKernel }: LiveRange) => lastKernel - firstKernel;
  return {
    add(placement: BufferPlacement): void {
      all.push(placement);
      if (length(placement) > longRange) long.push(placement);
      else for (let k = placement.firstKernel; k <= placement.lastKernel; k++) short[k]!.push(placement);
    },
    find(range: LiveRange): BufferPlacement[] {
      const meets = (other: BufferPlacement) =>
        other.firstKernel <= range.lastKernel && other.lastKernel >= range.firstKernel;
      if (length(range) > longRange) return all.filter(meets);
      const found = new Set(long.filter(meets));
      for (let k = range.firstKernel; k <= range.lastKernel; k++)
        for (const placement of short[k]!) found.add(placement);
      return [...found];
    },
  };
}

function lowestGap(others: BufferPlacement[], bytes: number, alignBytes: number): number {
  let address = 0;
  for (const other of others.sort((a, b) => a.address - b.address)) {
    if (address + bytes <= other.address) break;
    address = Math.max(address, align(other.address + other.bytes, alignBytes));
  }
  return address;
}

export function align(bytes: number, alignBytes: number): number {
  return Math.ceil(bytes / alignBytes) * alignBytes;
}

/**
 * Moves the buffers that end highest earlier in the order, keeps what does not get worse, and stops at the most bytes
 * that are ever alive. The sequence of tries is fixed: the same model always gets the same addresses.
 */
function climb(order: readonly LiveRange[], limits: AllocationLimits, steps: number): readonly LiveRange[] {
  const lowerBound = liveProfile(order, ({ bytes }) => bytes).reduce((most, bytes) => Math.max(most, bytes), 0);
  let best = { order, allocation: place(order, limits) };
  let seed = 1;
  for (let step = 0; step < steps && best.allocation.endBytes > lowerBound; step++) {
    // Numerical Recipes' linear congruential generator.
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const moved = moveEarlier(best.order, best.allocation, seed / 2 ** 32);
    const allocation = place(moved, limits);
    if (allocation.endBytes <= best.allocation.endBytes) best = { order: moved, allocation };
  }
  return best.order;
}

/** The buffer at the top goes to a place before its own; `fraction` (0 to 1) says how far. */
function moveEarlier(order: readonly LiveRange[], { placements, endBytes }: Allocation, fraction: number): LiveRange[] {
  const top = placements.find(({ address, bytes }) => address + bytes === endBytes);
  const from = order.findIndex(({ tensor }) => tensor === top?.tensor);
  const to = Math.floor(fraction * from);
  return [...order.slice(0, to), order[from]!, ...order.slice(to, from), ...order.slice(from + 1)];
}

/**
 * Without looking for gaps: each buffer above the highest one that is alive at any of its kernels. For graphs that keep
 * thousands of tensors, where the search would take quadratic time.
 */
function stack(order: readonly LiveRange[], { alignBytes, capacityBytes }: AllocationLimits): Allocation {
  const placements: BufferPlacement[] = [];
  const spilled: LiveRange[] = [];
  const tops = heights(order.reduce((most, range) => Math.max(most, range.lastKernel + 1), 1));
  let endBytes = 0;
  for (const range of order) {
    const address = align(tops.highest(range.firstKernel, range.lastKernel), alignBytes);
    const end = address + range.bytes;
    if (end > capacityBytes) {
      spilled.push(range);
      continue;
    }
    placements.push(placed(range, address));
    tops.raise(range.firstKernel, range.lastKernel, end);
    endBytes = Math.max(endBytes, end);
  }
  return { placements, spilled, endBytes };
}
