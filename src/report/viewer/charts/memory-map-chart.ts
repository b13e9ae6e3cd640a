/** Which tensor lies where in a memory while the layers run, with what makes the peak. */
import type { BufferPlacement } from '../../../schedule/schedule.ts';
import { printQuantity } from '../../../units.ts';
import { axisUnit, frame, niceScale, plotArea, plotted, valueAxis, type AxisUnit } from '../../chart/chart.ts';
import { textPixels } from '../../chart/font-widths.ts';
import type { ChartTheme } from '../../chart/theme.ts';
import { visibleName } from '../../inert.ts';
import type { ScheduleAnswer, ScheduledArena } from '../worker/protocol.ts';
import { withoutEnds } from './axes.ts';
import { blockStyle } from './block-style.ts';
import { blockSeries, type Block } from './blocks.ts';
import type { ScheduledRows } from './scheduled-rows.ts';
import type { Look, ViewChart, ViewMark } from './view-chart.ts';

/** A capacity far above the peak would flatten the map: it is told in the message instead. */
const worthALine = 2.5;

interface Mapped {
  readonly arena: ScheduledArena;
  readonly kernels: number;
  readonly scheduled: ScheduledRows;
}

/** @param memory its id; the activations' memory if there is none such */
export function memoryMapChart(
  answer: ScheduleAnswer,
  memory: string,
  scheduled: ScheduledRows,
): ViewChart | undefined {
  const find = (id: string) => answer.arenas.find((one) => one.memory === id && one.placements.length > 0);
  const arena =
    find(memory) ?? find(answer.activationsMemory) ?? answer.arenas.find((one) => one.placements.length > 0);
  if (arena === undefined) return undefined;
  const map: Mapped = { arena, kernels: answer.kernels.length, scheduled };
  const groups = groupsOf(arena);
  const marks = groups.flatMap(({ placements }, series) =>
    placements.map((placement, index) => markOf(placement, { series, index }, scheduled)),
  );
  const title = `Map of ${visibleName(arena.memory, 24)}, ${scheduled.side}: tensors by address while the layers run`;
  const message = messageOf(map);
  return {
    title,
    altText: `${title}. ${message}`,
    height: 520,
    shown: (look) => ({ option: { ...frame(look.theme, title, message), ...plot(map, groups, look) }, marks }),
    ...{ brush: 'lineX', zooms: true, tellsAxis: false },
    data: () => ({
      columns: ['tensor', 'address', 'size', 'from layer', 'to layer'],
      rows: arena.placements.map(({ tensor, address, bytes, firstKernel, lastKernel }) => ({
        cells: [
          visibleName(tensor, 200),
          String(address),
          printQuantity(bytes, 'memory'),
          ...[firstKernel, lastKernel].map((kernel) => visibleName(scheduled.layerOfKernel(kernel), 200)),
        ],
        rows: rowsOf({ firstKernel, lastKernel }, scheduled),
      })),
    }),
  };
}

function messageOf({ arena, scheduled }: Mapped): string {
  const { peakBytes, capacityBytes, peakKernel, placements } = arena;
  const atPeak = placements.filter((placement) => isAlive(placement, peakKernel));
  const where = visibleName(scheduled.layerOfKernel(peakKernel), 60);
  const holds = peakBytes <= capacityBytes ? 'holds' : 'holds only';
  return (
    `peak ${printQuantity(peakBytes, 'memory')} at ${where}, where ${atPeak.length} of ${placements.length} tensors live; ` +
    `the memory ${holds} ${printQuantity(capacityBytes, 'memory')}`
  );
}

function isAlive({ firstKernel, lastKernel }: BufferPlacement, kernel: number): boolean {
  return firstKernel <= kernel && kernel <= lastKernel;
}

/** The layer that writes it first and the one that reads it last; none of what stays for the whole run, as weights do. */
function rowsOf(
  { firstKernel, lastKernel }: Pick<BufferPlacement, 'firstKernel' | 'lastKernel'>,
  { kernels, rowsOfKernels }: ScheduledRows,
): readonly number[] {
  if (firstKernel === 0 && lastKernel === kernels - 1 && kernels > 1) return [];
  return [...new Set([...rowsOfKernels(firstKernel, firstKernel), ...rowsOfKernels(lastKernel, lastKernel)])];
}

