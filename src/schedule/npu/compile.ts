/** The part of the compiler for targets whose main unit is an NPU that works in blocks. */
import type { MemoryMap } from '../arenas.ts';
import type { Buffers } from '../buffers.ts';
import type { Draft } from '../draft.ts';
import type { Precision } from '../legalize.ts';
import type { Placement } from '../partition.ts';
import type { Operation, Program } from '../program.ts';
import type { Stream } from '../schedule.ts';
import type { ComputeUnit, Memory, Target } from '../target.ts';
import type { Architecture, Port } from './architecture.ts';
import type { Context } from './context.ts';
import { ethosU55 } from './ethos-u55/index.ts';
import { ethosU85 } from './ethos-u85/index.ts';
import type { NpuStep } from './final.ts';
import { findingsOf } from './findings.ts';
import type { NpuTraffic } from './npu-traffic.ts';
import type { NpuSchedule } from './index.ts';
import { scheduleNpu } from './index.ts';
import type { Lowered } from './lower/index.ts';
import { lower } from './lower/index.ts';
import { mapOf } from './memory-map.ts';
import { mergeDrafts } from './merge-drafts.ts';
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
  /** By draft of the list above; undefined for one of another unit. */
  readonly steps: readonly (readonly NpuStep[] | undefined)[];
  readonly streams: readonly (readonly Stream[] | undefined)[];
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
  const drafts: Draft[] = [];
  const steps: (readonly NpuStep[] | undefined)[] = [];
  const streams: (readonly Stream[] | undefined)[] = [];
  for (const original of order) {
    const own = given[original]!.placement.unit === unit ? (schedule.steps.get(original) ?? noSteps) : undefined;
    drafts.push(merged[original]!);
    steps.push(own);
    streams.push(own && streamsOfSteps(own));
  }
  return { drafts, map: mapOf(schedule, lowered, { order, drafts, target }), steps, streams };
}

const noSteps: readonly NpuStep[] = [];

/** Kernels by their last operation; what became none stands behind what it reads. */
function orderOf(drafts: readonly Draft[], { kernels }: NpuSchedule, program: Program): readonly number[] {
  const last = new Int32Array(drafts.length).fill(-1);
  for (let operation = 0; operation < kernels.length; operation++) last[kernels[operation]!] = operation;
  let makers: ReadonlyMap<Operation, number> | undefined;
  const keys = new Float64Array(drafts.length).fill(-1);
  const behindOperands = ({ group }: Draft): number => {
    let behind = -1;
    makers ??= makersOf(drafts);
    for (const { node } of group.members) {
      for (const name of node.inputs) {
        const producer = program.producers.get(name);
        const maker = producer === undefined ? undefined : makers.get(producer);
        if (maker !== undefined) behind = Math.max(behind, keys[maker]!);
      }
    }
    return behind;
  };
  for (let index = 0; index < drafts.length; index++) {
    keys[index] = last[index]! >= 0 ? last[index]! : behindOperands(drafts[index]!);
  }
  const order = [...drafts.keys()];
  const isInOrder = order.every((index) => index === 0 || keys[index - 1]! <= keys[index]!);
  return isInOrder ? order : order.sort((a, b) => keys[a]! - keys[b]! || a - b);
}

function makersOf(drafts: readonly Draft[]): ReadonlyMap<Operation, number> {
  const makers = new Map<Operation, number>();
  for (const [index, { group }] of drafts.entries()) {
    for (const member of group.members) makers.set(member, index);
    for (const rider of group.riders) makers.set(rider, index);
  }
  return makers;
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
  const findings = findingsOf(target);
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
    findings,
    ...encodeOnce(encode, architecture, reader, findings.sizes),
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
