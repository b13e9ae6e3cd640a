/**
 * The schedule as Chrome's trace events, which Perfetto reads too: the base and the head are processes, each unit and
 * memory a thread of it, each layer a slice; live bytes are counters. Times in microseconds, as the format has them.
 */
import type { DiffRow } from '../../compare/comparison.ts';
import type { Kernel, Schedule } from '../../schedule/schedule.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import { computeLane, serialLane } from '../../simulate/term.ts';
import { timelineOf } from '../../simulate/timeline.ts';
import { visibleName, visibleSentence } from '../inert.ts';
import { jsonLine } from '../json-line.ts';
import { changeWords, longestShownName } from './layer-words.ts';
import {
  isCompared,
  neighbourFileName,
  sidesOf,
  type NamedSide,
  type NeighbourFile,
  type NeighbourSideName,
  type NeighbourSubject,
} from './neighbour.ts';

/** `ph` first: readers that stop at the first text that they cannot take have what they need by then. */
interface TraceEvent {
  readonly ph: 'M' | 'X' | 'C';
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid?: number;
  readonly cat?: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const processes: Readonly<Record<NeighbourSideName, number>> = { base: 1, head: 2 };

export function traceFiles(subject: NeighbourSubject): readonly NeighbourFile[] {
  const sides = sidesOf(subject);
  const traceEvents = sides.flatMap((side) => processEvents(subject, side));
  // Without `displayTimeUnit`: some readers take it for the unit of the times themselves.
  const text = `${jsonLine({ traceEvents })}\n`;
  const words = isCompared(subject) ? 'schedules of base and head' : 'schedule';
  return sides.length === 0 ? [] : [{ name: neighbourFileName(subject, [], 'trace.json'), words, text }];
}

function processEvents(subject: NeighbourSubject, { name, side, words }: NamedSide): readonly TraceEvent[] {
  const { schedule } = side;
  const pid = processes[name];
  const [path, target] = [subject.path, subject.target].map((one) => visibleName(one, longestShownName));
  const events = [
    ...sliceEvents(schedule, layersOf(subject.rows, name), { pid, compared: isCompared(subject) }),
    ...memoryEvents(schedule, pid),
  ];
  return [
    { ph: 'M', pid, name: 'process_name', args: { name: `${words === '' ? '' : `${words}: `}${path} on ${target}` } },
    { ph: 'M', pid, name: 'process_sort_index', args: { sort_index: pid } },
    ...threadNames(schedule, pid, events),
    ...events,
  ];
}

interface Layer {
  readonly layer: LayerCost;
  readonly row: DiffRow;
}

function layersOf(rows: readonly DiffRow[], side: NeighbourSideName): ReadonlyMap<string, Layer> {
  return new Map(rows.flatMap((row) => row[side].map((layer) => [layer.id, { layer, row }] as const)));
}

interface Process {
  readonly pid: number;
  readonly compared: boolean;
}

function sliceEvents(
  schedule: Schedule,
  layers: ReadonlyMap<string, Layer>,
  { pid, compared }: Process,
): readonly TraceEvent[] {
  const thread = threadsOf(schedule);
  const { invokeSeconds } = schedule.target;
  const events: TraceEvent[] = [];
  const ends = new Map<number, number>();
  const add = (tid: number, cat: string, slice: Slice): void => {
    const from = Math.max(nanoseconds(slice.from), ends.get(tid) ?? 0);
    const to = Math.max(nanoseconds(slice.to), from);
    ends.set(tid, to);
    events.push({ ph: 'X', ...timesOf(from, to), pid, tid, cat, name: slice.name, args: slice.args });
  };
  if (invokeSeconds > 0) {
    add(thread.starts, 'start', { from: 0, to: invokeSeconds, name: 'start of the inference', args: {} });
  }
  for (const { kernel, startSeconds: from, seconds, lanes } of timelineOf(schedule)) {
    const name = visibleName(kernel.name, longestShownName);
    const args = argumentsOf(kernel, layers.get(kernel.name), schedule, compared);
    add(thread.unit(kernel.unit), 'layer', { from, to: from + seconds, name, args });
    for (const { lane, startSeconds, seconds: length } of lanes) {
      const start = from + startSeconds;
      const slice = { from: start, to: start + length, name, args: laneArguments(lane, kernel) };
      if (lane === computeLane) add(thread.arithmetic(kernel.unit), 'compute', slice);
      else
        add(
          lane === serialLane ? thread.starts : thread.memory(lane),
          lane === serialLane ? 'start' : 'transfer',
          slice,
        );
    }
  }
  return events;
}

interface Slice {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly args: TraceEvent['args'];
}

const nanosecondsPerSecond = 1e9;
const nanosecondsPerMicrosecond = 1000;

/** Readers count in these, and drop a slice that begins before the one in front of it has ended. */
function nanoseconds(seconds: number): number {
  return Math.round(seconds * nanosecondsPerSecond);
}

/**
 * Some readers add the two and compare: where rounding makes that more than the end, the next slice would count as a part
 * of this one.
 */
function timesOf(from: number, to: number): { readonly ts: number; readonly dur: number } {
  const [ts, end] = [from / nanosecondsPerMicrosecond, to / nanosecondsPerMicrosecond];
  const dur = (to - from) / nanosecondsPerMicrosecond;
  return { ts, dur: ts + dur > end ? Math.max(0, dur - end * Number.EPSILON) : dur };
}

function argumentsOf(
  kernel: Kernel,
  there: Layer | undefined,
  { target }: Schedule,
  compared: boolean,
): TraceEvent['args'] {
  const clock = target.units.find(({ id }) => id === kernel.unit)?.clockHertz;
  const { operator, type, algorithm, fallback } = kernel;
  const layer = there?.layer;
  return {
    operator: visibleName(operator, longestShownName),
    ...{ dtype: type, algorithm },
    ...(layer === undefined
      ? {}
      : {
          ...(clock === undefined ? {} : { cycles: Math.round(layer.latencySeconds * clock) }),
          ...{ latencySeconds: layer.latencySeconds, energyJoules: layer.energyJoules, macs: layer.macs },
          ...{ weightsBytes: layer.weightsBytes, memoryBytes: layer.memoryBytes, utilization: layer.utilization },
          ...{ bound: layer.bound, trafficBytes: layer.trafficBytes, causeSeconds: causeSeconds(layer) },
        }),
    ...(fallback === null ? {} : { fallback: visibleSentence(fallback.reason) }),
    ...(compared && there !== undefined ? changeArguments(there.row) : {}),
  };
}

/** A cause may come twice, with other details. */
function causeSeconds({ causes }: LayerCost): Readonly<Record<string, number>> {
  const seconds = new Map<string, number>();
  for (const share of causes) seconds.set(share.cause, (seconds.get(share.cause) ?? 0) + share.seconds);
  return Object.fromEntries(seconds);
}

function changeArguments(row: DiffRow): TraceEvent['args'] {
  return {
    status: row.match.status,
    ...(row.delta.latencySeconds === 0 ? {} : { latencySecondsChange: row.delta.latencySeconds }),
    ...(changeWords(row) === '' ? {} : { change: changeWords(row) }),
  };
}

/** What a memory moves for the kernel, in all its runs, before bursts are rounded up. */
function laneArguments(lane: string, { streams, repetitions }: Kernel): TraceEvent['args'] {
  const own = streams.filter(({ memory }) => memory === lane);
  if (own.length === 0) return {};
  const sum = (key: 'readBytes' | 'writeBytes'): number =>
    repetitions * own.reduce((bytes, stream) => bytes + stream[key], 0);
  return { readBytes: sum('readBytes'), writeBytes: sum('writeBytes') };
}

/** Live bytes of each memory that is planned, from kernel to kernel. */
function memoryEvents(schedule: Schedule, pid: number): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const { memory, liveBytes } of schedule.arenas) {
    const add = (seconds: number, bytes: number): void => {
      const ts = nanoseconds(seconds) / nanosecondsPerMicrosecond;
      events.push({ ph: 'C', ts, pid, name: `memory ${memory}`, args: { liveBytes: bytes } });
    };
    let end = 0;
    let before: number | undefined;
    for (const { kernel, startSeconds, seconds } of timelineOf(schedule)) {
      const bytes = liveBytes[kernel.index] ?? 0;
      if (bytes !== before) add(startSeconds, bytes);
      before = bytes;
      end = startSeconds + seconds;
    }
    add(end, 0);
  }
  return events;
}

