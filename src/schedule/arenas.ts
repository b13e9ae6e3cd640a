/** What lies in which memory: activations in their arena, what does not fit there elsewhere, weights behind them. */
import { printQuantity } from '../units.ts';
import { align, allocate, liveProfile, placed } from './allocate.ts';
import type { Draft } from './draft.ts';
import type { LiveRange, SharedRanges } from './live-ranges.ts';
import type { Arena, BufferPlacement } from './schedule.ts';
import type { MemoryPlan, Target } from './target.ts';
import { weightsMemoryOf } from './weight-room.ts';

export interface MemoryMap {
  readonly arenas: readonly Arena[];
  /** Memory of the activations' buffers, and of those that it has no room for. */
  readonly homeMemory: string;
  readonly spillMemory: string;
  readonly spilled: ReadonlySet<string>;
  /** Buffers that lie in that of another one: a result may be written over its operand. */
  readonly writtenOver: ReadonlyMap<string, string>;
  /** Bytes of a weight that stay on chip between inferences. */
  readonly residentBytes: ReadonlyMap<string, number>;
}

/** What one memory has to hold. */
export interface Content {
  weights: readonly LiveRange[];
  /** Already with addresses that count from the arena's own start. */
  activations: readonly BufferPlacement[];
  overheadBytes: number;
}

export function mapMemories(
  drafts: readonly Draft[],
  { ranges, writtenOver }: SharedRanges,
  target: Target,
): MemoryMap {
  const { plan, memories } = target;
  const weightsIn = (memory: string) =>
    weightRanges(
      drafts.filter(({ placement }) => weightsMemoryOf(placement.unit.id, target) === memory),
      drafts.length,
    );
  const weights = weightsIn(plan.weights);
  const residentBytes = chooseResident(weights, plan);
  const contents = new Map<string, Content>();
  const contentOf = (memory: string): Content => {
    const content = contents.get(memory) ?? { weights: [], activations: [], overheadBytes: 0 };
    contents.set(memory, content);
    return content;
  };
  contentOf(plan.activations).overheadBytes = plan.runtimeOverheadBytes;
  contentOf(plan.weights).weights = weights;
  if (plan.fallbackWeights !== undefined && plan.fallbackWeights !== plan.weights) {
    contentOf(plan.fallbackWeights).weights = weightsIn(plan.fallbackWeights);
  }
  if (plan.residentWeights !== undefined) {
    const content = contentOf(plan.residentWeights.memory);
    content.weights = [...content.weights, ...residentRanges(weights, residentBytes)];
  }
  const spilled = withWrittenOver(placeActivations(ranges, target, contentOf), writtenOver);
  const arenas = memories
    .filter(({ id }) => contents.has(id))
    .map(({ id, capacityBytes }) =>
      arenaOf({ memory: id, capacityBytes, alignBytes: plan.alignBytes }, contentOf(id), drafts.length),
    );
  const spillMemory = plan.spill ?? plan.activations;
  return { arenas, residentBytes, homeMemory: plan.activations, spillMemory, spilled, writtenOver };
}

/** Where an activation's buffer lies. */
export function memoryOf(buffer: string, { homeMemory, spillMemory, spilled }: MemoryMap): string {
  return spilled.size > 0 && spilled.has(buffer) ? spillMemory : homeMemory;
}

/** The buffer that it shares. */
export function bufferIn(buffer: string, { writtenOver }: MemoryMap): string {
  return writtenOver.size === 0 ? buffer : (writtenOver.get(buffer) ?? buffer);
}

/** With the names of what is written over spilled buffers. */
function withWrittenOver(spilled: ReadonlySet<string>, writtenOver: ReadonlyMap<string, string>): ReadonlySet<string> {
  if (spilled.size === 0 || writtenOver.size === 0) return spilled;
  const names = new Set(spilled);
  for (const [name, buffer] of writtenOver) {
    if (spilled.has(buffer)) names.add(name);
    else names.delete(name);
  }
  return names;
}

