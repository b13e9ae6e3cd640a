/** The graphs inside of nodes: branches, loop bodies, functions as called. */
import type { Attribute, Graph, Node } from './graph.ts';

type Bodies = readonly (readonly [attribute: string, body: Graph])[];

/** Nearly every node has none, and all of them are asked again and again. */
const none: Bodies = [];

export function hasBodies({ attributes }: Node): boolean {
  if (attributes.size === 0) return false;
  for (const { kind } of attributes.values()) if (kind === 'graph' || kind === 'graphs') return true;
  return false;
}

/** The graphs in a node's attributes, with the attribute's name. */
export function bodiesOf(node: Node): Bodies {
  if (!hasBodies(node)) return none;
  const bodies: [string, Graph][] = [];
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === 'graph') bodies.push([name, attribute.value]);
    if (attribute.kind === 'graphs') bodies.push(...attribute.values.map((body): [string, Graph] => [name, body]));
  }
  return bodies;
}

/** The node with each of its bodies replaced. */
export function mapBodies(node: Node, change: (body: Graph) => Graph): Node {
  if (!hasBodies(node)) return node;
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
  if (!graph.nodes.some(hasBodies)) return graph.nodes;
  return graph.nodes.flatMap((node) => [node, ...bodiesOf(node).flatMap(([, body]) => allNodes(body))]);
}
