/** Histogram of a metric over the layers, base beside head. */
import type { TargetReport } from '../../report.ts';
import { frame, plotArea, valueAxis } from '../../chart/chart.ts';
import type { MetricValues, ColumnMetric } from '../figures/column-metrics.ts';
import { metricNamed, printMetric, shownName, valuesOf } from '../rows/row-figures.ts';
import { binsOf, type Bin } from './histogram.ts';
import { dataOfMarks, emphasisOf, type Look, type ViewChart, type ViewMark } from './view-chart.ts';

type Side = 'base' | 'head';

export function histogramChart(target: TargetReport, id: string): ViewChart | undefined {
  const metric = metricNamed(target, id);
  const values = valuesOf(target, metric);
  const bins = binsOf(values.base, values.head);
  if (bins.length === 0) return undefined;
  const sides = (['base', 'head'] as const).filter((side) => bins.some((bin) => bin[side].length > 0));
  const marks = sides.flatMap((side, series) => bins.map((bin, index) => markOf(bin, side, metric, { series, index })));
  const title = `${metric.label}: how many layers have how much`;
  const message = messageOf(target, values, metric);
  return {
    title,
    altText: `${title}. ${message}`,
    height: 380,
    shown: (look) => ({
      option: { ...frame(look.theme, title, message), ...plot(bins, sides, metric, look) },
      marks,
    }),
    ...{ brush: null, zooms: false, tellsAxis: false },
    data: () => dataOfMarks(marks.filter((mark) => mark.rows.length > 0)),
  };
}

function rangeWords({ from, to }: Bin, metric: ColumnMetric): string {
  return to === 0 ? printMetric(metric, 0) : `${printMetric(metric, from)} to ${printMetric(metric, to)}`;
}

function markOf(bin: Bin, side: Side, metric: ColumnMetric, at: Pick<ViewMark, 'series' | 'index'>): ViewMark {
  const count = bin[side].length;
  const value = count === 1 ? '1 layer' : `${count} layers`;
  return { ...at, name: rangeWords(bin, metric), of: side, value, rows: bin[side] };
}

function messageOf({ layers }: TargetReport, { base, head }: MetricValues, metric: ColumnMetric): string {
  const there = head.some((value) => !Number.isNaN(value)) ? head : base;
  const order = Array.from(there, (value, row) => ({ value, row }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => a.value - b.value);
  const [middle, last] = [order[Math.floor((order.length - 1) / 2)]!, order.at(-1)!];
  const most = `${shownName(layers[last.row]!)} has most, ${printMetric(metric, last.value)}`;
  return `${order.length} layers; half of them have ${printMetric(metric, middle.value)} or less; ${most}`;
}

function plot(bins: readonly Bin[], sides: readonly Side[], metric: ColumnMetric, look: Look): object {
  const { theme } = look;
  const axis = valueAxis(theme, metric.label);
  return {
    grid: plotArea(64, 24, 56),
    xAxis: {
      ...axis,
      type: 'category',
      data: bins.map(({ from }) => printMetric(metric, from)),
      axisLabel: { ...(axis as { axisLabel: object }).axisLabel },
      splitLine: { show: false },
    },
    yAxis: { ...valueAxis(theme, 'layers'), nameGap: 40, minInterval: 1 },
    series: sides.map((side) => ({
      name: side,
      type: 'bar',
      barGap: '5%',
      barCategoryGap: '15%',
      itemStyle: { color: theme[side] },
      data: bins.map((bin) => ({ value: bin[side].length, itemStyle: emphasisOf(bin[side], look) })),
    })),
  };
}
