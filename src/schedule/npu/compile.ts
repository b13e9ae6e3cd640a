/** The part of the compiler for targets whose main unit is an NPU that works in blocks. */
import type { MemoryMap } from '../arenas.ts';
import { arenaOf } from '../arenas.ts';
import type { Buffers } from '../buffers.ts';
import type { Draft } from '../draft.ts';
import type { Precision } from '../legalize.ts';
import type { Placement } from '../partition.ts';
import type { Operation, Program } from '../program.ts';
import type { Arena, Stream } from '../schedule.ts';
import type { ComputeUnit, Memory, Target } from '../target.ts';
import type { Architecture, Port } from './architecture.ts';
import type { Context } from './context.ts';
import { ethosU55 } from './ethos-u55/index.ts';
import { ethosU85 } from './ethos-u85/index.ts';
import type { NpuStep } from './final.ts';
import type { NpuTraffic } from './npu-traffic.ts';
import type { NpuSchedule, PlacedMemory } from './index.ts';
import { scheduleNpu } from './index.ts';
import type { Lowered } from './lower/index.ts';
import { lower } from './lower/index.ts';
import { mergeDrafts } from './merge-drafts.ts';
import type { NpuTensor } from './operation.ts';
import { programOf } from './program.ts';
import { largestLimit } from './proposals.ts';
import type { WeightReader } from './weights/facts.ts';
import { encodeOnce } from './weights/once.ts';
import { weightEncoder } from './weights/slices.ts';

/** Where the target does not say what compression brings. */
const noCompression = 1;

export interface NpuInput {
  readonly program: Program;
  readonly placements: readonly Placement[];
  readonly precision: Precision;
  readonly buffers: Buffers;
  readonly target: Target;
  readonly reader: WeightReader;
}

export interface NpuCompilation {
  /** In the order in which they run. */
  readonly drafts: readonly Draft[];
  readonly map: MemoryMap;
  /** Of a draft of the list above; undefined for one of another unit. */
  readonly stepsOf: (index: number) => readonly NpuStep[] | undefined;
  readonly streamsOf: (index: number) => readonly Stream[] | undefined;
}

/** Undefined where the target's main unit is none of these. */
export function compileForNpu(given: readonly Draft[], input: NpuInput): NpuCompilation | undefined {
  const { target } = input;
  const unit = target.units[0]!;
  const architecture = architectureOf(unit);
  if (architecture === undefined) return undefined;
  const groups = given.map(({ group }) => group);
  const lowered = lower({ ...input, groups, unit });
  const schedule = scheduleNpu(contextOf(lowered, architecture, input));
  const merged = mergeDrafts(given, schedule.does);
  const order = orderOf(given, schedule, input.program).filter((index) => merged[index] !== undefined);
  const drafts = order.map((original) => merged[original]!);
  const stepsOf = (index: number) => {
    const original = order[index]!;
    return given[original]?.placement.unit === unit ? (schedule.steps.get(original) ?? []) : undefined;
  };
  return {
    drafts,
    map: mapOf(schedule, lowered, { order, drafts, target }),
    stepsOf,
    streamsOf: (index) => {
      const steps = stepsOf(index);
      return steps && streamsOfSteps(steps);
    },
  };
}

/** Kernels by their last operation; what became none stands behind what it reads. */
function orderOf(drafts: readonly Draft[], { kernels }: NpuSchedule, program: Program): readonly number[] {
  const last = new Map<number, number>();
  for (const [operation, kernel] of kernels.entries()) last.set(kernel, operation);
  const makers = new Map<Operation, number>();
  for (const [index, { group }] of drafts.entries()) {
    for (const member of group.members) makers.set(member, index);
    for (const rider of group.riders) makers.set(rider, index);
  }
  const keys = new Float64Array(drafts.length).fill(-1);
  const behindOperands = ({ group }: Draft): number => {
    let behind = -1;
    for (const { node } of group.members) {
      for (const name of node.inputs) {
        const producer = program.producers.get(name);
        const maker = producer === undefined ? undefined : makers.get(producer);
        if (maker !== undefined) behind = Math.max(behind, keys[maker]!);
      }
    }
    return behind;
  };
  for (const [index, draft] of drafts.entries()) keys[index] = last.get(index) ?? behindOperands(draft);
  return drafts.map((_, index) => index).sort((a, b) => keys[a]! - keys[b]! || a - b);
}