interface Threads {
  readonly starts: number;
  readonly unit: (id: string) => number;
  readonly arithmetic: (id: string) => number;
  readonly memory: (id: string) => number;
  readonly names: ReadonlyMap<number, string>;
}

/** Numbers in the order in which they are read: of each unit its layers and its arithmetic, then memories, then starts. */
function threadsOf({ target: { units, memories } }: Schedule): Threads {
  const names = [
    ...units.flatMap(({ id }) => [id, `${id} compute`]),
    ...memories.map(({ id }) => `${id} transfers`),
    'starts and handovers',
  ];
  const numbers = new Map(names.map((name, index) => [name, index + 1]));
  return {
    starts: names.length,
    unit: (id) => numbers.get(id) ?? 0,
    arithmetic: (id) => numbers.get(`${id} compute`) ?? 0,
    memory: (id) => numbers.get(`${id} transfers`) ?? 0,
    names: new Map(names.map((name, index) => [index + 1, name])),
  };
}

/** Of threads on which something happens. */
function threadNames(schedule: Schedule, pid: number, events: readonly TraceEvent[]): readonly TraceEvent[] {
  const used = new Set(events.map(({ tid }) => tid));
  return [...threadsOf(schedule).names]
    .filter(([tid]) => used.has(tid))
    .flatMap(([tid, name]): TraceEvent[] => [
      { ph: 'M', pid, tid, name: 'thread_name', args: { name } },
      { ph: 'M', pid, tid, name: 'thread_sort_index', args: { sort_index: tid } },
    ]);
}
