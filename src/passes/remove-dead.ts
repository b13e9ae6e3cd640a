/** Nodes whose results nobody reads do not run; their ids go to the node that they read from. */
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { dropNodes, producersOf } from './drop-nodes.ts';

export function removeDead(graph: Graph): Graph {
  const producers = producersOf(graph.nodes);
  const live = new Set<Node>();
  const waiting = graph.outputs.flatMap((name) => producers.get(name) ?? []);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const name of node.inputs) {
      const producer = producers.get(name);
      if (producer !== undefined && !live.has(producer)) waiting.push(producer);
    }
  }
  const dead = new Set(live.size === graph.nodes.length ? [] : graph.nodes.filter((node) => !live.has(node)));
  const alive = dropNodes(graph, dead, 'producer');
  return { ...alive, initializers: usedInitializers(alive) };
}

/** The initializers that are read, and those that a folded one came from. */
function usedInitializers(graph: Graph): ReadonlyMap<string, Initializer> {
  const { nodes, outputs, initializers } = graph;
  const used = new Set<string>();
  const use = (name: string) => {
    const constant = initializers.get(name);
    if (constant === undefined) return;
    used.add(name);
    for (const from of constant.foldedFrom ?? []) if (initializers.has(from)) used.add(from);
  };
  for (const name of outputs) use(name);
  for (const { inputs } of nodes) for (const name of inputs) use(name);
  if (used.size === initializers.size) return initializers;
  const kept = new Map<string, Initializer>();
  initializers.forEach((constant, name) => {
    if (used.has(name)) kept.set(name, constant);
  });
  return kept;
}
