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
    for (const name of node.inputs) waiting.push(...(producers.get(name) === undefined ? [] : [producers.get(name)!]));
  }
  const dead = new Set(graph.nodes.filter((node) => !live.has(node)));
  const alive = dropNodes(graph, dead, 'producer');
  return { ...alive, initializers: usedInitializers(alive) };
}

/** The initializers that are read, and those that a folded one came from. */
function usedInitializers(graph: Graph): ReadonlyMap<string, Initializer> {
  const used = new Set(graph.outputs);
  for (const { inputs } of graph.nodes) for (const name of inputs) used.add(name);
  for (const name of [...used]) for (const from of graph.initializers.get(name)?.foldedFrom ?? []) used.add(from);
  const kept = new Map<string, Initializer>();
  for (const [name, constant] of graph.initializers) if (used.has(name)) kept.set(name, constant);
  return kept.size === graph.initializers.size ? graph.initializers : kept;
}
