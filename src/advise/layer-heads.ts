/** What became of the layers of a model that was edited: nodes keep their ids, so no match is needed. */
import type { LayerCost, Simulation } from '../simulate/simulation.ts';

const knownLayers = new WeakMap<readonly LayerCost[], ReadonlyMap<string, string>>();

/** By id of a node: the name of its layer. Asked of the same model by each what-if on it. */
export function layersByNode({ layers }: Pick<Simulation, 'layers'>): ReadonlyMap<string, string> {
  const known = knownLayers.get(layers);
  if (known !== undefined) return known;
  const names = new Map<string, string>();
  for (const { name, nodes } of layers) for (const id of nodes) names.set(id, name);
  knownLayers.set(layers, names);
  return names;
}

/** For each layer of the model before: those of the edited one that stand for any of its nodes. */
export function headsOf({ layers }: Pick<Simulation, 'layers'>): (layer: LayerCost) => readonly LayerCost[] {
  const byNode = new Map(layers.flatMap((layer) => layer.nodes.map((id) => [id, layer] as const)));
  return ({ nodes }) => [...new Set(nodes.flatMap((id) => byNode.get(id) ?? []))];
}
