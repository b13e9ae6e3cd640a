/** Mermaid's text form of a chart, which GitHub draws itself: the fallback where pictures cannot be hosted. */
import { middleCut } from './inert.ts';

const longestLabel = 40;

export interface XyChart {
  readonly title: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly bars: readonly number[];
  /** Absent: bars alone. */
  readonly line?: readonly number[];
}

/** Labels come from models: only characters without a meaning in Mermaid's grammar stay. */
export function xyChart({ title, unit, labels, bars, line }: XyChart): string {
  return [
    'xychart-beta horizontal',
    `    title "${plainLabel(title, 80)}"`,
    `    x-axis [${labels.map((label) => `"${plainLabel(label, longestLabel)}"`).join(', ')}]`,
    `    y-axis "${plainLabel(unit, longestLabel)}"`,
    `    bar [${bars.map(figure).join(', ')}]`,
    ...(line === undefined ? [] : [`    line [${line.map(figure).join(', ')}]`]),
  ].join('\n');
}

function plainLabel(text: string, longest: number): string {
  return middleCut(text.slice(0, 4000).replace(/[^\p{L}\p{N} .,:/_*()+\-→]/gu, '_'), longest) || '_';
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
