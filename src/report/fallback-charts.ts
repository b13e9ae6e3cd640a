/** Charts as text: Unicode bars for every reader, Mermaid where GitHub draws it. */
import type { LayerCost } from '../simulate/simulation.ts';
import { printQuantity } from '../units.ts';
import { bar } from './bars.ts';
import { contributionsOf } from './contributions.ts';
import { middleCut, visibleName } from './inert.ts';
import { xyChart } from './mermaid.ts';
import { code, type Block } from './page.ts';
import type { TargetReport } from './report.ts';
import { padEnd, textWidth } from './text-width.ts';

const barWidth = 32;
const longestLabel = 36;

export interface LayerBars {
  readonly name: string;
  readonly baseSeconds: number;
  readonly headSeconds: number;
}

/** The rows that changed most, base and head. */
export function changedLayers(target: TargetReport, maximumRows: number): readonly LayerBars[] {
  return contributionsOf(target, maximumRows).shown.map(({ name, rows }) => ({
    name,
    baseSeconds: latencyOf(rows.flatMap((row) => row.base)),
    headSeconds: latencyOf(rows.flatMap((row) => row.head)),
  }));
}

function latencyOf(layers: readonly LayerCost[]): number {
  return layers.reduce((sum, layer) => sum + layer.latencySeconds, 0);
}

export function unicodeBars(target: TargetReport, maximumRows: number): string {
  const layers = changedLayers(target, maximumRows);
  const names = layers.map(({ name }) => middleCut(visibleName(name, longestLabel), longestLabel));
  const width = Math.max(0, ...names.map(textWidth));
  const longest = Math.max(...layers.flatMap(({ baseSeconds, headSeconds }) => [baseSeconds, headSeconds]));
  const line = (label: string, side: string, seconds: number): string =>
    `${padEnd(label, width)}  ${side}  ${printQuantity(seconds, 'time').padStart(8)} ${bar(seconds / longest, barWidth)}`.trimEnd();
  // A model that is new has no bars of its base.
  const sides = (['base', 'head'] as const).filter((side) => layers.some((bars) => secondsOf(bars, side) > 0));
  return layers
    .flatMap((bars, index) => sides.map((side, at) => line(at === 0 ? names[index]! : '', side, secondsOf(bars, side))))
    .join('\n');
}

function secondsOf({ baseSeconds, headSeconds }: LayerBars, side: 'base' | 'head'): number {
  return side === 'base' ? baseSeconds : headSeconds;
}

/** Bars are the head, the line is the base, where there is one. */
export function mermaidBlock(target: TargetReport, maximumRows: number): Block {
  const layers = changedLayers(target, maximumRows);
  const hasBase = layers.some((bars) => secondsOf(bars, 'base') > 0);
  return code(
    'mermaid',
    xyChart({
      title: hasBase ? 'Latency by layer: bars head, line base' : 'Latency by layer',
      unit: 'ms',
      labels: layers.map(({ name }) => name),
      bars: layers.map(({ headSeconds }) => headSeconds * 1e3),
      ...(hasBase ? { line: layers.map(({ baseSeconds }) => baseSeconds * 1e3) } : {}),
    }),
  );
}
