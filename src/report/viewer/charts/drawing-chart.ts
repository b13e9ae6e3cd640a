/** The charts of the comment, alive: the same options, with what is selected marked in them. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Drawing } from '../../chart/chart.ts';
import { chartWidth as widest } from '../../chart/theme.ts';
import type { TargetReport } from '../../report.ts';
import { dataOfMarks, emphasisOf, type Look, type ViewChart, type ViewMark } from './view-chart.ts';

/** Names and figures beside bars leave no room for these in less. */
const narrowest = 350;

const manyRings = 40;

type Draw = (target: TargetReport, width?: number) => Drawing | undefined;

/** Undefined: the report has nothing for it. */
export function drawingChart(draw: Draw, kind: string, target: TargetReport): ViewChart | undefined {
  const drawing = draw(target);
  if (drawing === undefined) return undefined;
  const indexOf = new Map(target.layers.map((row, index) => [row, index]));
  const marks = drawing.marks.map((mark): ViewMark => {
    return { ...mark, rows: mark.rows.flatMap((row) => indexOf.get(row) ?? []) };
  });
  const { title, altText, height } = drawing;
  const isLine = kind === 'memory';
  return {
    ...{ title, altText, height, narrowest, widest },
    shown: (look) => {
      const option = (draw(target, look.width) ?? drawing).option(look.theme) as Option;
      const series = isLine ? withPoints(option.series, marks, look) : withEmphasis(option.series, marks, look);
      return { option: { ...option, series }, marks };
    },
    brush: isLine ? 'lineX' : kind === 'roofline' ? 'rect' : null,
    zooms: false,
    tellsAxis: isLine,
    data: () => dataOfMarks(marks),
  };
}

/** The parts of the options in `report/chart/` that are looked into. */
type Option = EChartsCoreOption & { readonly series: readonly Series[] };

interface Series {
  readonly data: readonly unknown[];
  readonly itemStyle?: object;
}

function withEmphasis(series: readonly Series[], marks: readonly ViewMark[], look: Look): readonly Series[] {
  // A selection of which nothing is drawn dims nothing.
  if (!marks.some(({ rows }) => rows.some((row) => look.selection.has(row)))) return series;
  const markAt = new Map(marks.map((mark) => [`${mark.series} ${mark.index}`, mark]));
  return series.map((one, number) => ({
    ...one,
    data: one.data.map((item, index) => {
      const mark = markAt.get(`${number} ${index}`);
      if (mark === undefined) return item;
      const known = typeof item === 'object' && item !== null && !Array.isArray(item) ? item : { value: item };
      const { itemStyle, label } = known as { readonly itemStyle?: object; readonly label?: object };
      // Figures stay legible beside a bar that is dimmed.
      return { ...known, itemStyle: { ...itemStyle, ...emphasisOf(mark.rows, look) }, label: { ...label, opacity: 1 } };
    }),
  }));
}

/** Rings on the lines where the selected layers are. */
function withPoints(
  series: readonly Series[],
  marks: readonly ViewMark[],
  { selection, theme }: Look,
): readonly Series[] {
  const chosen = marks.filter(({ rows }) => rows.some((row) => selection.has(row)));
  if (chosen.length === 0) return series;
  // Many large ones would be one blot.
  const [symbolSize, borderWidth] = chosen.length <= manyRings ? [9, 2.5] : [5, 1];
  const rings = {
    type: 'scatter',
    silent: true,
    symbol: 'circle',
    symbolSize,
    itemStyle: { color: 'transparent', borderColor: theme.text, borderWidth },
    data: chosen.map((mark) => series[mark.series]!.data[mark.index]),
    z: 6,
  };
  return [...series, rings];
}
