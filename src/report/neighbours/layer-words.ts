/** A layer in words, for a reader in another tool: the figures and reasons are those of the report. */
import type { AdditiveMetric, DiffRow } from '../../compare/comparison.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import { percent, printDelta, printQuantity } from '../../units.ts';
import { causeWords } from '../causes.ts';
import { visibleName, visibleSentence } from '../inert.ts';
import { describeMetric } from '../metrics.ts';
import { printWords } from '../print-text.ts';
import { statusPhrase } from '../why.ts';
import { sumOf, type RowLayer } from './placed-layers.ts';

/** Of names in words; where a name is a key it stands in full. */
export const longestShownName = 200;

/** A layer may have many causes; the rest is in the report. */
const mostCauses = 4;

/** `12.3 µs (+2.0 µs)`: of the layers at one node, with what changed. */
export function figureWords(layers: readonly RowLayer[], metric: AdditiveMetric, isCompared: boolean): string {
  const { quantity } = describeMetric(metric);
  const value = printQuantity(
    sumOf(layers, (layer) => layer[metric]),
    quantity,
  );
  const change = changeOf(layers, metric);
  return isCompared && change !== 0 ? `${value} (${printDelta(change, quantity)})` : value;
}

/** Of the rows that are told at these layers. */
export function changeOf(layers: readonly RowLayer[], metric: AdditiveMetric): number {
  return layers.reduce((sum, { row, isFirst }) => sum + (isFirst ? row.delta[metric] : 0), 0);
}

/** `60% activations go through DRAM; …` */
export function causesWords({ causes, latencySeconds }: LayerCost): string {
  const shown = causes.toSorted((a, b) => b.seconds - a.seconds).slice(0, mostCauses);
  return shown
    .map((cause) => {
      const share = latencySeconds > 0 ? `${percent(cause.seconds / latencySeconds)} ` : '';
      return `${share}${printWords(causeWords(cause))}`;
    })
    .join('; ');
}

/** `widened 96→128; falls back to the CPU`; empty where the layer is what it was. */
export function changeWords(row: DiffRow): string {
  const status = printWords(statusPhrase(row));
  return [...(status === 'same layer' || status === '' ? [] : [status]), ...row.changes.map(visibleSentence)].join(
    '; ',
  );
}

export function layerName({ layer }: RowLayer): string {
  return visibleName(layer.name, longestShownName);
}
