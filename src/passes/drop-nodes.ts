/** Takes nodes out of a flat graph and gives their ids to a neighbour, so that every node of the file stays in one. */
import type { Graph, Node } from '../ir/graph.ts';

/** Which neighbour a dropped node's ids go to where there is a choice. */
export type Heir = 'producer' | 'consumer';

/** Passes and edits in a row ask the same of one graph; larger ones are not held twice. */
const mostRemembered = 10_000;

function rememberedFor<T>(find: (nodes: readonly Node[]) => T): (nodes: readonly Node[]) => T {
  const known = new WeakMap<readonly Node[], T>();
  return (nodes) => {
    const found = known.get(nodes) ?? find(nodes);
    if (nodes.length <= mostRemembered) known.set(nodes, found);
    return found;
  };
}

/** By tensor name. The nodes of a flat graph make each tensor once. */
export const producersOf = rememberedFor(findProducers);

/** By tensor name, in node order; a node that reads a tensor twice stands once. */
export const consumersOf = rememberedFor(findConsumers);

function findProducers(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of nodes) for (const name of node.outputs) if (name !== '') producers.set(name, node);
  return producers;
}

function findConsumers(nodes: readonly Node[]): ReadonlyMap<string, readonly Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const name of node.inputs) {
      if (name === '') continue;
      const readers = consumers.get(name);
      if (readers === undefined) consumers.set(name, [node]);
      else if (readers.at(-1) !== node) readers.push(node);
    }
  }
  return consumers;
}

/**
 * The graph without these nodes; `renamed` says which tensor readers take in place of one that is no longer made.
 * Ids go to the nearest node that stays: the preferred neighbour, else the other, else the first of the graph.
 */
export function dropNodes(
  graph: Graph,
  dropped: ReadonlySet<Node>,
  heir: Heir,
  renamed: ReadonlyMap<string, string> = new Map(),
): Graph {
  if (dropped.size === 0 && renamed.size === 0) return graph;
  const inherited = inherit(graph.nodes, dropped, heir);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    if (dropped.has(node)) return [];
    const ids = inherited.get(node);
    const isRenamed = renamed.size > 0 && node.inputs.some((name) => renamed.has(name));
    // A node that stays as it is stays the same record: what is remembered of it holds.
    if (ids === undefined && !isRenamed) return [node];
    const inputs = isRenamed ? node.inputs.map((name) => follow(name, renamed)) : node.inputs;
    return [{ ...node, inputs, sources: ids === undefined ? node.sources : [...node.sources, ...ids] }];
  });
  return { ...graph, nodes, outputs: graph.outputs.map((name) => follow(name, renamed)) };
}

/** The tensor that a chain of renamings ends in. */
export function follow(name: string, renamed: ReadonlyMap<string, string>): string {
  let current = name;
  for (let steps = 0; steps <= renamed.size; steps++) {
    const next = renamed.get(current);
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

function inherit(nodes: readonly Node[], dropped: ReadonlySet<Node>, heir: Heir): ReadonlyMap<Node, readonly string[]> {
  const [neighbours, others] = heir === 'consumer' ? [readersBehind, makersBefore] : [makersBefore, readersBehind];
  const preferred = neighbours(nodes, dropped);
  let second: ReadonlyMap<Node, Node> | undefined;
  const first = nodes.find((node) => !dropped.has(node));
  const inherited = new Map<Node, string[]>();
  for (const node of dropped) {
    const to = preferred.get(node) ?? (second ??= others(nodes, dropped)).get(node) ?? first;
    if (to === undefined) continue;
    const ids = inherited.get(to);
    if (ids === undefined) inherited.set(to, [...node.sources]);
    else ids.push(...node.sources);
  }
  return inherited;
}

/** For each of `gone` the nearest node behind it that is not one of them; none where nothing reads it. */
export function readersBehind(nodes: readonly Node[], gone: ReadonlySet<Node>): ReadonlyMap<Node, Node> {
  const readers = consumersOf(nodes);
  return nearest(nodes.toReversed(), gone, ({ outputs }) => outputs.flatMap((name) => readers.get(name) ?? []));
}

/** The same in front of it. */
function makersBefore(nodes: readonly Node[], gone: ReadonlySet<Node>): ReadonlyMap<Node, Node> {
  const makers = producersOf(nodes);
  return nearest(nodes, gone, ({ inputs }) => inputs.flatMap((name) => makers.get(name) ?? []));
}

/** For each dropped node the nearest that stays, found in one walk: a node's neighbours come before it in `order`. */
function nearest(
  order: readonly Node[],
  dropped: ReadonlySet<Node>,
  neighbours: (node: Node) => readonly Node[],
): ReadonlyMap<Node, Node> {
  const found = new Map<Node, Node>();
  for (const node of order) {
    if (!dropped.has(node)) continue;
    for (const neighbour of neighbours(node)) {
      const target = dropped.has(neighbour) ? found.get(neighbour) : neighbour;
      if (target !== undefined) {
        found.set(node, target);
        break;
      }
    }
  }
  return found;
}
