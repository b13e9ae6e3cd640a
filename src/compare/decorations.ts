/** Quantize, dequantize and identity nodes belong to a layer beside them: the first that reads them, else the one they read. */
import type { Graph, Node } from '../ir/graph.ts';
import { isDecoration } from './operator-families.ts';

/** Decoration to the node that it belongs to; a decoration beside no other node is left out and stays a node. */
export function decorationOwners(graph: Graph): ReadonlyMap<Node, Node> {
  const producers = new Map<string, Node>();
  const readers = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) producers.set(name, node);
    for (const name of node.inputs) if (!readers.has(name)) readers.set(name, node);
  }
  const owners = new Map<Node, Node>();
  const adopt = (node: Node, neighbour: Node | undefined): void => {
    if (neighbour === undefined) return;
    const owner = isDecoration(neighbour) ? owners.get(neighbour) : neighbour;
    if (owner !== undefined) owners.set(node, owner);
  };
  const decorations = graph.nodes.filter(isDecoration);
  for (const node of decorations.toReversed()) adopt(node, readers.get(node.outputs[0] ?? ''));
  for (const node of decorations) if (!owners.has(node)) adopt(node, producers.get(node.inputs[0] ?? ''));
  return owners;
}

/** Tensor to the one that it is made of, as if the decorations were not there. */
export function undecorated(graph: Graph, owners: ReadonlyMap<Node, Node>): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const node of graph.nodes) {
    const [input, output] = [node.inputs[0] ?? '', node.outputs[0] ?? ''];
    if (owners.has(node) && input !== '' && output !== '') aliases.set(output, aliases.get(input) ?? input);
  }
  return aliases;
}
