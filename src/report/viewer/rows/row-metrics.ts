/** What can be said in a number of a layer, or of several together: colours, axes and figures of graph and charts. */
import type { LayerCost } from '../../../simulate/simulation.ts';
import { minus, percent, printDelta, printQuantity, type Quantity } from '../../../units.ts';

export const rowMetricKeys = [
  'latencySeconds',
  'energyJoules',
  'averagePowerWatts',
  'macs',
  'parameters',
  'weightsBytes',
  'fileBytes',
  'memoryBytes',
  'trafficBytes',
  'utilization',
  'intensity',
] as const;
export type RowMetricKey = (typeof rowMetricKeys)[number];

export interface RowMetric {
  readonly key: RowMetricKey;
  readonly label: string;
  readonly quantity: Quantity | 'share' | 'ratio';
  /** Null where the layers have no such number. */
  readonly of: (layers: readonly LayerCost[]) => number | null;
}

type LayerNumber = (layer: LayerCost) => number;

const sumOf =
  (amount: LayerNumber): RowMetric['of'] =>
  (layers) =>
    layers.length === 0 ? null : sum(layers, amount);

function sum(layers: readonly LayerCost[], amount: LayerNumber): number {
  return layers.reduce((total, layer) => total + amount(layer), 0);
}

const trafficOf: LayerNumber = ({ trafficBytes }) => Object.values(trafficBytes).reduce((all, bytes) => all + bytes, 0);

function quotient(above: number, below: number): number | null {
  return below === 0 ? null : above / below;
}

const metrics: Readonly<Record<RowMetricKey, Omit<RowMetric, 'key'>>> = {
  latencySeconds: { label: 'Latency', quantity: 'time', of: sumOf((layer) => layer.latencySeconds) },
  energyJoules: { label: 'Energy', quantity: 'energy', of: sumOf((layer) => layer.energyJoules) },
  averagePowerWatts: {
    label: 'Average power',
    quantity: 'power',
    of: (layers) =>
      quotient(
        sum(layers, (layer) => layer.energyJoules),
        sum(layers, (layer) => layer.latencySeconds),
      ),
  },
  macs: { label: 'MACs', quantity: 'count', of: sumOf((layer) => layer.macs) },
  parameters: { label: 'Parameters', quantity: 'count', of: sumOf((layer) => layer.parameters) },
  weightsBytes: { label: 'Weights', quantity: 'size', of: sumOf((layer) => layer.weightsBytes) },
  fileBytes: { label: 'Size', quantity: 'size', of: sumOf((layer) => layer.fileBytes) },
  memoryBytes: {
    label: 'Live memory',
    quantity: 'memory',
    of: (layers) => (layers.length === 0 ? null : layers.reduce((most, one) => Math.max(most, one.memoryBytes), 0)),
  },
  trafficBytes: { label: 'Bytes moved', quantity: 'size', of: sumOf(trafficOf) },
  // Of the layers that multiply, each for as long as it runs.
  utilization: {
    label: 'Utilization',
    quantity: 'share',
    of: (layers) => {
      const working = layers.filter(({ macs }) => macs > 0);
      const busy = sum(working, (layer) => layer.utilization * layer.latencySeconds);
      return quotient(
        busy,
        sum(working, (layer) => layer.latencySeconds),
      );
    },
  },
  intensity: {
    label: 'Arithmetic intensity',
    quantity: 'ratio',
    of: (layers) => {
      const macs = sum(layers, (layer) => layer.macs);
      return macs === 0 ? null : quotient(macs, sum(layers, trafficOf));
    },
  },
};

export function rowMetric(key: RowMetricKey): RowMetric {
  return { key, ...metrics[key] };
}

type Printed = Pick<RowMetric, 'quantity'>;

/** `2.10 ms`, `61%`, `12.3 MACs/B`. */
export function printMetric({ quantity }: Printed, value: number | null): string {
  if (value === null) return '–';
  if (quantity === 'share') return percent(value);
  return quantity === 'ratio' ? `${printRatio(value)} MACs/B` : printQuantity(value, quantity);
}

/** `+1.20 ms`, `−12 points`. */
export function printMetricChange({ quantity }: Printed, change: number): string {
  if (change === 0) return '0';
  const sign = change > 0 ? '+' : minus;
  if (quantity === 'share') return `${sign}${percent(Math.abs(change)).replace('%', '')} points`;
  return quantity === 'ratio' ? `${sign}${printRatio(Math.abs(change))} MACs/B` : printDelta(change, quantity);
}

function printRatio(value: number): string {
  return value >= 1000 ? printQuantity(value, 'count') : String(Number(value.toPrecision(3)));
}
