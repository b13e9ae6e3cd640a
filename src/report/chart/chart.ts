/** What a chart is: data and looks for ECharts, made from a part of the report and nothing else. */
import type { EChartsCoreOption } from 'echarts/core';
import type { DiffRow } from '../../compare/comparison.ts';
import { parseQuantity, printQuantity, type Quantity } from '../../units.ts';
import { fitPixels, fontFamily } from './font-widths.ts';
import { chartWidth, fontSize, plotTop, textStyle, type ChartTheme } from './theme.ts';

/** What a reader can point at in a chart: a bar, a point. */
export interface Mark {
  /** Indices into the option's series and their data. */
  readonly series: number;
  readonly index: number;
  readonly name: string;
  /** `base`, `head`, … */
  readonly of: string;
  /** Its figures in words. */
  readonly value: string;
  /** What it stands for; empty: for all layers, or for those that have no mark of their own. */
  readonly rows: readonly DiffRow[];
}

export interface Drawing {
  readonly title: string;
  /** The message in a sentence: what a reader who cannot see the chart should know. */
  readonly altText: string;
  readonly width: number;
  readonly height: number;
  readonly option: (theme: ChartTheme) => EChartsCoreOption;
  readonly marks: readonly Mark[];
}

const margin = 20;

/** Background, title, message and legend: the same in every chart. Nothing moves. */
export function frame(
  theme: ChartTheme,
  title: string,
  message: string,
  width: number = chartWidth,
): EChartsCoreOption {
  const room = width - 2 * margin;
  return {
    animation: false,
    backgroundColor: theme.background,
    textStyle: textStyle(theme),
    title: {
      text: fitPixels(title, room, fontSize.title),
      subtext: fitPixels(message, room, fontSize.text),
      left: margin,
      top: 10,
      itemGap: 6,
      textStyle: { color: theme.text, fontSize: fontSize.title, fontWeight: 'normal', fontFamily },
      subtextStyle: { color: theme.muted, fontSize: fontSize.text, fontFamily },
    },
    legend: {
      left: margin,
      top: 58,
      itemWidth: 16,
      itemHeight: 10,
      itemGap: 20,
      textStyle: { ...textStyle(theme), color: theme.text },
    },
  };
}

/** Names of bars are cut to this many pixels. */
export function longestLabel(width: number): number {
  return Math.min(300, Math.floor(0.32 * width));
}

/** Room for the plot beside labels of `left` and `right` pixels. */
export function plotArea(left: number, right: number, bottom: number): object {
  return { left: Math.ceil(left), right: Math.ceil(right), top: plotTop, bottom, outerBoundsMode: 'none' };
}

/** Words beside a bar or point, readable on the lines of the grid. A function, since texts may hold template braces. */
export function markLabel(theme: ChartTheme, text: string): object {
  return {
    show: text !== '',
    formatter: () => text,
    backgroundColor: theme.background,
    padding: [1, 3],
    ...textStyle(theme),
  };
}

export function valueAxis(theme: ChartTheme, name: string): object {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: { ...textStyle(theme), color: theme.muted },
    axisLabel: { ...textStyle(theme), color: theme.muted, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.grid } },
  };
}

/** Labels are fitted beforehand; all of them are shown, the first on top. */
export function nameAxis(theme: ChartTheme, labels: readonly string[]): object {
  return {
    type: 'category',
    data: [...labels],
    inverse: true,
    axisLabel: { ...textStyle(theme), interval: 0 },
    axisLine: { lineStyle: { color: theme.grid } },
    axisTick: { show: false },
  };
}

export interface AxisUnit {
  readonly name: string;
  readonly scale: number;
}

/** The unit in which the largest value is printed; all values of an axis share it. */
export function axisUnit(largest: number, quantity: Quantity): AxisUnit {
  const name = /[^\d.\s−]+$/.exec(printQuantity(largest, quantity))?.[0] ?? '';
  return { name, scale: name === '' ? 1 : parseQuantity(`1 ${name}`, quantity) };
}

/** Digits beyond these are noise of floating point in a picture. */
export function plotted(value: number, { scale }: AxisUnit): number {
  return Number((value / scale).toPrecision(6));
}

/** Ends of an axis from 0 to above `largest`, in four to eight equal steps of 1, 2 or 5. */
export function niceScale(largest: number): { readonly max: number; readonly interval: number } {
  const power = 10 ** Math.floor(Math.log10(largest / 4));
  const interval = [1, 2, 5, 10].map((step) => step * power).find((step) => largest / step <= 7)!;
  const max = interval * Math.ceil(largest / interval);
  return { max: Number(max.toPrecision(6)), interval: Number(interval.toPrecision(6)) };
}
