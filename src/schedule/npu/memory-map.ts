/** Where an NPU's feature maps lie, as the memories of the schedule. */
import type { MemoryMap } from '../arenas.ts';
import { arenaOf } from '../arenas.ts';
import type { Draft } from '../draft.ts';
import { workspaceOf } from '../live-ranges.ts';
import type { Arena } from '../schedule.ts';
import type { Memory, Target } from '../target.ts';
import type { NpuSchedule, PlacedMemory } from './index.ts';
import type { Lowered } from './lower/index.ts';
import type { NpuTensor } from './operation.ts';

/** The compiler's memories as arenas of the schedule. */
export function mapOf(schedule: NpuSchedule, lowered: Lowered, ordered: Ordered): MemoryMap {
  const { drafts, target } = ordered;
  const { plan, memories } = target;
  const placed = new Map<string, PlacedMemory>([[plan.activations, schedule.near]]);
  if (plan.spill !== undefined && schedule.home !== undefined) placed.set(plan.spill, schedule.home);
  const owners = new Map<NpuTensor, string>();
  for (const { tensors } of [...placed.values()].flatMap((memory) => memory.placed)) {
    for (const tensor of tensors) owners.set(tensor, tensors[0]!.name);
  }
  const spilled = new Set<string>();
  const writtenOver = new Map<string, string>();
  for (const buffer of buffersOf(drafts)) {
    const tensor = lowered.tensorOf(buffer);
    const owner = owners.get(tensor) ?? buffer;
    if (owner !== buffer) writtenOver.set(buffer, owner);
    if (!schedule.isNear(tensor)) spilled.add(buffer);
  }
  const uses = usesOf(drafts, writtenOver);
  const arenas = memories
    .filter(({ id }) => placed.has(id) || id === plan.weights)
    .map((memory) => arenaIn(memory, placed.get(memory.id), { ...ordered, schedule, uses }));
  return {
    arenas,
    residentBytes: new Map(),
    homeMemory: plan.activations,
    spillMemory: plan.spill ?? plan.activations,
    spilled,
    writtenOver,
  };
}

function buffersOf(drafts: readonly Draft[]): ReadonlySet<string> {
  const buffers = new Set<string>();
  for (const draft of drafts) {
    for (const { buffer } of draft.inputs) buffers.add(buffer);
    for (const { buffer } of draft.outputs) buffers.add(buffer);
    if (draft.workspaceBytes > 0) buffers.add(workspaceOf(draft));
  }
  return buffers;
}

interface Ordered {
  /** Positions of the kernels among those that were given. */
  readonly order: readonly number[];
  readonly drafts: readonly Draft[];
  readonly target: Target;
}

/** The first and the last kernel that a buffer is of use to. */
type Uses = ReadonlyMap<string, Use>;

interface Use {
  readonly first: number;
  last: number;
}

/** Stripes of a cascade run in turns: what lies between two of its kernels is there for both, from the first on. */
function usesOf(drafts: readonly Draft[], writtenOver: ReadonlyMap<string, string>): Uses {
  const uses = new Map<string, Use>();
  for (let place = 0; place < drafts.length; place++) {
    const { inputs, outputs } = drafts[place]!;
    for (const { buffer } of inputs) noteUse(writtenOver.get(buffer) ?? buffer, place, uses);
    for (const { buffer } of outputs) noteUse(writtenOver.get(buffer) ?? buffer, place, uses);
  }
  return uses;
}

function noteUse(buffer: string, place: number, uses: Map<string, Use>): void {
  const known = uses.get(buffer);
  if (known === undefined) uses.set(buffer, { first: place, last: place });
  else known.last = place;
}

interface ArenaInput extends Ordered {
  readonly schedule: NpuSchedule;
  readonly uses: Uses;
}

/** Kernels of several operations count with the one at which most is alive. */
function arenaIn(memory: Memory, placed: PlacedMemory | undefined, input: ArenaInput): Arena {
  const { schedule, order, target, uses } = input;
  const { plan } = target;
  const lastKernel = Math.max(0, order.length - 1);
  // Where weights share the memory of the activations, the model lies beside the arena.
  const holdsWeights = memory.id === plan.weights && memory.id !== plan.activations && schedule.constantBytes > 0;
  const placeAt = placesOf(schedule.kernels, order);
  const arena = arenaOf(
    { memory: memory.id, capacityBytes: memory.capacityBytes, alignBytes: plan.alignBytes },
    {
      weights: holdsWeights ? [{ tensor: 'weights', bytes: schedule.constantBytes, firstKernel: 0, lastKernel }] : [],
      activations: (placed?.placed ?? []).map(({ tensors, address, bytes, first, last }) => {
        const tensor = tensors[0]?.name ?? 'weight buffer';
        const [from, to] = [placeAt[first] ?? 0, placeAt[last] ?? 0];
        const use = uses.get(tensor);
        const firstKernel = Math.min(from, to, use?.first ?? from);
        const lastKernel = Math.max(from, to, use?.last ?? to);
        return { tensor, address, bytes, firstKernel, lastKernel };
      }),
      overheadBytes: memory.id === plan.activations ? plan.runtimeOverheadBytes : 0,
    },
    order.length,
  );
  const constant =
    (holdsWeights ? schedule.constantBytes : 0) + (memory.id === plan.activations ? plan.runtimeOverheadBytes : 0);
  const liveBytes = order.map(() => constant);
  const bytesAt = placed?.liveBytes ?? [];
  for (let operation = 0; operation < bytesAt.length; operation++) {
    const place = placeAt[operation] ?? 0;
    liveBytes[place] = Math.max(liveBytes[place]!, constant + bytesAt[operation]!);
  }
  const lowerBoundBytes = liveBytes.reduce((most, bytes) => Math.max(most, bytes), constant);
  return { ...arena, liveBytes, lowerBoundBytes, peakKernel: Math.max(0, liveBytes.indexOf(lowerBoundBytes)) };
}

/** By operation, the place of its kernel; 0 for one that became none. */
function placesOf(kernels: readonly number[], order: readonly number[]): Int32Array {
  const places = new Map<number, number>();
  for (let place = 0; place < order.length; place++) places.set(order[place]!, place);
  const placeAt = new Int32Array(kernels.length);
  for (let operation = 0; operation < kernels.length; operation++) {
    placeAt[operation] = places.get(kernels[operation]!) ?? 0;
  }
  return placeAt;
}
