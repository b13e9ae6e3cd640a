/**
 * Rows of layers from pairs of nodes: layers whose hosts match share a row, so that a fusion that came or went is one
 * row with several layers on a side. What merely rides along in a layer joins nothing.
 */
import type { LayerCost } from '../simulate/simulation.ts';
import type { DiffRow, GraphMatch, NodeMatch } from './comparison.ts';

export interface LayerGroup {
  /** Positions in the layers of each side, rising. */
  readonly base: readonly number[];
  readonly head: readonly number[];
  /** The matches of nodes that tell about this row, those of its hosts first. */
  readonly matches: readonly NodeMatch[];
}

/** Which layer each node is in, and which it is the host of. */
interface LayerIndex {
  readonly layerOf: ReadonlyMap<string, number>;
  readonly hosts: ReadonlySet<string>;
}

/** Rows in the head's order; rows that only the base has stand behind the layer that came before them there. */
export function groupLayers(
  base: readonly LayerCost[],
  head: readonly LayerCost[],
  match: GraphMatch,
): readonly LayerGroup[] {
  const [from, to] = [indexLayers(base), indexLayers(head)];
  const rows = rowFinder(base.length + head.length);
  joinByName(base, head, (a, b) => rows.join(a, base.length + b));
  const links = match.matches.map((one) => linkOf(one, from, to));
  for (const { base: bases, head: heads } of links) {
    const all = [...bases, ...heads.map((position) => base.length + position)];
    for (const position of all.slice(1)) rows.join(all[0]!, position);
  }
  const groups = new Map<number, { base: number[]; head: number[]; matches: NodeMatch[] }>();
  const groupAt = (position: number) => {
    const root = rows.find(position);
    const group = groups.get(root) ?? { base: [], head: [], matches: [] };
    groups.set(root, group);
    return group;
  };
  base.forEach((_, position) => groupAt(position).base.push(position));
  head.forEach((_, position) => groupAt(base.length + position).head.push(position));
  match.matches.forEach((one, index) => {
    const [first] = [...links[index]!.base, ...links[index]!.head.map((position) => base.length + position)];
    if (first !== undefined) groupAt(first).matches.push(one);
  });
  addPassengers(match, [from, to], (position, side) => groupAt(side === 0 ? position : base.length + position).matches);
  return inOrder([...groups.values()], base.length);
}

/** What a row is now: its layers of the head, of the base where it was removed. */
export function presentLayers({ base, head }: Pick<DiffRow, 'base' | 'head'>): readonly LayerCost[] {
  return head.length > 0 ? head : base;
}

/** The layer that a row is called by: the one with the most MACs, of equals the first. */
export function leadingLayer(layers: readonly LayerCost[]): LayerCost | undefined {
  return layers.toSorted((a, b) => b.macs - a.macs)[0];
}

function indexLayers(layers: readonly LayerCost[]): LayerIndex {
  const layerOf = new Map<string, number>();
  layers.forEach((layer, position) => {
    for (const node of layer.nodes) layerOf.set(node, position);
  });
  return { layerOf, hosts: new Set(layers.map((layer) => layer.id)) };
}

/** Layers with no nodes (what an inference costs beside its layers) go together by name. */
function joinByName(
  base: readonly LayerCost[],
  head: readonly LayerCost[],
  join: (base: number, head: number) => void,
): void {
  base.forEach((layer, position) => {
    if (layer.nodes.length > 0) return;
    const other = head.findIndex((candidate) => candidate.nodes.length === 0 && candidate.name === layer.name);
    if (other >= 0) join(position, other);
  });
}

/** The layers that a match joins: none when its nodes are passengers on both sides. */
function linkOf(match: NodeMatch, from: LayerIndex, to: LayerIndex): Pick<LayerGroup, 'base' | 'head'> {
  const hosted = match.base.some((node) => from.hosts.has(node)) || match.head.some((node) => to.hosts.has(node));
  if (!hosted) return { base: [], head: [] };
  return { base: layersOf(match.base, from), head: layersOf(match.head, to) };
}

/** Of the hosts among the nodes, else of the first node, which is the one that computes. */
function layersOf(nodes: readonly string[], index: LayerIndex): readonly number[] {
  const hosts = nodes.filter((node) => index.hosts.has(node));
  const telling = hosts.length > 0 ? hosts : nodes.slice(0, 1);
  return [...new Set(telling.flatMap((node) => index.layerOf.get(node) ?? []))];
}

/** Matches of passengers, told in the row that they ride in on both sides. */
function addPassengers(
  match: GraphMatch,
  [from, to]: readonly [LayerIndex, LayerIndex],
  matchesAt: (position: number, side: 0 | 1) => NodeMatch[],
): void {
  for (const one of match.matches) {
    const [node, other] = [one.base[0], one.head[0]];
    const [position, partner] = [from.layerOf.get(node ?? ''), to.layerOf.get(other ?? '')];
    if (position === undefined || partner === undefined || from.hosts.has(node!) || to.hosts.has(other!)) continue;
    if (matchesAt(position, 0) === matchesAt(partner, 1)) matchesAt(position, 0).push(one);
  }
}

/** Disjoint sets of positions (union by halving paths). */
function rowFinder(size: number): {
  readonly find: (at: number) => number;
  readonly join: (a: number, b: number) => void;
} {
  const parent = Int32Array.from({ length: size }, (_, index) => index);
  const find = (at: number): number => {
    let root = at;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  };
  return {
    find,
    join: (a, b) => {
      parent[find(b)] = find(a);
    },
  };
}

function inOrder(groups: readonly LayerGroup[], baseLayers: number): readonly LayerGroup[] {
  const groupAt = new Map(groups.flatMap((group) => group.base.map((position) => [position, group] as const)));
  const place = new Map<LayerGroup, number>();
  let last = -1;
  for (let position = 0; position < baseLayers; position += 1) {
    const group = groupAt.get(position)!;
    if (group.head.length > 0) last = group.head[0]!;
    else if (!place.has(group)) place.set(group, last);
  }
  for (const group of groups) if (group.head.length > 0) place.set(group, group.head[0]!);
  return groups.toSorted(
    (a, b) =>
      place.get(a)! - place.get(b)! ||
      Number(a.head.length === 0) - Number(b.head.length === 0) ||
      (a.base[0] ?? 0) - (b.base[0] ?? 0),
  );
}
