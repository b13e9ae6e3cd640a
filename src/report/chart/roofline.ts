/** Utilization against intensity: layers far left wait for memory, layers low on the right waste the unit. */
import type { DiffRow } from '../../compare/comparison.ts';
import type { Bound } from '../../simulate/simulation.ts';
import { percent } from '../../units.ts';
import { visibleName } from '../inert.ts';
import type { TargetReport } from '../report.ts';
import { frame, markLabel, plotArea, valueAxis, type Drawing, type Mark } from './chart.ts';
import { fitName, textPixels } from './font-widths.ts';
import { placeLabels, type Side, type Spot } from './label-places.ts';
import { chartWidth, fontSize, plotTop, type ChartTheme } from './theme.ts';

const plotHeight = 340;
const bottom = 56;
const left = 76;
const right = 44;
const labelled = 6;
const longestLabel = 190;

interface Point {
  readonly name: string;
  /** MACs per byte that any memory moves. */
  readonly intensity: number;
  readonly utilization: number;
  /** Of the latency of all layers. */
  readonly share: number;
  readonly bound: Bound;
  readonly row: DiffRow;
}

/** What a layer waits for, by shape and colour. */
const families = [
  { name: 'head, bound by its unit', bounds: ['compute', 'vector'], symbol: 'circle', color: 'head' },
  { name: 'head, bound by a memory', bounds: ['dram', 'sram', 'flash', 'link'], symbol: 'triangle', color: 'increase' },
  { name: 'head, bound by its start', bounds: ['dispatch'], symbol: 'diamond', color: 'limit' },
] as const satisfies readonly { name: string; bounds: readonly Bound[]; symbol: string; color: keyof ChartTheme }[];

export function rooflineDrawing(target: TargetReport, width: number = chartWidth): Drawing | undefined {
  const base = pointsOf(target.layers, 'base');
  const head = pointsOf(target.layers, 'head');
  if (head.length === 0) return undefined;
  const title = 'Utilization against arithmetic intensity';
  const message = messageOf(head);
  return {
    title,
    altText: `${title}. ${message}`,
    width,
    height: plotTop + plotHeight + bottom,
    option: (theme) => ({ ...frame(theme, title, message, width), ...plot(theme, [base, head], width) }),
    marks: seriesOf(base, head).flatMap(({ points }, series) =>
      points.map((point, index) => markOf(point, series, index, series === 0 && base.length > 0 ? 'base' : 'head')),
    ),
  };
}

function pointsOf(rows: readonly DiffRow[], side: 'base' | 'head'): readonly Point[] {
  const layers = rows.flatMap((row) => row[side].map((layer) => ({ ...layer, row })));
  const total = layers.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
  return layers.flatMap(({ row, name, macs, trafficBytes, utilization, latencySeconds, bound }) => {
    const bytes = Object.values(trafficBytes).reduce((sum, count) => sum + count, 0);
    if (macs === 0 || bytes === 0 || latencySeconds === 0) return [];
    return [{ name, intensity: macs / bytes, utilization, share: latencySeconds / total, bound, row }];
  });
}

function messageOf(points: readonly Point[]): string {
  const busy = points.filter(({ utilization }) => utilization >= 0.5);
  const share = busy.reduce((sum, point) => sum + point.share, 0);
  if (busy.length === 0) {
    const most = Math.max(...points.map(({ utilization }) => utilization));
    return `no layer uses more than ${percent(most)} of its unit. Area: share of the latency`;
  }
  return `${busy.length} of ${points.length} layers with MACs use half of their unit or more; they take ${percent(share)} of the latency. Area: share of the latency`;
}

function plot(theme: ChartTheme, [base, head]: readonly [readonly Point[], readonly Point[]], width: number): object {
  const range = rangeOf([...base, ...head]);
  const labels = labelsOf([base, head], range, width);
  return {
    grid: plotArea(left, right, bottom),
    xAxis: {
      ...valueAxis(theme, 'arithmetic intensity, MACs a byte moved'),
      type: 'log',
      ...range,
    },
    yAxis: { ...valueAxis(theme, 'utilization of the unit, %'), nameGap: 44, min: 0, max: 100 },
    series: seriesOf(base, head).map(({ family, points }) =>
      family === undefined ? baseSeries(theme, points) : headSeries(theme, family, points, labels),
    ),
  };
}

