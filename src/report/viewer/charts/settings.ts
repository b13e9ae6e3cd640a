/** Which chart is shown, and of what: plain JSON, which a link may hold, so it is read as something anyone may have written. */
import type { SideName } from '../worker/protocol.ts';

export const chartKinds = [
  'latency',
  'waterfall',
  'memory',
  'roofline',
  'histogram',
  'scatter',
  'timeline',
  'memory-map',
] as const;
export type ChartKind = (typeof chartKinds)[number];

export const kindWords: Readonly<Record<ChartKind, string>> = {
  latency: 'Latency by layer',
  waterfall: 'What changed',
  memory: 'Memory',
  roofline: 'Roofline',
  histogram: 'Histogram',
  scatter: 'Scatter',
  timeline: 'Timeline',
  'memory-map': 'Memory map',
};

export interface ChartSettings {
  readonly kind: ChartKind;
  /** Ids of metrics; one that there is not is the first. Of the histogram: */
  readonly metric: string;
  /** Of the scatter. */
  readonly x: string;
  readonly y: string;
  readonly logX: boolean;
  readonly logY: boolean;
  /** Of timeline and memory map. */
  readonly side: SideName;
  /** Id of the memory that is mapped; empty: that of the activations. */
  readonly memory: string;
}

const usual: ChartSettings = {
  ...{ kind: 'latency', metric: 'latency', x: 'macs', y: 'latency' },
  ...{ logX: true, logY: true, side: 'head', memory: '' },
};

/** What cannot be read is as usual. */
export function readChartSettings(given: unknown): ChartSettings {
  const read = (given ?? {}) as Readonly<Record<keyof ChartSettings, unknown>>;
  const words = (key: 'metric' | 'x' | 'y' | 'memory') => {
    const value = read[key];
    return typeof value === 'string' ? value : usual[key];
  };
  return {
    kind: chartKinds.find((kind) => kind === read.kind) ?? usual.kind,
    ...{ metric: words('metric'), x: words('x'), y: words('y'), memory: words('memory') },
    logX: typeof read.logX === 'boolean' ? read.logX : usual.logX,
    logY: typeof read.logY === 'boolean' ? read.logY : usual.logY,
    side: read.side === 'base' ? 'base' : 'head',
  };
}
