/** How metrics are called and printed. */
import type { BudgetMetric, MetricKey } from '../compare/comparison.ts';
import { printQuantity, type Quantity } from '../units.ts';

interface MetricDescription {
  readonly key: MetricKey;
  readonly label: string;
  readonly quantity: Quantity;
  /** Shown even where neither a budget names it nor the change touches it. */
  readonly always: boolean;
}

/** In the order of the table. */
export const metricDescriptions: readonly MetricDescription[] = [
  { key: 'latencySeconds', label: 'Latency', quantity: 'time', always: true },
  { key: 'energyJoules', label: 'Energy / inference', quantity: 'energy', always: true },
  { key: 'averagePowerWatts', label: 'Average power', quantity: 'power', always: true },
  { key: 'peakMemoryBytes', label: 'Peak memory', quantity: 'memory', always: true },
  { key: 'fileBytes', label: 'Size', quantity: 'size', always: true },
  { key: 'downloadBytes', label: 'Download', quantity: 'size', always: false },
  { key: 'weightsBytes', label: 'Weights', quantity: 'size', always: false },
  { key: 'parameters', label: 'Parameters', quantity: 'count', always: false },
  { key: 'macs', label: 'MACs', quantity: 'count', always: false },
  { key: 'dramTrafficBytes', label: 'DRAM traffic', quantity: 'size', always: false },
  { key: 'cpuFallbackLayers', label: 'Layers on the CPU', quantity: 'count', always: false },
];

const byKey: ReadonlyMap<MetricKey, MetricDescription> = new Map(
  metricDescriptions.map((description) => [description.key, description]),
);

export function describeMetric(key: MetricKey): MetricDescription {
  return byKey.get(key)!;
}

/** `peak-memory` → `peak memory`, for sentences. */
export function metricWords(metric: BudgetMetric): string {
  return metric.replace('-', ' ').replace('cpu', 'CPU').replace('dram', 'DRAM');
}

/** `1500 MHz` */
export function printClock(hertz: number): string {
  return `${String(Math.round(hertz / 1e5) / 10)} MHz`;
}

/** A limit as a config file has it: `30 ms`, not `30.0 ms`. */
export function printLimit(value: number, quantity: Quantity): string {
  return printQuantity(value, quantity).replace(/\.(\d*?)0+(?=\D*$)/, (_, kept: string) =>
    kept === '' ? '' : `.${kept}`,
  );
}