/** True where what a model costs hangs on the elements of its weights: they are encoded. */
export function readsElements({ units }: Target): boolean {
  const kind = units[0]?.geometry.kind;
  return kind === 'block' || kind === 'u85';
}

const known = new WeakMap<ComputeUnit, Architecture>();

/** One for each unit, as it remembers the blocks that it has found. */
function architectureOf(unit: ComputeUnit): Architecture | undefined {
  const { geometry, cores } = unit;
  if (geometry.kind !== 'block' && geometry.kind !== 'u85') return undefined;
  const make = () => (geometry.kind === 'u85' ? ethosU85(geometry) : ethosU55({ geometry, cores }));
  const architecture = known.get(unit) ?? make();
  known.set(unit, architecture);
  return architecture;
}

function contextOf(lowered: Lowered, architecture: Architecture, { target, reader }: NpuInput): Context {
  const { plan, memories } = target;
  const { clockHertz } = target.units[0]!;
  const port = (id: string) =>
    portOf(
      memories.find((memory) => memory.id === id)!,
      clockHertz,
    );
  const encoding = { reader, assumedShare: plan.compressedShare ?? noCompression };
  const encode = architecture.encoder?.({ ...encoding, constants: port(plan.weights) }) ?? weightEncoder(encoding);
  const spills = plan.spill !== undefined && plan.spill !== plan.activations;
  return {
    architecture,
    spills,
    program: programOf(
      lowered.operations,
      lowered.results,
      (operations) => architecture.chain?.(operations, reader) ?? operations,
    ),
    ports: { near: port(plan.activations), home: port(plan.spill ?? plan.activations), constants: port(plan.weights) },
    limitBytes: plan.cacheBytes ?? largestLimit,
    encode: encodeOnce(encode, architecture, reader),
  };
}

function portOf(memory: Memory, hertz: number): Port {
  const { id, bandwidthBytesPerSecond, latencySeconds, writeLatencySeconds, burstBytes } = memory;
  const { readsUnderWay, writesUnderWay } = memory;
  return {
    memory: id,
    bytesPerCycle: bandwidthBytesPerSecond / hertz,
    readLatencyCycles: Math.round(latencySeconds * hertz),
    writeLatencyCycles: Math.round((writeLatencySeconds ?? latencySeconds) * hertz),
    burstBytes,
    ...(readsUnderWay !== undefined && { readsUnderWay }),
    ...(writesUnderWay !== undefined && { writesUnderWay }),
  };
}

/** The compiler's memories as arenas of the schedule. */
function mapOf(schedule: NpuSchedule, lowered: Lowered, ordered: Ordered): MemoryMap {
  const { drafts, target } = ordered;
  const { plan, memories } = target;
  const placed = new Map<string, PlacedMemory>([[plan.activations, schedule.near]]);
  if (plan.spill !== undefined && schedule.home !== undefined) placed.set(plan.spill, schedule.home);
  const owners = new Map<NpuTensor, string>();
  for (const { tensors } of [...placed.values()].flatMap((memory) => memory.placed)) {
    for (const tensor of tensors) owners.set(tensor, tensors[0]!.name);
  }
  const uses = usesOf(drafts, (buffer) => owners.get(lowered.tensorOf(buffer)) ?? buffer);
  const arenas = memories
    .filter(({ id }) => placed.has(id) || id === plan.weights)
    .map((memory) => arenaIn(memory, placed.get(memory.id), { ...ordered, schedule, uses }));
  return {
    arenas,
    residentBytes: new Map(),
    placeOf: (buffer) => {
      const tensor = lowered.tensorOf(buffer);
      const memory = schedule.isNear(tensor) ? plan.activations : (plan.spill ?? plan.activations);
      return { buffer: owners.get(tensor) ?? buffer, memory };
    },
  };
}

