/** Whether anything about a layer changed that a reader looks for. */
import { additiveMetrics, type DiffRow } from '../../../compare/comparison.ts';

/** Other weights in the same layer, or weights that nobody has, are no change of what it is or costs. */
export function isChangedRow({ match: { status }, base, head, delta }: DiffRow): boolean {
  const same = status === 'identical' || status === 'retrained';
  const hasLayers = base.length + head.length > 0;
  return (hasLayers && !same) || additiveMetrics.some((metric) => delta[metric] !== 0);
}
