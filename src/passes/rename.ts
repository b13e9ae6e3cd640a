/** Hygienic copies of graphs: other tensor names and node ids, references to a call's attributes filled in. */
import type { Attribute, Attributes, Graph, Node } from '../ir/graph.ts';

export interface Renaming {
  /** Of a tensor; never asked for the empty name. */
  readonly name: (name: string) => string;
  readonly id: (id: string) => string;
  /** Of the call around, for nodes that refer to them. */
  readonly attributes: Attributes;
}

function rename(name: string, renaming: Renaming): string {
  return name === '' ? '' : renaming.name(name);
}

export function renameKeys<T>(map: ReadonlyMap<string, T>, renaming: Renaming): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [rename(name, renaming), value]));
}

export function renameNode(node: Node, renaming: Renaming): Node {
  const id = renaming.id(node.id);
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const bound = attribute.kind === 'reference' ? renaming.attributes.get(attribute.name) : attribute;
    // What the call passed in speaks the names of the scope around the call already.
    if (bound !== undefined) attributes.set(name, attribute === bound ? renameBodies(bound, renaming) : bound);
  }
  return {
    ...node,
    id,
    inputs: node.inputs.map((name) => rename(name, renaming)),
    outputs: node.outputs.map((name) => rename(name, renaming)),
    attributes,
    sources: node.sources.map(renaming.id),
  };
}

function renameBodies(attribute: Attribute, renaming: Renaming): Attribute {
  if (attribute.kind === 'graph') return { kind: 'graph', value: renameGraph(attribute.value, renaming) };
  if (attribute.kind !== 'graphs') return attribute;
  return { ...attribute, values: attribute.values.map((body) => renameGraph(body, renaming)) };
}

export function renameGraph(graph: Graph, renaming: Renaming): Graph {
  const initializers = [...graph.initializers].map(([name, initializer]) => {
    const renamed = rename(name, renaming);
    return [renamed, { ...initializer, name: renamed }] as const;
  });
  return {
    ...graph,
    inputs: graph.inputs.map((name) => rename(name, renaming)),
    outputs: graph.outputs.map((name) => rename(name, renaming)),
    nodes: graph.nodes.map((node) => renameNode(node, renaming)),
    initializers: new Map(initializers),
    tensors: renameKeys(graph.tensors, renaming),
    values: renameKeys(graph.values, renaming),
  };
}
