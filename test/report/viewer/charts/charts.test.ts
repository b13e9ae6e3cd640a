import { describe, expect, test } from 'vitest';
import { themes } from '../../../../src/report/chart/theme.ts';
import { drawings } from '../../../../src/report/charts.ts';
import { drawingChart } from '../../../../src/report/viewer/charts/drawing-chart.ts';
import { histogramChart } from '../../../../src/report/viewer/charts/histogram-chart.ts';
import { memoryMapChart } from '../../../../src/report/viewer/charts/memory-map-chart.ts';
import { fileName, svgOf } from '../../../../src/report/viewer/charts/save.ts';
import { scatterChart } from '../../../../src/report/viewer/charts/scatter-chart.ts';
import { scheduledRows } from '../../../../src/report/viewer/charts/scheduled-rows.ts';
import { readChartSettings } from '../../../../src/report/viewer/charts/settings.ts';
import { timelineChart } from '../../../../src/report/viewer/charts/timeline-chart.ts';
import { wholeAxis, type ViewChart } from '../../../../src/report/viewer/charts/view-chart.ts';
import type { ScheduleAnswer } from '../../../../src/report/viewer/worker/protocol.ts';
import { layer, report, row, targetReport } from '../../reports.ts';

const detector = report().models[0]!.targets[0]!;
const hostile = '</text><script>{a|b}&"\u202e';
const target = targetReport({
  layers: [
    row([layer({ name: 'a', latencySeconds: 1e-3 })], [layer({ name: 'a', latencySeconds: 2e-3 })]),
    row([], [layer({ name: hostile, latencySeconds: 3e-3, macs: 0 })]),
  ],
});
const answer: ScheduleAnswer = {
  ...{ units: ['npu'], memories: ['sram'], activationsMemory: 'sram', startSeconds: 0 },
  kernels: [
    { layer: 'a', unit: 'npu', startSeconds: 0, seconds: 2e-3, lanes: [] },
    { layer: hostile, unit: 'npu', startSeconds: 2e-3, seconds: 3e-3, lanes: [] },
    { layer: 'gone', unit: 'npu', startSeconds: 5e-3, seconds: 1e-3, lanes: [] },
  ],
  arenas: [
    {
      ...{ memory: 'sram', capacityBytes: 4096, peakBytes: 3072, peakKernel: 1 },
      placements: [
        { tensor: hostile, address: 0, bytes: 1024, firstKernel: 0, lastKernel: 1 },
        { tensor: 'late', address: 1024, bytes: 2048, firstKernel: 1, lastKernel: 2 },
        { tensor: 'weights', address: 3072, bytes: 64, firstKernel: 0, lastKernel: 2 },
      ],
    },
  ],
};
const rows = scheduledRows(answer, target.layers, 'head');
const look = { theme: themes.light, width: 800, selection: new Set<number>(), window: wholeAxis };

function there(chart: ViewChart | undefined): ViewChart {
  if (chart === undefined) throw new Error('no chart');
  return chart;
}

const charts: Readonly<Record<string, ViewChart>> = {
  ...Object.fromEntries(drawings.map(([kind, draw]) => [kind, there(drawingChart(draw, kind, detector))])),
  histogram: there(histogramChart(target, 'latency')),
  scatter: there(scatterChart(target, readChartSettings({ x: 'energy' }))),
  timeline: there(timelineChart(answer, target.layers, rows)),
  'memory-map': there(memoryMapChart(answer, '', rows)),
};

interface Option {
  readonly series: readonly { readonly data: readonly unknown[] }[];
}

describe.each(Object.entries(charts))('%s', (_, chart) => {
  test('says what it shows, in a sentence and in a table', () => {
    expect(chart.altText.startsWith(chart.title)).toBe(true);
    expect(chart.altText).toMatch(/\d/);
    const { columns, rows: lines } = chart.data();
    expect(lines.length).toBeGreaterThan(0);
    for (const { cells } of lines) expect(cells).toHaveLength(columns.length);
  });

  test('has data at each of its marks, selected or not', () => {
    for (const selection of [new Set<number>(), new Set([0])]) {
      const { option, marks } = chart.shown({ ...look, selection });
      for (const { series, index } of marks)
        expect((option as unknown as Option).series[series]?.data[index]).toBeDefined();
      expect(marks.length).toBeGreaterThan(0);
    }
  });

  test('is saved as an SVG in which names stay text', () => {
    const svg = svgOf(chart, { theme: 'dark', selection: new Set([0]), name: 'x' });
    expect(svg.startsWith('<svg')).toBe(true);
    expect(svg).not.toMatch(/<script|\u202e/);
  });
});

test('marks of a picture of the comment stand for rows of the report', () => {
  const { marks } = charts.latency!.shown(look);
  const sizes = marks.map((mark) => mark.rows.length);
  expect(Math.max(...sizes)).toBeGreaterThan(1);
  expect(marks.every((mark) => mark.rows.every((index) => index < detector.layers.length))).toBe(true);
});

test('points of the memory are the rows of their layers', () => {
  const points = ['a', hostile].map((name, index) => ({ layer: name, liveBytes: 100 + index }));
  const head = { memory: 'sram', capacityBytes: 400, peakBytes: 101, peakLayer: hostile, points };
  const remembered = { ...target, memoryTimeline: { base: null, head } };
  const chart = there(drawingChart(drawings.find(([kind]) => kind === 'memory')![1], 'memory', remembered));
  expect(chart.shown(look).marks.map((mark) => mark.rows)).toEqual([[0], [1]]);
  const { option } = chart.shown({ ...look, selection: new Set([1]) });
  expect((option as unknown as Option).series.at(-1)!.data).toHaveLength(1);
});

test('kernels are rows by their layers; what the report does not have is none', () => {
  expect([0, 1, 2].map((kernel) => rows.rowsOfKernels(kernel, kernel))).toEqual([[0], [1], []]);
  expect(rows.rowsOfKernels(-1, 2)).toEqual([0, 1]);
});

test('weights, which stay for the whole run, belong to no layer of the map', () => {
  const { marks } = charts['memory-map']!.shown(look);
  const byName = new Map(marks.map((mark) => [mark.name, mark.rows]));
  expect(byName.get('late')).toEqual([1]);
  expect(byName.get('weights')).toEqual([]);
});

test('a timeline tells two layers of one place apart once one looks closer', () => {
  const many: ScheduleAnswer = {
    ...answer,
    kernels: Array.from({ length: 5000 }, (_, index) => ({
      ...{ layer: 'a', unit: 'npu', startSeconds: index, seconds: 1, lanes: [] },
    })),
  };
  const chart = there(timelineChart(many, target.layers, scheduledRows(many, target.layers, 'head')));
  const count = (start: number, end: number) => chart.shown({ ...look, window: { start, end } }).marks;
  expect(count(0, 100).length).toBeLessThan(1500);
  expect(count(50, 50.2)[0]!.name).toBe('a');
});

test('names of files are letters that every system takes', () => {
  expect(fileName(['models/détector v2.onnx', 'ethos-u55@1', '', 'timeline'])).toBe(
    'models-d-tector-v2-onnx-ethos-u55-1-timeline',
  );
  expect(fileName(['../..', '…'])).toBe('chart');
  expect(fileName(['x'.repeat(10_000)]).length).toBe(40);
});
