/** The part of the compiler for targets whose main unit is an NPU that works in blocks. */
import type { ModelSources } from '../../ir/byte-source.ts';
import type { MemoryMap } from '../arenas.ts';
import { arenaOf } from '../arenas.ts';
import type { Buffers } from '../buffers.ts';
import type { Draft } from '../draft.ts';
import type { Precision } from '../legalize.ts';
import type { LiveRange } from '../live-ranges.ts';
import type { Placement } from '../partition.ts';
import type { Program } from '../program.ts';
import type { Arena, Stream } from '../schedule.ts';
import type { ComputeUnit, Memory, Target } from '../target.ts';
import type { Architecture, Port } from './architecture.ts';
import type { Context } from './context.ts';
import { ethosU55 } from './ethos-u55/index.ts';
import { ethosU85 } from './ethos-u85/index.ts';
import type { NpuStep } from './final.ts';
import type { NpuTraffic } from './npu-traffic.ts';
import type { NpuSchedule, PlacedBytes } from './index.ts';
import { scheduleNpu } from './index.ts';
import type { Lowered } from './lower/index.ts';
import { lower } from './lower/index.ts';
import { programOf } from './program.ts';
import { largestLimit } from './proposals.ts';
import { weightEncoder } from './weights/slices.ts';

/** Where the target does not say what compression brings. */
const noCompression = 1;

export interface NpuInput {
  readonly program: Program;
  readonly placements: readonly Placement[];
  readonly precision: Precision;
  readonly buffers: Buffers;
  readonly target: Target;
  readonly sources: ModelSources | undefined;
}

export interface NpuCompilation {
  readonly map: MemoryMap;
  /** Undefined for a kernel of another unit. */
  readonly stepsOf: (kernel: number) => readonly NpuStep[] | undefined;
  readonly streamsOf: (kernel: number) => readonly Stream[] | undefined;
}

/** Undefined where the target's main unit is none of these. */
export function compileForNpu(drafts: readonly Draft[], input: NpuInput): NpuCompilation | undefined {
  const { target } = input;
  const unit = target.units[0]!;
  const architecture = architectureOf(unit);
  if (architecture === undefined) return undefined;
  const groups = drafts.map(({ group }) => group);
  const lowered = lower({ ...input, groups, unit });
  const schedule = scheduleNpu(contextOf(lowered, architecture, input));
  const runsHere = (kernel: number) => drafts[kernel]?.placement.unit === unit;
  const stepsOf = (kernel: number) => (runsHere(kernel) ? (schedule.steps.get(kernel) ?? []) : undefined);
  return {
    map: mapOf(schedule, lowered, drafts, target),
    stepsOf,
    streamsOf: (kernel) => {
      const steps = stepsOf(kernel);
      return steps && streamsOfSteps(steps);
    },
  };
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

function contextOf(lowered: Lowered, architecture: Architecture, { target, sources }: NpuInput): Context {
  const { plan, memories } = target;
  const { clockHertz } = target.units[0]!;
  const port = (id: string) =>
    portOf(
      memories.find((memory) => memory.id === id)!,
      clockHertz,
    );
  const encoding = { sources, assumedShare: plan.compressedShare ?? noCompression };
  const spills = plan.spill !== undefined && plan.spill !== plan.activations;
  return {
    architecture,
    spills,
    program: programOf(
      lowered.operations,
      lowered.results,
      (operations) => architecture.chain?.(operations, sources) ?? operations,
    ),
    ports: { near: port(plan.activations), home: port(plan.spill ?? plan.activations), constants: port(plan.weights) },
    limitBytes: plan.cacheBytes ?? largestLimit,
    encode: architecture.encoder?.({ ...encoding, constants: port(plan.weights) }) ?? weightEncoder(encoding),
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
function mapOf(
  schedule: NpuSchedule,
  lowered: Lowered,
  drafts: readonly Draft[],
  { plan, memories }: Target,
): MemoryMap {
  const placed = new Map<string, readonly PlacedBytes[]>([[plan.activations, schedule.near]]);
  if (plan.spill !== undefined && schedule.home.length > 0) placed.set(plan.spill, schedule.home);
  const weights: readonly LiveRange[] =
    schedule.constantBytes === 0
      ? []
      : [
          {
            tensor: 'weights',
            bytes: schedule.constantBytes,
            firstKernel: 0,
            lastKernel: Math.max(0, drafts.length - 1),
          },
        ];
  const arenas: Arena[] = memories
    .filter(({ id }) => placed.has(id) || id === plan.weights)
    .map(({ id, capacityBytes }) =>
      arenaOf(
        { memory: id, capacityBytes, alignBytes: plan.alignBytes },
        {
          // Where weights share the memory of the activations, the model lies beside the arena.
          weights: id === plan.weights && id !== plan.activations ? weights : [],
          activations: placed.get(id) ?? [],
          overheadBytes: id === plan.activations ? plan.runtimeOverheadBytes : 0,
        },
        drafts.length,
      ),
    );
  return {
    arenas,
    residentBytes: new Map(),
    placeOf: (buffer) => ({
      buffer,
      memory: schedule.isNear(lowered.tensorOf(buffer)) ? plan.activations : (plan.spill ?? plan.activations),
    }),
  };
}

/** Sums by memory and role. */
function streamsOfSteps(steps: readonly NpuStep[]): readonly Stream[] {
  const streams = new Map<string, Stream>();
  for (const traffic of steps.flatMap((step) => step.traffic)) {
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