interface Series {
  /** Undefined: the base. */
  readonly family: (typeof families)[number] | undefined;
  readonly points: readonly Point[];
}

/** Those that have points. */
function seriesOf(base: readonly Point[], head: readonly Point[]): readonly Series[] {
  const ofHead = families.map((family): Series => {
    return { family, points: head.filter(({ bound }) => family.bounds.some((word) => word === bound)) };
  });
  return [{ family: undefined, points: base }, ...ofHead].filter(({ points }) => points.length > 0);
}

function markOf(point: Point, series: number, index: number, of: string): Mark {
  const { name, intensity, utilization, share, row } = point;
  const value = `utilization ${percent(utilization)}, ${Number(intensity.toPrecision(3))} MACs a byte, ${percent(share)} of the latency`;
  return { series, index, name: visibleName(name, 200), of, value, rows: [row] };
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function rangeOf(points: readonly Point[]): Range {
  const intensities = points.map(({ intensity }) => intensity);
  const min = powerOfTen(Math.min(...intensities), Math.floor);
  const max = powerOfTen(Math.max(...intensities), Math.ceil);
  return { min, max: max > min ? max : 10 * min };
}

interface Label {
  readonly text: string;
  readonly position: Side;
}

/** The layers that take most of the time are named where that hides nothing else that matters. */
function labelsOf(
  [base, head]: readonly [readonly Point[], readonly Point[]],
  range: Range,
  width: number,
): ReadonlyMap<Point, Label> {
  const wanted = head.toSorted((a, b) => b.share - a.share).slice(0, labelled);
  const texts = wanted.map(({ name }) => fitName(visibleName(name, 200), longestLabel, fontSize.text));
  const labels = wanted.map((point, index) => ({
    ...spotOf(point, range, width),
    textWidth: textPixels(texts[index]!, fontSize.text),
  }));
  const area = { left, right: width - right, top: plotTop, bottom: plotTop + plotHeight };
  const spots = [...base, ...head].map((point) => spotOf(point, range, width));
  return new Map(
    placeLabels(labels, spots, area).flatMap((position, index) =>
      position === undefined ? [] : [[wanted[index]!, { text: texts[index]!, position }] as const],
    ),
  );
}

function spotOf(point: Point, { min, max }: Range, width: number): Spot {
  const across = Math.log10(point.intensity / min) / Math.log10(max / min);
  return {
    x: left + across * (width - left - right),
    y: plotTop + (1 - point.utilization) * plotHeight,
    diameter: diameterOf(point),
  };
}

function diameterOf({ share }: Point): number {
  return Number((6 + 40 * Math.sqrt(share)).toFixed(1));
}

function powerOfTen(value: number, round: (exponent: number) => number): number {
  return Number((10 ** round(Math.log10(value))).toPrecision(1));
}

function baseSeries(theme: ChartTheme, points: readonly Point[]): object {
  return {
    name: 'base',
    type: 'scatter',
    symbol: 'circle',
    itemStyle: { color: 'transparent', borderColor: theme.base, borderWidth: 1.5 },
    data: points.map(placed),
  };
}

function headSeries(
  theme: ChartTheme,
  { name, symbol, color }: (typeof families)[number],
  points: readonly Point[],
  labels: ReadonlyMap<Point, Label>,
): object {
  return {
    name,
    type: 'scatter',
    symbol,
    itemStyle: { color: theme[color], opacity: 0.8, borderColor: theme.background, borderWidth: 1 },
    data: points.map((point) => {
      const { text, position } = labels.get(point) ?? { text: '', position: 'top' };
      return { ...placed(point), label: { ...markLabel(theme, text), position } };
    }),
  };
}

function placed(point: Point): object {
  const { intensity, utilization } = point;
  return {
    value: [Number(intensity.toPrecision(4)), Number((100 * utilization).toPrecision(4))],
    symbolSize: diameterOf(point),
  };
}
