/** Which layers a tool shows at which of its nodes: the layer's numbers at its host, its name at what was fused in. */
import type { DiffRow } from '../../compare/comparison.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import type { NeighbourSideName } from './neighbour.ts';

/** A layer with the row that it is in. */
export interface RowLayer {
  readonly layer: LayerCost;
  readonly row: DiffRow;
  /** The change of a row is told once, at its first layer, so that changes add up. */
  readonly isFirst: boolean;
}

export interface Placed<Place> {
  readonly place: Place;
  /** Hosted here; several where the tool shows a loop's body or a function as one node. */
  readonly layers: readonly RowLayer[];
  /** Hosted elsewhere; this node was fused into them. */
  readonly partOf: readonly RowLayer[];
}

/** By id of a node of the file; null: the tool has no way to name that one. */
export type Places<Place> = ReadonlyMap<string, Place | null>;

/** In execution order. Nodes that the tool does not show are left out. */
export function placedLayers<Place>(
  rows: readonly DiffRow[],
  side: NeighbourSideName,
  places: Places<Place>,
): readonly Placed<Place>[] {
  const found = new Map<string, { place: Place; layers: RowLayer[]; partOf: RowLayer[] }>();
  const at = (place: Place) => {
    const key = JSON.stringify(place);
    const known = found.get(key) ?? { place, layers: [], partOf: [] };
    found.set(key, known);
    return known;
  };
  for (const row of rows) {
    for (const [index, layer] of row[side].entries()) {
      const rowLayer = { layer, row, isFirst: index === 0 };
      const host = hostOf(layer, places);
      if (host !== undefined) at(host).layers.push(rowLayer);
      for (const id of layer.nodes) {
        const place = placeOf(id, places);
        if (place === undefined || place === host) continue;
        const known = at(place);
        if (host === undefined || known !== at(host)) known.partOf.push(rowLayer);
      }
    }
  }
  return [...found.values()].map(({ place, layers, partOf }) => ({ place, layers, partOf: [...new Set(partOf)] }));
}

/** A host that a pass made stands where the first of its nodes does. */
function hostOf<Place>({ id, nodes }: LayerCost, places: Places<Place>): Place | undefined {
  const ids = [id, ...nodes];
  const own = ids.find((one) => (places.get(one) ?? null) !== null);
  if (own !== undefined) return places.get(own) ?? undefined;
  return ids.map((one) => placeOf(one, places)).find((place) => place !== undefined);
}

/** Nodes of a function stand in the file once, however often it is called: each call has them under its own id. */
export function placeOf<Place>(id: string, places: Places<Place>): Place | undefined {
  for (let part = id; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('/')))) {
    const place = places.get(part);
    if (place !== undefined) return place ?? undefined;
  }
  return undefined;
}

/** A list of a hostile file may be longer than what a call takes. */
export function largestOf(layers: readonly RowLayer[], value: (layer: LayerCost) => number): number {
  return layers.reduce((most, { layer }) => Math.max(most, value(layer)), 0);
}

/** Of layers at one node. */
export function sumOf(layers: readonly RowLayer[], value: (layer: LayerCost) => number): number {
  return layers.reduce((sum, { layer }) => sum + value(layer), 0);
}
