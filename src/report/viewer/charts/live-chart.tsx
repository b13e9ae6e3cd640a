/** One chart on the screen: drawn by ECharts, pointed at, chosen in. */
import { batch } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { themes } from '../../chart/theme.ts';
import { useStore, type Store } from '../state/store.ts';
import { AreaPicker } from './area-picker.tsx';
import type { Area, PlaceOf } from './area.ts';
import { rowsInArea } from './area.ts';
import { liveOption, markFinder, titleHeight, type MarkFinder } from './chart-look.ts';
import { init, type ECharts } from './echarts.ts';
import { wholeAxis, type Look, type ShownChart, type ViewChart, type ViewMark, type Window } from './view-chart.ts';

interface Live {
  readonly drawn: ECharts;
  chart: ViewChart;
  shown: ShownChart;
  find: MarkFinder;
  marksOfRow: ReadonlyMap<number, readonly ViewMark[]>;
  look: Omit<Look, 'window'> | null;
  window: Window;
}

interface Props {
  readonly chart: ViewChart;
  /** Whether an area is being drawn, and how that ends. */
  readonly picking: boolean;
  readonly onPicked: () => void;
}

export function LiveChart({ chart, picking, onPicked }: Props) {
  const store = useStore();
  const room = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const live = useRef<Live>(null);
  const [roomWidth, setRoomWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setRoomWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(room.current!);
    return () => observer.disconnect();
  }, []);
  const width = Math.min(chart.widest ?? Infinity, Math.max(chart.narrowest ?? 320, roomWidth));
  const height = chart.height - titleHeight;
  const { value: selection } = store.selection;
  const { value: theme } = store.theme;
  const isMeasured = roomWidth > 0;
  useEffect(() => {
    if (!isMeasured) return;
    live.current ??= start(place.current!, store);
    show(live.current, chart, { theme: themes[theme], width, selection });
  }, [chart, theme, width, selection, isMeasured]);
  useEffect(() => () => live.current?.drawn.dispose(), []);
  useHovered(store, live);
  const pick = useMemo(() => (area: Area) => chooseArea(store, live.current!, area, onPicked), [store, onPicked]);
  return (
    <div class="chart-room" ref={room} tabIndex={0} role="group" aria-label={`Chart: ${chart.title}`}>
      <div class="chart-place" style={{ width: `${width}px`, height: `${height}px` }}>
        <div ref={place} class="chart-canvas" role="img" aria-label={chart.altText} />
        {picking && chart.brush !== null && <AreaPicker isStripe={chart.brush === 'lineX'} onPicked={pick} />}
      </div>
    </div>
  );
}

function start(place: HTMLElement, store: Store): Live {
  const drawn = init(place, null, { renderer: 'canvas' });
  const nothing = markFinder([]);
  const shown = { option: {}, marks: [] };
  const chart: ViewChart = {
    ...{ title: '', altText: '', height: 0, shown: () => shown, brush: null, zooms: false, tellsAxis: false },
    data: () => ({ columns: [], rows: [] }),
  };
  const live: Live = { drawn, chart, shown, find: nothing, marksOfRow: new Map(), look: null, window: wholeAxis };
  drawn.on('click', (event) => {
    // ECharts types what it hands on by no more than its names.
    const { event: pointer, seriesIndex, dataIndex } = event as unknown as Clicked;
    choose(store, live.find(seriesIndex, dataIndex), pointer?.event);
  });
  drawn.on('mouseover', ({ seriesIndex, dataIndex }) => {
    const rows = live.find(seriesIndex, dataIndex)?.rows ?? [];
    store.hovered.value = rows.length === 1 ? rows[0]! : null;
  });
  drawn.on('mouseout', () => {
    store.hovered.value = null;
  });
  drawn.getZr().on('click', (event) => {
    const isOnNothing = (event.target as unknown) === undefined;
    if (!live.chart.tellsAxis || !isOnNothing) return;
    // Typed as an event of any kind; a click is one of the mouse.
    choose(store, markAt(live, event.offsetX, event.offsetY), event.event as unknown as MouseEvent);
  });
  drawn.on('datazoom', () => {
    const [zoom] = drawn.getOption().dataZoom as readonly Window[];
    if (zoom !== undefined) live.window = { start: zoom.start, end: zoom.end };
    redraw(live);
  });
  return live;
}

