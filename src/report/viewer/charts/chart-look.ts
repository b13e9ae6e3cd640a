/** What the page adds to a chart's option: words at the pointer, and looking at a part of the axis. */
import type { ChartTheme } from '../../chart/theme.ts';
import { textStyle } from '../../chart/theme.ts';
import type { EChartsCoreOption } from './echarts.ts';
import type { ViewChart, ViewMark, Window } from './view-chart.ts';

export type MarkFinder = (series: number | undefined, index: number | undefined) => ViewMark | undefined;

export function markFinder(marks: readonly ViewMark[]): MarkFinder {
  const known = new Map(marks.map((mark) => [`${mark.series} ${mark.index}`, mark]));
  return (series, index) => known.get(`${series ?? ''} ${index ?? ''}`);
}

interface Pointed {
  readonly seriesIndex?: number;
  readonly dataIndex?: number;
}

/** Words are drawn, no HTML is made of them. @param find asked whenever the pointer rests on something */
export function tooltip(theme: ChartTheme, isAxis: boolean, find: MarkFinder): object {
  const tell = (pointed: Pointed | readonly Pointed[]): string => {
    const marks = [pointed].flat().flatMap(({ seriesIndex, dataIndex }) => find(seriesIndex, dataIndex) ?? []);
    return marks.map(({ name, of, value }) => inertTemplate(`${name}\n${of}: ${value}`)).join('\n');
  };
  return {
    renderMode: 'richText',
    trigger: isAxis ? 'axis' : 'item',
    confine: true,
    formatter: tell,
    backgroundColor: theme.background,
    borderColor: theme.muted,
    borderWidth: 1,
    textStyle: { ...textStyle(theme), width: 420, overflow: 'break' },
  };
}

/** `{style|words}` would be drawn in a style: a name keeps its braces, and an invisible joiner keeps them from meaning it. */
export function inertTemplate(text: string): string {
  return text.replace(/\{(?=[a-zA-Z0-9_]+\|)/g, '{\u2060');
}

export function zoomParts(theme: ChartTheme, { start, end }: Window): readonly object[] {
  const both = { xAxisIndex: 0, filterMode: 'none', start, end };
  return [
    { ...both, type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: true, moveOnMouseWheel: false },
    {
      ...{ ...both, type: 'slider', bottom: 10, height: 20, brushSelect: false, showDataShadow: false },
      ...{ borderColor: theme.grid, fillerColor: `${theme.head}33`, backgroundColor: theme.background },
      handleStyle: { color: theme.background, borderColor: theme.muted },
      moveHandleStyle: { color: theme.muted },
      textStyle: { color: theme.muted },
      labelFormatter: '',
    },
  ];
}

/** Of title and message, which the page has around the chart, where they can be as long as they are. */
export const titleHeight = 48;

/** The picture that would be saved, without its title and with what only a screen can do. */
export function liveOption(
  { tellsAxis, zooms }: ViewChart,
  option: EChartsCoreOption,
  { theme, window, find }: { readonly theme: ChartTheme; readonly window: Window; readonly find: MarkFinder },
): EChartsCoreOption {
  const { grid, legend } = option as { readonly grid: { readonly top: number }; readonly legend: object };
  return {
    ...option,
    title: { show: false },
    legend: { ...legend, type: 'scroll', top: 10, pageIconColor: theme.muted, pageTextStyle: { color: theme.muted } },
    grid: { ...grid, top: grid.top - titleHeight },
    tooltip: tooltip(theme, tellsAxis, find),
    ...(zooms ? { dataZoom: zoomParts(theme, window) } : {}),
  };
}
