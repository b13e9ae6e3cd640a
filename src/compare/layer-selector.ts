/** Layers by a glob, for budgets, edits and questions alike. */
import { layerGlob } from '../glob.ts';
import type { LayerCost } from '../simulate/simulation.ts';

/** A layer matches by its own name or by that of one of its source nodes. Throws `UserError` for a glob that is too long. */
export function layerSelector(pattern: string): (layer: Pick<LayerCost, 'name' | 'nodes'>) => boolean {
  const matches = layerGlob(pattern);
  return ({ name, nodes }) => matches(name) || nodes.some(matches);
}