interface Clicked {
  readonly seriesIndex?: number;
  readonly dataIndex?: number;
  readonly event?: { readonly event: MouseEvent };
}

function show(live: Live, chart: ViewChart, look: Omit<Look, 'window'>): void {
  if (live.chart.title !== chart.title) live.window = wholeAxis;
  live.chart = chart;
  live.look = look;
  const shown = remember(live, look);
  const { drawn } = live;
  if (drawn.getWidth() !== look.width || drawn.getHeight() !== chart.height - titleHeight) {
    drawn.resize({ width: look.width, height: chart.height - titleHeight });
  }
  const find: MarkFinder = (series, index) => live.find(series, index);
  const { theme } = look;
  drawn.setOption(liveOption(chart, shown.option, { theme, window: live.window, find }), { notMerge: true });
}

function remember(live: Live, look: Omit<Look, 'window'>): ShownChart {
  live.shown = live.chart.shown({ ...look, window: live.window });
  live.find = markFinder(live.shown.marks);
  const marksOfRow = new Map<number, ViewMark[]>();
  for (const mark of live.shown.marks) {
    for (const row of mark.rows) {
      const known = marksOfRow.get(row);
      if (known === undefined) marksOfRow.set(row, [mark]);
      else known.push(mark);
    }
  }
  live.marksOfRow = marksOfRow;
  return live.shown;
}

/** Another part of the axis: what was too small to be seen may be seen now. */
function redraw(live: Live): void {
  if (live.look === null || !live.chart.zooms) return;
  const { series } = remember(live, live.look).option;
  live.drawn.setOption({ series });
}

function choose(store: Store, mark: ViewMark | undefined, event: MouseEvent | undefined): void {
  if (mark === undefined || mark.rows.length === 0) return;
  const adds = event !== undefined && (event.ctrlKey || event.metaKey || event.shiftKey);
  const isOut = adds && mark.rows.every((row) => store.selection.value.has(row));
  const selection = new Set(adds ? store.selection.value : []);
  for (const row of mark.rows) {
    if (isOut) selection.delete(row);
    else selection.add(row);
  }
  batch(() => {
    store.selection.value = selection;
    if (!isOut) store.focus.value = mark.rows[0]!;
  });
}

/** On a line there is nothing to hit: the layer at that place of the axis. */
function markAt({ drawn, shown }: Live, x: number, y: number): ViewMark | undefined {
  if (!drawn.containPixel({ gridIndex: 0 }, [x, y])) return undefined;
  // Typed as a number or a list; of a grid it is a list.
  const [at] = drawn.convertFromPixel({ gridIndex: 0 }, [x, y]) as unknown as readonly number[];
  const last = shown.marks.at(-1)?.series ?? 0;
  return shown.marks.find(({ series, index }) => series === last && index === Math.round(at ?? 0) - 1);
}

function chooseArea(store: Store, { drawn, shown }: Live, area: Area, onPicked: () => void): void {
  const series = shown.option.series as readonly { readonly data: readonly unknown[] }[];
  const placeOf: PlaceOf = (mark) => {
    const item = series[mark.series]?.data[mark.index];
    const value = (Array.isArray(item) ? item : (item as { value?: unknown } | undefined)?.value) as
      readonly number[] | undefined;
    if (!Array.isArray(value)) return [];
    // Typed as a number or a list; of a grid it is a list.
    const corner = (x: number, y: number) =>
      drawn.convertToPixel({ gridIndex: 0 }, [x, y]) as unknown as readonly [number, number];
    const [a, b, c, d] = value as readonly number[];
    return c === undefined ? [corner(a!, b!)] : [corner(a!, c), corner(b!, d!)];
  };
  const rows = rowsInArea(shown.marks, area, placeOf);
  if (rows.size > 0) store.selection.value = rows;
  onPicked();
}

/** What another panel points at stands out here. */
function useHovered(store: Store, live: { readonly current: Live | null }): void {
  const { value: hovered } = store.hovered;
  useEffect(() => {
    const marks = hovered === null ? [] : (live.current?.marksOfRow.get(hovered) ?? []);
    const each = (type: 'highlight' | 'downplay') => {
      if (live.current?.drawn.isDisposed() !== false) return;
      for (const { series, index } of marks)
        live.current.drawn.dispatchAction({ type, seriesIndex: series, dataIndex: index });
    };
    each('highlight');
    return () => each('downplay');
  }, [hovered]);
}
