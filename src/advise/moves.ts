/** Single steps of a search: one edit on one layer, with what it is expected to save of what is too much. */
import { budgetRows, measuredSide, type MeasuredSide } from '../compare/budget.ts';
import { layerSelector } from '../compare/layer-selector.ts';
import type { LayerCost, Simulation } from '../simulate/simulation.ts';
import type { Miss } from './goal.ts';
import { headsOf } from './layer-heads.ts';
import type { Trial } from './trial.ts';

export interface Move {
  /** The edit without `on`. */
  readonly edit: string;
  readonly layer: string;
  /**
   * For each miss, the share of the excess that it saves where the edit is made on all layers at once; what borders cost
   * between edited and unedited layers is not in it.
   */
  readonly shares: readonly number[];
}

/** `whole`: the edit made on every layer that it applies to. */
export function movesOf(whole: Trial, base: Simulation, misses: readonly Miss[]): readonly Move[] {
  const layers = new Map(base.layers.map((layer) => [layer.name, layer]));
  const heads = headsOf(whole.head);
  const side = measuredSide(whole.head);
  return whole.touched.flatMap((name) => {
    const before = layers.get(name);
    if (before === undefined || !canBeNamed(name)) return [];
    const after = heads(before);
    return [{ edit: whole.edits, layer: name, shares: misses.map((miss) => shareOf(miss, before, after, side)) }];
  });
}

/** Names that a glob can hold. */
const longestName = 256;

function canBeNamed(name: string): boolean {
  return name.length <= longestName && !name.includes('*');
}

function shareOf({ result, excess }: Miss, before: LayerCost, after: readonly LayerCost[], side: MeasuredSide): number {
  const { ofLayers } = budgetRows[result.metric];
  if (ofLayers === undefined) return 0;
  if (result.layer !== undefined && !layerSelector(result.layer)(before)) return 0;
  return (ofLayers([before], side) - ofLayers(after, side)) / excess;
}

/** What it is expected to contribute to reaching everything that is missed: no share counts beyond the whole excess. */
export function worthOf(moves: readonly Move[]): number {
  const [first] = moves;
  if (first === undefined) return 0;
  const sums = first.shares.map((_, index) => moves.reduce((sum, move) => sum + move.shares[index]!, 0));
  return Math.min(...sums.map((sum) => Math.min(1, sum))) + 1e-6 * sums.reduce((total, sum) => total + sum, 0);
}
