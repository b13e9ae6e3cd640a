/** Live bytes in the activations' memory from layer to layer, with the layer that sets the peak and the capacity. */
import type { DiffRow } from '../../compare/comparison.ts';
import { printQuantity } from '../../units.ts';
import { visibleName } from '../inert.ts';
import type { MemoryTimeline, TargetReport } from '../report.ts';
import {
  axisUnit,
  frame,
  markLabel,
  niceScale,
  plotArea,
  plotted,
  valueAxis,
  type AxisUnit,
  type Drawing,
  type Mark,
} from './chart.ts';
import { fitPixels, textPixels } from './font-widths.ts';
import { chartWidth, fontSize, plotTop, type ChartTheme } from './theme.ts';

const plotHeight = 280;
const bottom = 52;
const right = 32;

/** A capacity far above the peak would flatten the curve: it is told in the message instead. */
const worthALine = 2.5;

export function memoryDrawing(
  { layers, memoryTimeline: { base, head } }: TargetReport,
  width: number = chartWidth,
): Drawing | undefined {
  const shown = head ?? base;
  if (shown === null || shown.points.length < 2) return undefined;
  const title = 'Memory of the activations, layer by layer';
  const message = messageOf(base, head);
  return {
    title,
    altText: `${title}. ${message}`,
    width,
    height: plotTop + plotHeight + bottom,
    option: (theme) => ({ ...frame(theme, title, message, width), ...plot(theme, [base, head], width) }),
    marks: [
      ...(base === null ? [] : marksOf(base, 'base', layers, 0)),
      ...(head === null ? [] : marksOf(head, 'head', layers, base === null ? 0 : 1)),
    ],
  };
}

function marksOf(
  { points }: MemoryTimeline,
  of: 'base' | 'head',
  rows: readonly DiffRow[],
  series: number,
): readonly Mark[] {
  const rowOf = new Map(rows.flatMap((row) => row[of].map(({ name }) => [name, row] as const)));
  return points.map(({ layer, liveBytes }, index) => {
    const row = rowOf.get(layer);
    const value = printQuantity(liveBytes, 'memory');
    return { series, index, name: visibleName(layer, 200), of, value, rows: row === undefined ? [] : [row] };
  });
}

function messageOf(base: MemoryTimeline | null, head: MemoryTimeline | null): string {
  const { memory, capacityBytes, peakLayer } = (head ?? base)!;
  const peaks = [base, head].filter((side) => side !== null).map(({ peakBytes }) => printQuantity(peakBytes, 'memory'));
  const where = peakLayer === null ? '' : ` at ${visibleName(peakLayer, 48)}`;
  const room = (head ?? base)!.peakBytes <= capacityBytes ? 'holds' : 'holds only';
  return `peak ${peaks.join(' → ')}${where}; ${visibleName(memory, 24)} ${room} ${printQuantity(capacityBytes, 'memory')}`;
}

function plot(
  theme: ChartTheme,
  [base, head]: readonly [MemoryTimeline | null, MemoryTimeline | null],
  width: number,
): object {
  const shown = (head ?? base)!;
  const peak = Math.max(base?.peakBytes ?? 0, head?.peakBytes ?? 0);
  const top = shown.capacityBytes <= worthALine * peak ? Math.max(peak, shown.capacityBytes) : peak;
  const unit = axisUnit(top, 'memory');
  const scale = niceScale((top * 1.1) / unit.scale);
  const left = textPixels(String(scale.max), fontSize.text) + 60;
  const lastLayer = Math.max(base?.points.length ?? 0, head?.points.length ?? 0);
  return {
    grid: plotArea(left, right, bottom),
    xAxis: {
      ...valueAxis(theme, 'layer, in execution order'),
      min: 1,
      max: lastLayer,
      minInterval: 1,
      splitLine: { show: false },
    },
    yAxis: { ...valueAxis(theme, `live memory, ${unit.name}`), nameGap: left - 24, min: 0, ...scale },
    series: [
      ...(base === null ? [] : [lineSeries(theme, 'base', base, unit)]),
      ...(head === null ? [] : [lineSeries(theme, 'head', head, unit)]),
      ...peakSeries(theme, shown, unit, [lastLayer, width - left - right]),
      ...(top < shown.capacityBytes ? [] : [capacitySeries(theme, shown, unit, lastLayer)]),
    ],
  };
}

function lineSeries(theme: ChartTheme, name: 'base' | 'head', { points }: MemoryTimeline, unit: AxisUnit): object {
  return {
    name,
    type: 'line',
    step: 'middle',
    symbol: 'none',
    lineStyle: { color: theme[name], width: 2, type: name === 'base' ? 'dashed' : 'solid' },
    itemStyle: { color: theme[name] },
    ...(name === 'head' ? { areaStyle: { color: theme.head, opacity: 0.15 } } : {}),
    data: points.map(({ liveBytes }, index) => [index + 1, plotted(liveBytes, unit)]),
  };
}

/** The marker's label runs to the side that has room for it. */
function peakSeries(
  theme: ChartTheme,
  { points, peakLayer }: MemoryTimeline,
  unit: AxisUnit,
  [lastLayer, width]: readonly [number, number],
): readonly object[] {
  const live = points.map(({ liveBytes }) => liveBytes);
  const index = live.indexOf(Math.max(...live));
  if (index < 0) return [];
  const isLeft = index < points.length / 2;
  const from = (width * index) / Math.max(1, lastLayer - 1);
  const room = Math.max(40, (isLeft ? width - from : from) - 40);
  const name = visibleName(peakLayer ?? points[index]!.layer, 200);
  const label = fitPixels(`${printQuantity(live[index]!, 'memory')} at ${name}`, room, fontSize.text);
  return [
    {
      name: 'peak',
      type: 'scatter',
      symbol: 'diamond',
      symbolSize: 13,
      itemStyle: { color: theme.increase, opacity: 1 },
      data: [[index + 1, plotted(live[index]!, unit)]],
      label: { ...markLabel(theme, label), position: 'top', distance: 4, align: isLeft ? 'left' : 'right' },
      z: 5,
    },
  ];
}

function capacitySeries(theme: ChartTheme, timeline: MemoryTimeline, unit: AxisUnit, lastLayer: number): object {
  const capacity = plotted(timeline.capacityBytes, unit);
  return {
    name: `capacity of ${visibleName(timeline.memory, 24)}, ${printQuantity(timeline.capacityBytes, 'memory')}`,
    type: 'line',
    symbol: 'none',
    lineStyle: { color: theme.limit, width: 2, type: 'dotted' },
    itemStyle: { color: theme.limit },
    data: [
      [1, capacity],
      [lastLayer, capacity],
    ],
  };
}
