import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryTimelineOf } from '../../../src/report/memory-timeline.ts';
import { neighbourFiles } from '../../../src/report/neighbours/index.ts';
import type { NeighbourSubject } from '../../../src/report/neighbours/neighbour.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { hostileText } from '../hostile-text.ts';
import { filesOf, subjectOf } from './subjects.ts';

interface Event {
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const eventsOf = (subject: NeighbourSubject): readonly Event[] =>
  [...filesOf<{ readonly traceEvents: readonly Event[] }>('trace', subject).values()][0]!.traceEvents;

/** Perfetto takes microseconds to the nearest nanosecond and drops a slice that begins in another and ends behind it. */
function droppedSlices(events: readonly Event[]): readonly string[] {
  const open = new Map<string, number[]>();
  const dropped: string[] = [];
  for (const { ts, dur, pid, tid, name } of events.filter(({ ph }) => ph === 'X').toSorted((a, b) => a.ts - b.ts)) {
    const [from, to] = [Math.round(ts * 1000), Math.round(ts * 1000) + Math.round(dur * 1000)];
    const ends = (open.get(`${pid} ${tid}`) ?? []).filter((end) => end > from);
    if (ends.some((end) => to > end)) dropped.push(name);
    open.set(`${pid} ${tid}`, [...ends, to]);
  }
  return dropped;
}

const subject = subjectOf({ base: 'cnn-residual.onnx', head: 'cnn-residual-wide.onnx' }, 'ethos-u55-128');
const events = eventsOf(subject);
const named = (name: string) => events.filter((event) => event.name === name).map(({ pid, args }) => [pid, args.name]);

describe('of a change', () => {
  test('base and head are processes, units and memories their threads', () => {
    expect(named('process_name')).toEqual([
      [1, 'base: models/net.onnx on ethos-u55-128'],
      [2, 'head: models/net.onnx on ethos-u55-128'],
    ]);
    const threads = ['npu', 'npu compute', 'sram transfers', 'flash transfers', 'starts and handovers'];
    expect(named('thread_name')).toEqual([1, 2].flatMap((pid) => threads.map((thread) => [pid, thread])));
  });

  test('each layer is a slice with the numbers of the report', () => {
    const layers = subject.rows.flatMap((row) => row.head.map((layer) => ({ row, layer })));
    const slices = events.filter(({ pid, cat }) => pid === 2 && cat === 'layer');
    expect(slices).toHaveLength(layers.filter(({ layer }) => layer.nodes.length > 0).length);
    const { target } = subject.head!.schedule;
    for (const { name, dur, args } of slices) {
      const { layer, row } = layers.find((one) => one.layer.name === name)!;
      expect(dur * 1000).toBeCloseTo(layer.latencySeconds * 1e9, 0);
      const { latencySeconds, energyJoules, macs, weightsBytes, trafficBytes, bound, utilization } = layer;
      expect(args).toMatchObject({
        latencySeconds,
        energyJoules,
        macs,
        weightsBytes,
        trafficBytes,
        bound,
        utilization,
      });
      const clock = target.units.find(({ id }) => id === layer.unit)!.clockHertz;
      expect(args.cycles).toBe(Math.round(latencySeconds * clock));
      const causes = Object.values(args.causeSeconds as Record<string, number>);
      expect(causes.reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(latencySeconds, 12);
      expect(args.latencySecondsChange ?? 0).toBe(row.delta.latencySeconds);
    }
  });

  test('ends when the simulation does', () => {
    const ends = events.filter(({ ph, pid }) => ph === 'X' && pid === 2).map(({ ts, dur }) => ts + dur);
    expect(Math.max(...ends)).toBeCloseTo(simulate(subject.head!.schedule).totals.latencySeconds * 1e6, 3);
  });

  test('live bytes are those of the report, and its peak', () => {
    const { memory, points } = memoryTimelineOf(simulate(subject.head!.schedule))!;
    const counters = events.filter(({ ph, pid, name }) => ph === 'C' && pid === 2 && name === `memory ${memory}`);
    const bytes = counters.map(({ args }) => Number(args.liveBytes));
    const changes = points.map(({ liveBytes }) => liveBytes).filter((live, index, all) => live !== all[index - 1]);
    expect(bytes).toEqual([...changes, 0]);
  });

  test('transfers say what they read and write', () => {
    const { name, args } = events.find(({ cat }) => cat === 'transfer')!;
    const kernel = subject.base!.schedule.kernels.find((one) => one.name === name)!;
    const bytes = kernel.streams.filter(({ memory }) => memory === 'sram').map((stream) => stream.readBytes);
    expect(args.readBytes).toBe(kernel.repetitions * bytes.reduce((sum, one) => sum + one, 0));
  });
});

test.each([
  ['cnn-int8.tflite', 'ethos-u55-128'],
  ['recurrent-control.onnx', 'rpi4-xnnpack'],
  ['detector-cubic.onnx', 'ethos-u65-512'],
])('no reader drops a slice of %s', (name, target) => {
  const own = eventsOf(subjectOf({ base: null, head: name }, target));
  expect(droppedSlices(own)).toEqual([]);
  expect(own.every(({ ph, ts, dur }) => ph === 'M' || (ts >= 0 && (ph === 'C' || dur >= 0)))).toBe(true);
  const lanes = new Map<string, number>();
  for (const { ph, pid, tid, ts, dur } of own) {
    if (ph !== 'X') continue;
    expect(ts).toBeGreaterThanOrEqual(lanes.get(`${pid} ${tid}`) ?? 0);
    lanes.set(`${pid} ${tid}`, ts + dur);
  }
});

test('names stay data, on one line, and cut where they are shown', () => {
  fc.assert(
    fc.property(hostileText, (path) => {
      const hostile = { ...subject, path: `${path}.onnx`, target: path };
      for (const format of ['trace', 'netron', 'model-explorer'] as const) {
        for (const { name, text } of neighbourFiles(format, hostile)) {
          expect(name).toMatch(/^[a-z0-9][a-z0-9.-]*\.json$/);
          expect(text.trimEnd()).not.toMatch(/[\n\r\u202e\u2066]/);
        }
      }
      const [first] = eventsOf(hostile);
      expect(String(first!.args.name).length).toBeLessThan(420);
    }),
    { numRuns: 10 },
  );
});

test('the same each time', () => {
  const again = subjectOf({ base: 'cnn-residual.onnx', head: 'cnn-residual-wide.onnx' }, 'ethos-u55-128');
  expect(neighbourFiles('trace', again)).toEqual(neighbourFiles('trace', subject));
});