interface Ordered {
  /** Positions of the kernels among those that were given. */
  readonly order: readonly number[];
  readonly drafts: readonly Draft[];
  readonly target: Target;
}

/** The first and the last kernel that a buffer is of use to. */
type Uses = ReadonlyMap<string, readonly [number, number]>;

/** Stripes of a cascade run in turns: what lies between two of its kernels is there for both, from the first on. */
function usesOf(drafts: readonly Draft[], ownerOf: (buffer: string) => string): Uses {
  const uses = new Map<string, readonly [number, number]>();
  for (const [place, { inputs, outputs }] of drafts.entries()) {
    for (const { buffer } of [...inputs, ...outputs]) {
      const owner = ownerOf(buffer);
      uses.set(owner, [uses.get(owner)?.[0] ?? place, place]);
    }
  }
  return uses;
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
  const places = new Map(order.map((kernel, place) => [kernel, place]));
  const placeAt = (operation: number) => places.get(schedule.kernels[operation] ?? -1) ?? 0;
  const arena = arenaOf(
    { memory: memory.id, capacityBytes: memory.capacityBytes, alignBytes: plan.alignBytes },
    {
      weights: holdsWeights ? [{ tensor: 'weights', bytes: schedule.constantBytes, firstKernel: 0, lastKernel }] : [],
      activations: (placed?.placed ?? []).map(({ tensors, address, bytes, first, last }) => {
        const tensor = tensors[0]?.name ?? 'weight buffer';
        const [from, to] = [placeAt(first), placeAt(last)];
        const [firstUse, lastUse] = uses.get(tensor) ?? [from, to];
        const [firstKernel, lastKernel] = [Math.min(from, to, firstUse), Math.max(from, to, lastUse)];
        return { tensor, address, bytes, firstKernel, lastKernel };
      }),
      overheadBytes: memory.id === plan.activations ? plan.runtimeOverheadBytes : 0,
    },
    order.length,
  );
  const constant =
    (holdsWeights ? schedule.constantBytes : 0) + (memory.id === plan.activations ? plan.runtimeOverheadBytes : 0);
  const liveBytes = order.map(() => constant);
  for (const [operation, bytes] of (placed?.liveBytes ?? []).entries()) {
    const place = placeAt(operation);
    liveBytes[place] = Math.max(liveBytes[place]!, constant + bytes);
  }
  const lowerBoundBytes = liveBytes.reduce((most, bytes) => Math.max(most, bytes), constant);
  return { ...arena, liveBytes, lowerBoundBytes, peakKernel: Math.max(0, liveBytes.indexOf(lowerBoundBytes)) };
}

const knownStreams = new WeakMap<readonly NpuTraffic[], readonly Stream[]>();

/** Operations that are alike share their traffic, and kernels that are one such operation their streams. */
function streamsOfSteps(steps: readonly NpuStep[]): readonly Stream[] {
  const [first, ...others] = steps;
  if (first === undefined || others.length > 0) return streamsOfTraffic(steps.flatMap((step) => step.traffic));
  const streams = knownStreams.get(first.traffic) ?? streamsOfTraffic(first.traffic);
  knownStreams.set(first.traffic, streams);
  return streams;
}

/** Sums by memory and role. */
function streamsOfTraffic(parts: readonly NpuTraffic[]): readonly Stream[] {
  const streams = new Map<string, Stream>();
  for (const traffic of parts) {
    const key = `${traffic.role} ${traffic.memory}`;
    streams.set(key, added(streams.get(key), traffic));
  }
  return [...streams.values()];
}

function added(before: Stream | undefined, { memory, role, readBytes, writeBytes }: NpuTraffic): Stream {
  return {
    ...{ memory, role, transfers: 1 },
    readBytes: readBytes + (before?.readBytes ?? 0),
    writeBytes: writeBytes + (before?.writeBytes ?? 0),
  };
}
