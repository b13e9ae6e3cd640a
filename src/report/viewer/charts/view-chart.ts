/** A chart as the page shows it: the option of ECharts, and what one can point at in it. */
import type { EChartsCoreOption } from 'echarts/core';
import type { ChartTheme } from '../../chart/theme.ts';

export interface ViewMark {
  /** Indices into the option's series and their data. */
  readonly series: number;
  readonly index: number;
  readonly name: string;
  /** `base`, `head`, … */
  readonly of: string;
  readonly value: string;
  /** By index in the report. */
  readonly rows: readonly number[];
}

/** Part of the x axis, in percent. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

export const wholeAxis: Window = { start: 0, end: 100 };

export interface Look {
  readonly theme: ChartTheme;
  /** Pixels. */
  readonly width: number;
  readonly selection: ReadonlySet<number>;
  readonly window: Window;
}

export interface ShownChart {
  readonly option: EChartsCoreOption;
  readonly marks: readonly ViewMark[];
}

export interface ViewChart {
  readonly title: string;
  /** The message in a sentence: for who cannot see the chart. */
  readonly altText: string;
  /** What to know before one reads more out of it than there is. */
  readonly note?: string;
  /** Pixels, between which it is as wide as there is room. */
  readonly narrowest?: number;
  readonly widest?: number;
  /** With its title. */
  readonly height: number;
  readonly shown: (look: Look) => ShownChart;
  /** How an area is drawn that selects what is in it. */
  readonly brush: 'rect' | 'lineX' | null;
  /** Whether one can look at a part of the x axis. */
  readonly zooms: boolean;
  /** Values of all sides under the pointer are told at once. */
  readonly tellsAxis: boolean;
  /** Asked when somebody wants it: it is long. */
  readonly data: () => ChartData;
}

/** The same as a table. */
export interface ChartData {
  readonly columns: readonly string[];
  readonly rows: readonly ChartDataRow[];
}

export interface ChartDataRow {
  readonly cells: readonly string[];
  readonly rows: readonly number[];
}

/** A table of marks. */
export function dataOfMarks(marks: readonly ViewMark[]): ChartData {
  return {
    columns: ['name', 'of', 'value'],
    rows: marks.map(({ name, of, value, rows }) => ({ cells: [name, of, value], rows })),
  };
}

/** How a mark looks while others are selected, or it is. */
export function emphasisOf(
  rows: readonly number[],
  { selection, theme }: Pick<Look, 'selection' | 'theme'>,
): { readonly opacity?: number; readonly borderColor?: string; readonly borderWidth?: number } {
  if (selection.size === 0) return {};
  if (!rows.some((row) => selection.has(row))) return { opacity: 0.3 };
  return { opacity: 1, borderColor: theme.text, borderWidth: 2.5 };
}
