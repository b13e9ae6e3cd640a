/** One metric of the layers against another. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { frame, plotArea, valueAxis } from '../../chart/chart.ts';
import type { ChartTheme } from '../../chart/theme.ts';
import type { ColumnMetric } from '../figures/column-metrics.ts';
import type { TargetReport } from '../../report.ts';
import { metricNamed, printMetric, shownName, valuesOf } from '../rows/row-figures.ts';
import type { ChartSettings } from './settings.ts';
import { dataOfMarks, emphasisOf, type Look, type ViewChart, type ViewMark } from './view-chart.ts';

interface Point {
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

interface Plotted {
  readonly x: ColumnMetric;
  readonly y: ColumnMetric;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly base: readonly Point[];
  readonly head: readonly Point[];
}

export function scatterChart(target: TargetReport, settings: ChartSettings): ViewChart | undefined {
  const { layers: rows } = target;
  const plotted = pointsOf(target, settings);
  const { x, y, base, head } = plotted;
  if (base.length + head.length === 0) return undefined;
  const title = `${y.label} against ${x.label}`;
  const message = messageOf(rows, plotted);
  const sides = (['base', 'head'] as const).filter((side) => plotted[side].length > 0);
  const marks = sides.flatMap((of, series) =>
    plotted[of].map((point, index): ViewMark => {
      const value = `${x.label} ${printMetric(x, point.x)}, ${y.label} ${printMetric(y, point.y)}`;
      return { series, index, name: shownName(rows[point.row]!), of, value, rows: [point.row] };
    }),
  );
  return {
    title,
    altText: `${title}. ${message}`,
    height: 460,
    shown: (look) => ({ option: { ...frame(look.theme, title, message), ...plot(plotted, sides, look) }, marks }),
    ...{ brush: 'rect', zooms: false, tellsAxis: false },
    data: () => dataOfMarks(marks),
  };
}

function pointsOf(target: TargetReport, { x, y, logX, logY }: ChartSettings): Plotted {
  const [across, up] = [metricNamed(target, x), metricNamed(target, y)];
  const [xs, ys] = [valuesOf(target, across), valuesOf(target, up)];
  // Nothing has no place on a logarithmic axis.
  const fits = (value: number, log: boolean) => !Number.isNaN(value) && (!log || value > 0);
  const points = (side: 'base' | 'head') =>
    target.layers.flatMap((_, row): readonly Point[] => {
      const [atX, atY] = [xs[side][row]!, ys[side][row]!];
      return fits(atX, logX) && fits(atY, logY) ? [{ row, x: atX, y: atY }] : [];
    });
  return { x: across, y: up, logX, logY, base: points('base'), head: points('head') };
}

function messageOf(rows: readonly DiffRow[], { x, y, base, head }: Plotted): string {
  const there = head.length > 0 ? head : base;
  const top = there.reduce((most, point) => (point.y > most.y ? point : most));
  const left =
    rows.filter((row) => row.base.length + row.head.length > 0).length -
    new Set([...base, ...head].map(({ row }) => row)).size;
  const missing = left > 0 ? `; ${left} layers are left out, since they have nothing of one of the two` : '';
  return `${there.length} layers; ${shownName(rows[top.row]!)} is highest, ${printMetric(y, top.y)} at ${printMetric(x, top.x)}${missing}`;
}

function axisOf(theme: ChartTheme, metric: ColumnMetric, log: boolean): object {
  const plain = valueAxis(theme, metric.label) as { axisLabel: object };
  return {
    ...plain,
    ...(log ? { type: 'log' } : { min: 0 }),
    axisLabel: { ...plain.axisLabel, formatter: (value: number) => printMetric(metric, value) },
  };
}

function plot({ x, y, logX, logY, ...points }: Plotted, sides: readonly ('base' | 'head')[], look: Look): object {
  const { theme } = look;
  return {
    grid: plotArea(92, 28, 56),
    xAxis: axisOf(theme, x, logX),
    yAxis: { ...axisOf(theme, y, logY), nameGap: 74 },
    series: sides.map((side) => ({
      name: side,
      type: 'scatter',
      symbolSize: 9,
      itemStyle:
        side === 'base'
          ? { color: 'transparent', borderColor: theme.base, borderWidth: 1.5 }
          : { color: theme.head, opacity: 0.8, borderColor: theme.background, borderWidth: 1 },
      data: points[side].map((point) => ({ value: [point.x, point.y], itemStyle: emphasisOf([point.row], look) })),
    })),
  };
}
