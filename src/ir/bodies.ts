/** The graphs inside of nodes: branches, loop bodies, functions as called. */
import type { Attribute, Graph, Node } from './graph.ts';

/** The graphs in a node's attributes, with the attribute's name. */
export function bodiesOf(node: Node): readonly (readonly [attribute: string, body: Graph])[] {
  const bodies: [string, Graph][] = [];
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === 'graph') bodies.push([name, attribute.value]);
    if (attribute.kind === 'graphs') bodies.push(...attribute.values.map((body): [string, Graph] => [name, body]));
  }
  return bodies;
}

/** The node with each of its bodies replaced. */
export function mapBodies(node: Node, change: (body: Graph) => Graph): Node {
  if (bodiesOf(node).length === 0) return node;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === 'graph') attributes.set(name, { kind: 'graph', value: change(attribute.value) });
    else if (attribute.kind === 'graphs')
      attributes.set(name, { kind: 'graphs', values: attribute.values.map(change) });
    else attributes.set(name, attribute);
  }
  return { ...node, attributes };
}

/** All nodes of a graph and of its bodies: each node, then its bodies' nodes. */
export function allNodes(graph: Graph): readonly Node[] {
  return graph.nodes.flatMap((node) => [node, ...bodiesOf(node).flatMap(([, body]) => allNodes(body))]);
}