interface Group {
  readonly name: string;
  readonly tone: 'strong' | 'soft';
  readonly placements: readonly BufferPlacement[];
}

/** What makes the peak, and what does not. */
function groupsOf({ placements, peakKernel }: ScheduledArena): readonly Group[] {
  const groups: readonly Group[] = [
    { name: 'alive at the peak', tone: 'strong', placements: placements.filter((one) => isAlive(one, peakKernel)) },
    { name: 'other tensors', tone: 'soft', placements: placements.filter((one) => !isAlive(one, peakKernel)) },
  ];
  return groups.filter((group) => group.placements.length > 0);
}

function markOf(
  placement: BufferPlacement,
  at: Pick<ViewMark, 'series' | 'index'>,
  scheduled: ScheduledRows,
): ViewMark {
  const { tensor, address, bytes, firstKernel, lastKernel } = placement;
  const [first, last] = [firstKernel, lastKernel].map((kernel) => visibleName(scheduled.layerOfKernel(kernel), 60));
  const value = `${printQuantity(bytes, 'memory')} at ${address}, from ${first!} to ${last!}`;
  return { ...at, name: visibleName(tensor, 120), of: 'tensor', value, rows: rowsOf(placement, scheduled) };
}

function plot({ arena, kernels, scheduled }: Mapped, groups: readonly Group[], look: Look): object {
  const { theme } = look;
  const { peakBytes, capacityBytes } = arena;
  const topBytes = capacityBytes <= worthALine * peakBytes ? Math.max(peakBytes, capacityBytes) : peakBytes;
  const unit = axisUnit(topBytes, 'memory');
  const scale = niceScale((topBytes * 1.04) / unit.scale);
  const left = textPixels(String(scale.max), 12) + 60;
  const blockOf = ({ tensor, address, bytes, ...alive }: BufferPlacement, tone: Group['tone']): Block => ({
    x: [alive.firstKernel + 0.5, alive.lastKernel + 1.5],
    y: [address / unit.scale, (address + bytes) / unit.scale],
    style: blockStyle(tone, rowsOf(alive, scheduled), look),
    label: visibleName(tensor, 60),
  });
  return {
    grid: plotArea(left, 24, 92),
    xAxis: {
      ...withoutEnds(valueAxis(theme, 'layer, in execution order')),
      ...{ min: 0.5, max: kernels + 0.5, minInterval: 1, splitLine: { show: false } },
    },
    yAxis: { ...valueAxis(theme, `address, ${unit.name}`), nameGap: left - 24, min: 0, ...scale },
    series: [
      ...groups.map(({ name, tone, placements }) => ({
        ...blockSeries(
          name,
          placements.map((placement) => blockOf(placement, tone)),
        ),
        itemStyle: { color: tone === 'strong' ? theme.head : theme.base },
      })),
      ...lines({ arena, kernels }, unit, theme, capacityBytes <= topBytes),
    ],
  };
}

function lines(
  { arena, kernels }: Pick<Mapped, 'arena' | 'kernels'>,
  unit: AxisUnit,
  theme: ChartTheme,
  showsCapacity: boolean,
) {
  const peak = plotted(arena.peakBytes, unit);
  const line = (name: string, color: string, type: string, data: readonly (readonly number[])[]): object => ({
    ...{ name, type: 'line', symbol: 'none', silent: true, data, z: 5 },
    lineStyle: { color, width: 2, type },
    itemStyle: { color },
  });
  const across = (bytes: number) => [
    [0.5, bytes],
    [kernels + 0.5, bytes],
  ];
  const at = arena.peakKernel + 1;
  return [
    line(`peak, ${printQuantity(arena.peakBytes, 'memory')}`, theme.increase, 'dashed', [
      [at, 0],
      [at, peak],
      ...(at < kernels / 2 ? [[kernels + 0.5, peak]] : [[0.5, peak]]),
    ]),
    ...(showsCapacity
      ? [
          line(
            `capacity, ${printQuantity(arena.capacityBytes, 'memory')}`,
            theme.limit,
            'dotted',
            across(plotted(arena.capacityBytes, unit)),
          ),
        ]
      : []),
  ];
}
