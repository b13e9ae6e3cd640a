/** The change of latency as a waterfall: base, the rows that changed most, the others, head. */
import { printChange, printDelta, printQuantity } from '../../units.ts';
import { contributionsOf } from '../contributions.ts';
import type { DiffRow } from '../../compare/comparison.ts';
import type { Contribution } from '../repeats.ts';
import type { TargetReport } from '../report.ts';
import {
  axisUnit,
  frame,
  longestLabel,
  markLabel,
  nameAxis,
  niceScale,
  plotArea,
  plotted,
  valueAxis,
  type AxisUnit,
  type Drawing,
} from './chart.ts';
import { textPixels } from './font-widths.ts';
import { layerLabels } from './layer-labels.ts';
import { chartWidth, fontSize, plotTopWithoutLegend, type ChartTheme } from './theme.ts';

const maximumRows = 10;
const rowHeight = 30;
const bottom = 52;
const otherLayers = 'all other layers';

/** From `from` to `to` seconds. */
interface Step {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'base' | 'head' | 'increase' | 'decrease';
  readonly rows: readonly DiffRow[];
}

export function waterfallDrawing(target: TargetReport, width: number = chartWidth): Drawing | undefined {
  const { base, head, delta, ratio } = target.totals.latencySeconds;
  if (base === null || head === null || delta === null) return undefined;
  const { shown } = contributionsOf({ ...target, budgets: [] }, maximumRows);
  if (!shown.some((contribution) => contribution.delta.latencySeconds !== 0)) return undefined;
  const steps = stepsOf(shown, [base, head], longestLabel(width));
  const title = 'What changed the latency';
  const [largest] = steps
    .filter(({ kind, label }) => kind !== 'base' && kind !== 'head' && label !== otherLayers)
    .toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from));
  const message =
    `${printQuantity(base, 'time')} → ${printQuantity(head, 'time')}, ${printDelta(delta, 'time')}` +
    `${ratio === null ? '' : ` (${printChange(ratio - 1)})`}; ${largest!.label} accounts for ${printDelta(largest!.to - largest!.from, 'time')}`;
  return {
    title,
    altText: `${title}: ${message}`,
    width,
    height: plotTopWithoutLegend + steps.length * rowHeight + bottom,
    option: (theme) => ({ ...frame(theme, title, message, width), ...plot(theme, steps) }),
    // The first series only carries the others.
    marks: steps.map((step, index) => ({
      ...{ series: 1, index, name: step.label, value: labelOf(step), rows: step.rows },
      of: step.kind === 'base' || step.kind === 'head' ? 'total' : 'change',
    })),
  };
}

function stepsOf(
  shown: readonly Contribution[],
  [base, head]: readonly [number, number],
  labelPixels: number,
): readonly Step[] {
  const steps: Step[] = [{ label: 'base', from: 0, to: base, kind: 'base', rows: [] }];
  const add = (label: string, delta: number, rows: readonly DiffRow[]): void => {
    const from = steps.at(-1)!.to;
    if (delta !== 0) steps.push({ label, from, to: from + delta, kind: delta > 0 ? 'increase' : 'decrease', rows });
  };
  const labels = layerLabels(shown, labelPixels);
  for (const [index, { rows, delta }] of shown.entries()) add(labels[index]!, delta.latencySeconds, rows);
  const rest = head - steps.at(-1)!.to;
  if (Math.abs(rest) > 1e-9 * head) add(otherLayers, rest, []);
  return [...steps, { label: 'head', from: 0, to: head, kind: 'head', rows: [] }];
}

function plot(theme: ChartTheme, steps: readonly Step[]): object {
  const unit = axisUnit(Math.max(...steps.map(({ to }) => to)), 'time');
  const range = axisRange(steps, unit);
  const axisNote = range.min === 0 ? '' : ` (the axis begins at ${range.min})`;
  const values = steps.map(labelOf);
  const left = Math.max(...steps.map(({ label }) => textPixels(label, fontSize.text))) + 32;
  const right = Math.max(...values.map((label) => textPixels(label, fontSize.text))) + 32;
  return {
    legend: { show: false },
    grid: { ...plotArea(left, right, bottom), top: plotTopWithoutLegend },
    xAxis: { ...valueAxis(theme, `latency, ${unit.name}${axisNote}`), ...range },
    yAxis: nameAxis(
      theme,
      steps.map(({ label }) => label),
    ),
    series: [
      // Carries the step to where it starts.
      {
        type: 'bar',
        stack: 'latency',
        silent: true,
        itemStyle: { color: 'transparent' },
        data: steps.map(({ from, to }) => plotted(Math.min(from, to), unit)),
      },
      {
        type: 'bar',
        stack: 'latency',
        barCategoryGap: '30%',
        data: steps.map(({ from, to, kind }, index) => ({
          value: plotted(Math.abs(to - from), unit),
          itemStyle: { color: theme[kind] },
          label: { position: 'right', ...markLabel(theme, values[index]!) },
        })),
      },
    ],
  };
}

function labelOf({ from, to, kind }: Step): string {
  return kind === 'base' || kind === 'head' ? printQuantity(to, 'time') : printDelta(to - from, 'time');
}

/** From zero, unless the steps would be slivers beside the totals: then from a round number below them. */
function axisRange(
  steps: readonly Step[],
  unit: AxisUnit,
): { readonly min: number; readonly max: number; readonly interval: number } {
  const ends = steps.slice(1, -1).flatMap(({ from, to }) => [from, to]);
  const [low, high] = [Math.min(...ends) / unit.scale, Math.max(...steps.map(({ to }) => to), ...ends) / unit.scale];
  const start = high - low > 0.3 * high ? 0 : Math.max(0, low - (high - low) / 2);
  const { interval } = niceScale(high - start);
  const rounded = (value: number): number => Number((value * interval).toPrecision(12));
  return { min: rounded(Math.floor(start / interval)), max: rounded(Math.ceil(high / interval)), interval };
}
