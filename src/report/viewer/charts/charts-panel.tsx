/** The charts of the report: those of the comment, and those for which one needs to look closer. */
import { useId, useMemo, useState } from 'preact/hooks';
import { drawings } from '../../charts.ts';
import { useStore, type Store } from '../state/store.ts';
import type { ScheduleAnswer } from '../worker/protocol.ts';
import { ChartChoices } from './chart-choices.tsx';
import { DataTable } from './data-table.tsx';
import { drawingChart } from './drawing-chart.ts';
import { histogramChart } from './histogram-chart.ts';
import { LiveChart } from './live-chart.tsx';
import { memoryMapChart } from './memory-map-chart.ts';
import { fileName, savePicture, type PictureKind } from './save.ts';
import { scatterChart } from './scatter-chart.ts';
import { scheduledRows } from './scheduled-rows.ts';
import { useSchedule } from './schedules.ts';
import { chartKinds, kindWords, readChartSettings, type ChartSettings } from './settings.ts';
import { timelineChart } from './timeline-chart.ts';
import type { ViewChart } from './view-chart.ts';

export function ChartsPanel() {
  const store = useStore();
  const settings = readChartSettings(store.settings.value.charts);
  const change = (given: Partial<ChartSettings>): void => {
    store.settings.value = { ...store.settings.value, charts: { ...settings, ...given } };
  };
  const needsSchedule = settings.kind === 'timeline' || settings.kind === 'memory-map';
  const schedule = useSchedule(needsSchedule ? settings.side : null);
  const answer = schedule.state === 'there' ? schedule.answer : undefined;
  return (
    <div class="charts" aria-busy={needsSchedule && schedule.state === 'loading'}>
      <div class="chart-kinds" role="group" aria-label="Chart">
        {chartKinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === settings.kind} onClick={() => change({ kind })}>
            {kindWords[kind]}
          </button>
        ))}
      </div>
      <ChartChoices settings={settings} change={change} memories={answer?.arenas.map(({ memory }) => memory) ?? []} />
      {needsSchedule && schedule.state === 'loading' && (
        <p class="nothing" role="status">
          Computing the schedule …
        </p>
      )}
      {needsSchedule && schedule.state === 'failed' && (
        <p class="nothing" role="status">
          {schedule.message}
        </p>
      )}
      {(!needsSchedule || answer !== undefined) && <Chosen store={store} settings={settings} answer={answer} />}
    </div>
  );
}

interface ChosenProps {
  readonly store: Store;
  readonly settings: ChartSettings;
  readonly answer: ScheduleAnswer | undefined;
}

function Chosen({ store, settings, answer }: ChosenProps) {
  const target = store.targetReport.value;
  const chart = useMemo(() => chartOf(store, settings, answer), [target, answer, JSON.stringify(settings)]);
  if (chart === undefined) return <p class="nothing">There is nothing to draw here.</p>;
  const { kind, side } = settings;
  const name = fileName([
    store.modelReport.value?.path ?? '',
    store.targetReport.value?.target.id ?? '',
    kind,
    answer === undefined ? '' : side,
  ]);
  return <Framed chart={chart} name={name} />;
}

/** Undefined: the report has nothing for it. */
function chartOf(store: Store, settings: ChartSettings, answer: ScheduleAnswer | undefined): ViewChart | undefined {
  const rows = store.rows.value;
  const target = store.targetReport.value;
  const { kind, side } = settings;
  switch (kind) {
    case 'latency':
    case 'waterfall':
    case 'memory':
    case 'roofline': {
      const draw = drawings.find(([one]) => one === kind)?.[1];
      return draw && target && drawingChart(draw, kind, target);
    }
    case 'histogram':
      return target && histogramChart(target, settings.metric);
    case 'scatter':
      return target && scatterChart(target, settings);
    case 'timeline':
      return answer && timelineChart(answer, rows, scheduledRows(answer, rows, side));
    case 'memory-map':
      return answer && memoryMapChart(answer, settings.memory, scheduledRows(answer, rows, side));
  }
}

/** The chart with what one can do with it, and the same in words and numbers. */
function Framed({ chart, name }: { readonly chart: ViewChart; readonly name: string }) {
  const store = useStore();
  const [picking, setPicking] = useState(false);
  const [isTable, setTable] = useState(false);
  const table = useId();
  const save = (kind: PictureKind) =>
    void savePicture(chart, kind, { theme: store.theme.value, selection: store.selection.value, name });
  const stop = useMemo(() => () => setPicking(false), []);
  return (
    <figure class="chart">
      <h3>{chart.title}</h3>
      <LiveChart chart={chart} picking={picking} onPicked={stop} />
      <figcaption>
        {chart.altText.slice(chart.title.length + 2)}.
        {chart.note !== undefined && <span class="note"> {chart.note}</span>}
      </figcaption>
      <div class="chart-actions">
        {chart.brush !== null && (
          <button type="button" aria-pressed={picking} onClick={() => setPicking(!picking)}>
            Select an area
          </button>
        )}
        <button type="button" aria-expanded={isTable} aria-controls={table} onClick={() => setTable(!isTable)}>
          Data as a table
        </button>
        <button type="button" onClick={() => save('png')}>
          Save as PNG
        </button>
        <button type="button" onClick={() => save('svg')}>
          Save as SVG
        </button>
      </div>
      <div id={table}>{isTable && <DataTable chart={chart} />}</div>
    </figure>
  );
}
