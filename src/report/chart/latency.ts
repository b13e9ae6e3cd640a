/** Latency by layer, base against head: the layers that changed most and the slowest, slowest first. */
import type { DiffRow } from '../../compare/comparison.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import { percent, printChange, printDelta, printQuantity } from '../../units.ts';
import { groupRepeats, layerCount, type Contribution } from '../repeats.ts';
import type { TargetReport } from '../report.ts';
import {
  axisUnit,
  frame,
  longestLabel,
  markLabel,
  nameAxis,
  plotArea,
  plotted,
  valueAxis,
  type Drawing,
  type Mark,
} from './chart.ts';
import { textPixels } from './font-widths.ts';
import { layerLabels } from './layer-labels.ts';
import { chartWidth, fontSize, plotTop, type ChartTheme } from './theme.ts';

const changedRows = 8;
const maximumRows = 16;
const pairHeight = 40;
const barHeight = 28;
const bottom = 52;

interface Bars {
  readonly label: string;
  readonly layers: number;
  readonly rows: readonly DiffRow[];
  readonly base: number;
  readonly head: number;
}

/** Of a model that is new, was removed, or could not be read on one side, the other side alone. */
export function latencyDrawing(target: TargetReport, width: number = chartWidth): Drawing | undefined {
  const bars = barsOf(target, longestLabel(width));
  const longest = Math.max(0, ...bars.flatMap(({ base, head }) => [base, head]));
  if (longest === 0) return undefined;
  const { base, head } = target.totals.latencySeconds;
  const only = base === null ? 'head' : head === null ? 'base' : undefined;
  const title = only === undefined ? 'Latency by layer, base against head' : 'Latency by layer';
  const message = only === undefined ? messageOf(target, bars) : messageOfOne(target, bars, only);
  const rowHeight = only === undefined ? pairHeight : barHeight;
  return {
    title,
    altText: `${title}. ${message}`,
    width,
    height: plotTop + bars.length * rowHeight + bottom,
    option: (theme) => ({ ...frame(theme, title, message, width), ...plot(theme, bars, only) }),
    marks: sidesOf(only).flatMap((side, series) => bars.map((bar, index) => markOf(bar, side, { series, index }))),
  };
}

type ChartSide = 'base' | 'head';

function sidesOf(only: ChartSide | undefined): readonly ChartSide[] {
  return only === undefined ? ['base', 'head'] : [only];
}

function markOf(bar: Bars, side: 'base' | 'head', at: Pick<Mark, 'series' | 'index'>): Mark {
  return { ...at, name: bar.label, of: side, value: printQuantity(bar[side], 'time'), rows: bar.rows };
}

function barsOf({ layers }: TargetReport, labelPixels: number): readonly Bars[] {
  const groups = groupRepeats(layers).filter(({ rows }) => rows.some((row) => layerCount(row) > 0));
  const most = groups.toSorted((a, b) => Math.abs(b.delta.latencySeconds) - Math.abs(a.delta.latencySeconds));
  const changed = most.slice(0, changedRows).filter(({ delta }) => delta.latencySeconds !== 0);
  const slowest = groups.toSorted((a, b) => extent(b) - extent(a));
  const chosen = [...new Set([...changed, ...slowest])].slice(0, maximumRows);
  const sorted = chosen.toSorted((a, b) => extent(b) - extent(a));
  const labels = layerLabels(sorted, labelPixels);
  return sorted.map(({ rows }, index) => ({
    ...{ label: labels[index]!, layers: countLayers(rows), rows },
    ...{ base: seconds(rows, 'base'), head: seconds(rows, 'head') },
  }));
}

function countLayers(rows: readonly DiffRow[]): number {
  return rows.reduce((sum, row) => sum + layerCount(row), 0);
}

function seconds(rows: readonly DiffRow[], side: 'base' | 'head'): number {
  const layers: readonly LayerCost[] = rows.flatMap((row) => row[side]);
  return layers.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
}

function extent({ rows }: Contribution): number {
  return Math.max(seconds(rows, 'base'), seconds(rows, 'head'));
}

function messageOf({ layers, totals }: TargetReport, bars: readonly Bars[]): string {
  const { base, head, delta, ratio } = totals.latencySeconds;
  const [most] = bars.toSorted((a, b) => Math.abs(b.head - b.base) - Math.abs(a.head - a.base));
  const change = delta === null || delta === 0 || ratio === null ? '' : ` (${printChange(ratio - 1)})`;
  const sides = [base, head].map((value) => (value === null ? 'none' : printQuantity(value, 'time')));
  const largest =
    most === undefined || most.head === most.base
      ? ''
      : `; ${most.label} changed most, ${printDelta(most.head - most.base, 'time')}`;
  return `${sides.join(' → ')}${change}${largest}${shownWords(layers, bars)}`;
}

function messageOfOne({ layers, totals }: TargetReport, bars: readonly Bars[], side: 'base' | 'head'): string {
  const [slowest] = bars;
  const most = slowest === undefined ? '' : `; ${slowest.label} takes most, ${printQuantity(slowest[side], 'time')}`;
  return `${side} ${printQuantity(totals.latencySeconds[side] ?? 0, 'time')}${most}${shownWords(layers, bars)}`;
}

function shownWords(layers: readonly DiffRow[], bars: readonly Bars[]): string {
  const [shown, all] = [bars.reduce((sum, bar) => sum + bar.layers, 0), countLayers(layers)];
  return shown < all ? `; ${shown} of ${all} layers shown` : '';
}

function plot(theme: ChartTheme, bars: readonly Bars[], only: 'base' | 'head' | undefined): object {
  const unit = axisUnit(Math.max(...bars.flatMap(({ base, head }) => [base, head])), 'time');
  const figures = (side: 'base' | 'head') =>
    bars.map((bar) => (bar[side] === 0 ? '' : printQuantity(bar[side], 'time')));
  const values = only === undefined ? bars.map(({ base, head }) => headLabel(base, head)) : figures(only);
  const left = Math.max(...bars.map(({ label }) => textPixels(label, fontSize.text))) + 32;
  const right = Math.max(...values.map((label) => textPixels(label, fontSize.text))) + 32;
  const series = (name: 'base' | 'head', labels: readonly string[]): object => ({
    name,
    type: 'bar',
    barGap: '10%',
    barCategoryGap: '28%',
    itemStyle: { color: theme[name] },
    data: bars.map((bar, index) => ({
      value: plotted(bar[name], unit),
      label: { position: 'right', ...markLabel(theme, labels[index]!) },
    })),
  });
  return {
    grid: plotArea(left, right, bottom),
    xAxis: valueAxis(theme, `latency, ${unit.name}`),
    yAxis: nameAxis(
      theme,
      bars.map(({ label }) => label),
    ),
    series: only === undefined ? [series('base', figures('base')), series('head', values)] : [series(only, values)],
  };
}

function headLabel(base: number, head: number): string {
  if (head === 0) return 'removed';
  const delta = head - base;
  if (base === 0) return `${printQuantity(head, 'time')} (new)`;
  if (Math.abs(delta) < 1e-3 * base) return printQuantity(head, 'time');
  return `${printQuantity(head, 'time')} (${delta > 0 ? '+' : '−'}${percent(Math.abs(delta) / base)})`;
}
