/** When each layer runs and what is busy meanwhile, a lane for each unit and memory. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { percent, printQuantity } from '../../../units.ts';
import { axisUnit, frame, plotArea, plotted, valueAxis, type AxisUnit } from '../../chart/chart.ts';
import { textPixels } from '../../chart/font-widths.ts';
import { textStyle } from '../../chart/theme.ts';
import { visibleName } from '../../inert.ts';
import type { ScheduleAnswer } from '../worker/protocol.ts';
import { blockStyle, type BlockTone } from './block-style.ts';
import { blockSeries, type Block } from './blocks.ts';
import { shownName } from '../rows/row-figures.ts';
import { withoutEnds } from './axes.ts';
import type { ScheduledRows } from './scheduled-rows.ts';
import { lanesOf, overlapSeconds, spansInSight, type Lane, type Span } from './timeline.ts';
import type { Look, ShownChart, ViewChart, ViewMark } from './view-chart.ts';

const laneHeight = 38;
const top = 66;
const bottom = 92;

interface Run {
  readonly lanes: readonly Lane[];
  readonly seconds: number;
  readonly scheduled: ScheduledRows;
  readonly rows: readonly DiffRow[];
}

export function timelineChart(
  answer: ScheduleAnswer,
  rows: readonly DiffRow[],
  scheduled: ScheduledRows,
): ViewChart | undefined {
  const last = answer.kernels.at(-1);
  if (last === undefined) return undefined;
  const run: Run = { lanes: lanesOf(answer), seconds: last.startSeconds + last.seconds, scheduled, rows };
  const title = `Timeline of one inference, ${scheduled.side}`;
  const message = messageOf(run);
  return {
    title,
    altText: `${title}. ${message}`,
    note: 'How long each lane works within a layer is simulated, and how much of it at once; when exactly is only drawn.',
    height: top + run.lanes.length * laneHeight + bottom,
    shown: (look) => shown(run, frame(look.theme, title, message), look),
    ...{ brush: 'lineX', zooms: true, tellsAxis: false },
    data: () => ({
      columns: ['layer', 'unit', 'starts at', 'takes'],
      rows: answer.kernels.map(({ layer, unit, startSeconds, seconds }, index) => ({
        cells: [visibleName(layer, 200), unit, printQuantity(startSeconds, 'time'), printQuantity(seconds, 'time')],
        rows: scheduled.rowsOfKernels(index, index),
      })),
    }),
  };
}

function messageOf({ lanes, seconds }: Run): string {
  const busy = (kinds: readonly Lane['kind'][]) => lanes.filter(({ kind }) => kinds.includes(kind));
  const overlap = overlapSeconds(busy(['arithmetic', 'memory']));
  const units = busy(['unit']).map(({ id, spans }) => {
    const own = spans.reduce((sum, { from, to }) => sum + to - from, 0);
    return `${visibleName(id, 24)} runs for ${percent(own / seconds)}`;
  });
  return `${printQuantity(seconds, 'time')}; ${units.join(', ')}; arithmetic and transfers overlap for ${percent(overlap / seconds)}`;
}

const kindWords: Readonly<Record<Lane['kind'], (id: string) => string>> = {
  unit: (id) => `${id}: layers`,
  arithmetic: (id) => `${id}: arithmetic`,
  memory: (id) => `${id}: transfers`,
  start: () => 'starts and hand-overs',
};
const tones: Readonly<Record<Lane['kind'], BlockTone>> = {
  unit: 'strong',
  arithmetic: 'soft',
  memory: 'alert',
  start: 'soft',
};

function shown(run: Run, around: object, look: Look): ShownChart {
  const { theme, width, window } = look;
  const names = run.lanes.map(({ kind, id }) => kindWords[kind](visibleName(id, 16)));
  const left = Math.min(170, Math.max(...names.map((name) => textPixels(name, 12))) + 20);
  const [from, to] = [(run.seconds * window.start) / 100, (run.seconds * window.end) / 100];
  const shortest = (to - from) / Math.max(200, 1.5 * (width - left));
  const unit = axisUnit(run.seconds, 'time');
  const seen = run.lanes.map(({ spans }) => spansInSight(spans, from, to, shortest));
  return {
    option: {
      ...around,
      legend: { show: false },
      grid: { ...plotArea(left, 24, bottom), top },
      xAxis: { ...withoutEnds(valueAxis(theme, `time, ${unit.name}`), true), min: 0, max: plotted(run.seconds, unit) },
      yAxis: laneAxis(names, textStyle(theme)),
      series: run.lanes.map((lane, index) =>
        blockSeries(
          names[index]!,
          seen[index]!.map((span) => blockOf(span, [lane, index], run, { look, unit })),
        ),
      ),
    },
    marks: run.lanes.flatMap((_, series) =>
      seen[series]!.map((span, index) => markOf(span, run, { series, index, of: names[series]! })),
    ),
  };
}

/** Lane n lies from n to n + 1, the first on top. */
function laneAxis(names: readonly string[], style: object): object {
  return {
    ...{ type: 'value', min: 0, max: names.length, interval: 0.5, inverse: true },
    axisLabel: {
      ...style,
      formatter: (value: number) => (value % 1 === 0.5 ? names[Math.floor(value)]! : ''),
      ...{ width: 160, overflow: 'truncate' },
    },
    ...{ axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } },
  };
}

function blockOf(
  span: Span,
  [lane, index]: readonly [Lane, number],
  run: Run,
  { look, unit }: { readonly look: Look; readonly unit: AxisUnit },
): Block {
  const rows = run.scheduled.rowsOfKernels(span.first, span.last);
  return {
    x: [span.from / unit.scale, span.to / unit.scale],
    y: [index + 0.88, index + 0.12],
    style: blockStyle(tones[lane.kind], rows, look),
    label: lane.kind === 'unit' && span.first === span.last ? nameOf(span, run) : '',
  };
}

function nameOf({ first, last }: Span, { rows, scheduled }: Run): string {
  if (first < 0 && last < 0) return 'starting the inference';
  if (first !== last) return `${last - Math.max(0, first) + 1} layers`;
  const [row] = scheduled.rowsOfKernels(first, last);
  return row === undefined ? visibleName(scheduled.layerOfKernel(first), 200) : shownName(rows[row]!);
}

function markOf(span: Span, run: Run, at: Pick<ViewMark, 'series' | 'index' | 'of'>): ViewMark {
  const value = `${printQuantity(span.to - span.from, 'time')} from ${printQuantity(span.from, 'time')} on`;
  return { ...at, name: nameOf(span, run), value, rows: run.scheduled.rowsOfKernels(span.first, span.last) };
}