/** Puts the activations into their memory and, where the target has one, what overflows into the other. */
function placeActivations(
  ranges: readonly LiveRange[],
  { plan, memories }: Target,
  contentOf: (memory: string) => Content,
): ReadonlySet<string> {
  const { alignBytes, allocator: method, spill } = plan;
  const home = contentOf(plan.activations);
  const taken = home.overheadBytes + home.weights.reduce((sum, { bytes }) => sum + align(bytes, alignBytes), 0);
  const capacity = memories.find(({ id }) => id === plan.activations)!.capacityBytes - taken;
  const canSpill = spill !== undefined && spill !== plan.activations;
  const { placements, spilled } = allocate(ranges, {
    alignBytes,
    method,
    capacityBytes: canSpill ? capacity : Infinity,
  });
  home.activations = placements;
  if (canSpill && spilled.length > 0) {
    contentOf(spill).activations = allocate(spilled, { alignBytes, method, capacityBytes: Infinity }).placements;
  }
  return new Set(spilled.map(({ tensor }) => tensor));
}

/** Each weight once, in the order of first use, for the whole run. */
function weightRanges(drafts: readonly Draft[], kernels: number): readonly LiveRange[] {
  const bytes = new Map<string, number>();
  for (const { weights } of drafts) {
    for (const weight of weights) bytes.set(weight.tensor, Math.max(bytes.get(weight.tensor) ?? 0, weight.bytes));
  }
  return wholeRun([...bytes], kernels);
}

function residentRanges(weights: readonly LiveRange[], resident: ReadonlyMap<string, number>): readonly LiveRange[] {
  const kept = weights
    .map(({ tensor }) => [tensor, resident.get(tensor) ?? 0] as const)
    .filter(([, bytes]) => bytes > 0);
  return wholeRun(kept, (weights[0]?.lastKernel ?? 0) + 1);
}

function wholeRun(bytes: readonly (readonly [string, number])[], kernels: number): readonly LiveRange[] {
  const lastKernel = Math.max(0, kernels - 1);
  return bytes.map(([tensor, size]) => ({ tensor, bytes: size, firstKernel: 0, lastKernel }));
}

/** The first weights stay, as far as there is room; the one at the edge stays in part. */
function chooseResident(weights: readonly LiveRange[], { residentWeights }: MemoryPlan): ReadonlyMap<string, number> {
  let room = residentWeights?.usableBytes ?? 0;
  const resident = new Map<string, number>();
  for (const { tensor, bytes } of weights) {
    const kept = Math.min(bytes, room);
    if (kept > 0) resident.set(tensor, kept);
    room -= kept;
  }
  return resident;
}

/** The runtime's own bytes at the bottom, then the weights, then the arena of the activations. */
export function arenaOf(
  { memory, capacityBytes, alignBytes }: { memory: string; capacityBytes: number; alignBytes: number },
  { weights, activations, overheadBytes }: Content,
  kernels: number,
): Arena {
  const placements: BufferPlacement[] = [];
  let end = overheadBytes;
  for (const range of weights) {
    const address = align(end, alignBytes);
    placements.push(placed(range, address));
    end = address + range.bytes;
  }
  const base = activations.length === 0 ? end : align(end, alignBytes);
  for (const placement of activations) placements.push(placed(placement, base + placement.address));
  const peakBytes = placements.reduce((most, { address, bytes }) => Math.max(most, address + bytes), end);
  const constant = overheadBytes + weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const profile = liveProfile(activations, ({ bytes }) => bytes);
  const liveBytes = Array.from({ length: kernels }, (_, kernel) => constant + (profile[kernel] ?? 0));
  const lowerBoundBytes = liveBytes.reduce((most, bytes) => Math.max(most, bytes), constant);
  const peakKernel = Math.max(0, liveBytes.indexOf(lowerBoundBytes));
  placements.sort((a, b) => a.address - b.address || a.firstKernel - b.firstKernel);
  return { memory, placements, peakBytes, lowerBoundBytes, peakKernel, liveBytes, capacityBytes };
}

/** A model that does not fit is still costed, as if the memory were as large as it needs; the reader must know. */
export function capacityAssumptions(arenas: readonly Arena[]): readonly string[] {
  return arenas
    .filter(({ peakBytes, capacityBytes }) => peakBytes > capacityBytes)
    .map(({ memory, peakBytes, capacityBytes }) => {
      const [needed, there] = [peakBytes, capacityBytes].map((bytes) => printQuantity(bytes, 'memory'));
      return `does not fit: ${memory} would have to hold ${needed ?? ''} and holds ${there ?? ''}`;
    });
}
