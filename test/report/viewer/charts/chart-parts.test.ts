import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaBetween, rowsInArea } from '../../../../src/report/viewer/charts/area.ts';
import { inertTemplate } from '../../../../src/report/viewer/charts/chart-look.ts';
import { binsOf } from '../../../../src/report/viewer/charts/histogram.ts';
import { readChartSettings } from '../../../../src/report/viewer/charts/settings.ts';
import { lanesOf, overlapSeconds, spansInSight } from '../../../../src/report/viewer/charts/timeline.ts';
import type { ViewMark } from '../../../../src/report/viewer/charts/view-chart.ts';
import type { ScheduleAnswer } from '../../../../src/report/viewer/worker/protocol.ts';

describe('histogram', () => {
  test('has equal steps where values are near one another', () => {
    const bins = binsOf([1, 2, 2.1], [10, NaN]);
    expect(bins[0]).toMatchObject({ from: 0 });
    const widths = new Set(bins.map(({ from, to }) => Number((to - from).toPrecision(6))));
    expect(widths.size).toBe(1);
    expect(bins.flatMap(({ base }) => base)).toEqual([0, 1, 2]);
    expect(bins.at(-1)?.head).toEqual([0]);
  });

  test('has steps of 1, 2, 5 where they are far apart, and nothing in a bin of its own', () => {
    const bins = binsOf([0, 1e-6], [3e-3, 1]);
    expect(bins[0]).toEqual({ from: 0, to: 0, base: [0], head: [] });
    expect(bins.slice(1, 4).map(({ from }) => from)).toEqual([1e-6, 2e-6, 5e-6]);
    expect(bins.at(-1)?.head).toEqual([1]);
  });

  test('puts every value into the bin that holds it', () => {
    const value = fc.oneof(fc.constant(NaN), fc.constant(0), fc.double({ min: 1e-9, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), (values) => {
        const bins = binsOf([], values);
        const placed = bins.flatMap(({ head }) => head).sort((a, b) => a - b);
        expect(placed).toEqual(values.flatMap((one, index) => (Number.isNaN(one) ? [] : [index])));
        for (const { from, to, head } of bins) {
          for (const index of head) {
            expect(values[index]).toBeGreaterThanOrEqual(from);
            expect(values[index]).toBeLessThanOrEqual(to);
          }
        }
      }),
    );
  });

  test('is empty of nothing', () => expect(binsOf([NaN], [])).toEqual([]));
});

describe('timeline', () => {
  const lane = (name: string, startSeconds: number, seconds: number) => ({ lane: name, startSeconds, seconds });
  const answer: ScheduleAnswer = {
    ...{ units: ['npu', 'cpu'], memories: ['sram', 'flash'], activationsMemory: 'sram', startSeconds: 1, arenas: [] },
    kernels: [
      { layer: 'a', unit: 'npu', startSeconds: 1, seconds: 4, lanes: [lane('sram', 0, 3), lane('compute', 1, 3)] },
      { layer: 'b', unit: 'cpu', startSeconds: 5, seconds: 2, lanes: [lane('serial', 0, 1), lane('compute', 1, 1)] },
      { layer: 'view', unit: 'cpu', startSeconds: 7, seconds: 0, lanes: [] },
    ],
  };

  test('has lanes of units, their arithmetic, memories and starts, those that are used', () => {
    const lanes = lanesOf(answer);
    expect(lanes.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      ...['unit npu', 'arithmetic npu', 'unit cpu', 'arithmetic cpu', 'memory sram', 'start '],
    ]);
    expect(lanes[0]!.spans).toEqual([{ from: 1, to: 5, first: 0, last: 0 }]);
    expect(lanes.at(-1)!.spans.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [5, 6],
    ]);
  });

  test('counts the time in which two lanes are busy', () => {
    // sram 1..4, arithmetic 2..5 and 6..7
    const lanes = lanesOf(answer).filter(({ kind }) => kind === 'arithmetic' || kind === 'memory');
    expect(overlapSeconds(lanes)).toBe(2);
  });

  test('joins what is too short to be told apart, and leaves out what is out of sight', () => {
    const spans = Array.from({ length: 1000 }, (_, index) => ({
      from: index,
      to: index + 1,
      first: index,
      last: index,
    }));
    const seen = spansInSight(spans, 100, 300, 10);
    expect(seen[0]).toEqual({ from: 99, to: 109, first: 99, last: 108 });
    expect(seen.length).toBeLessThan(25);
    expect(seen.at(-1)!.to).toBe(301);
    expect(spansInSight(spans, 100, 110, 0)).toHaveLength(12);
  });
});

test('an area holds the points inside of it and the blocks that it touches; a stripe has no height', () => {
  const mark = (index: number, rows: readonly number[]): ViewMark => ({
    series: 0,
    index,
    name: '',
    of: '',
    value: '',
    rows,
  });
  const places: readonly (readonly (readonly [number, number])[])[] = [
    [[5, 5]],
    [
      [0, 90],
      [100, 95],
    ],
    [],
    [[50, 5]],
  ];
  const marks = [mark(0, [1, 2]), mark(1, [3]), mark(2, [4]), mark(3, [])];
  const inside = (isStripe: boolean) => [
    ...rowsInArea(marks, areaBetween([10, 10], [2, 1], isStripe), ({ index }) => places[index]!),
  ];
  expect(inside(false)).toEqual([1, 2]);
  expect(inside(true)).toEqual([1, 2, 3]);
});

test('names are no templates of a style', () => {
  expect(inertTemplate('a{b|c}d {e} {|}')).toBe('a{\u2060b|c}d {e} {|}');
});

test('settings are read from whatever a link holds', () => {
  const usual = readChartSettings(undefined);
  expect(usual).toMatchObject({ kind: 'latency', metric: 'latency', side: 'head', logX: true });
  for (const hostile of [null, 'x', [], { kind: 'pie', logX: 'yes', side: 3, x: {}, memory: 1 }]) {
    expect(readChartSettings(hostile)).toEqual(usual);
  }
  const chosen = { ...usual, kind: 'scatter', x: 'energy', logY: false, side: 'base', memory: 'flash' };
  expect(readChartSettings(JSON.parse(JSON.stringify(chosen)))).toEqual(chosen);
});
