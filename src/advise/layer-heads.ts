/** What became of the layers of a model that was edited: nodes keep their ids, so no match is needed. */
import type { LayerCost, Simulation } from '../simulate/simulation.ts';

/** For each layer of the model before: those of the edited one that stand for any of its nodes. */
export function headsOf({ layers }: Pick<Simulation, 'layers'>): (layer: LayerCost) => readonly LayerCost[] {
  const byNode = new Map(layers.flatMap((layer) => layer.nodes.map((id) => [id, layer] as const)));
  return ({ nodes }) => [...new Set(nodes.flatMap((id) => byNode.get(id) ?? []))];
}
