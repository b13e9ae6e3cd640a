/** Pipelines: models one after the other, whose outputs are the inputs of those behind them by name. */
import type { Attribute, Graph, Initializer, Node } from '../../ir/graph.ts';
import { closeDraft, openDraft, type Reading } from './building.ts';
import type { Description } from './description.ts';

/** A part as read on its own. */
export interface PipelinePart {
  readonly name: string;
  readonly graph: Graph;
}

/** One graph of all parts. Features keep their names; what is inside of a part has the part's in front. */
export function joinParts(parts: readonly PipelinePart[], description: Description, reading: Reading): Graph {
  const draft = openDraft(reading);
  const features = new Map(description.inputs.map(({ name }) => [name, name]));
  for (const { name, type } of description.inputs) draft.tensors.set(name, type);
  for (const { name, graph } of parts) {
    const interior = partNames(name, graph, features);
    for (const node of graph.nodes) draft.nodes.push(renameNode(node, interior));
    for (const [tensor, initializer] of graph.initializers) {
      draft.initializers.set(interior(tensor), renameInitializer(initializer, interior));
    }
    for (const [tensor, type] of graph.tensors) {
      if (!draft.tensors.has(interior(tensor))) draft.tensors.set(interior(tensor), type);
    }
    for (const output of graph.outputs) features.set(output, interior(output));
  }
  const inputs = description.inputs.map(({ name }) => name);
  const outputs = description.outputs.flatMap(({ name }) => features.get(name) ?? []);
  return closeDraft(draft, inputs, outputs);
}

type Rename = (tensor: string) => string;

/** A part may give out a feature under the name of one that is there already: then it is not the same tensor. */
function partNames(part: string, graph: Graph, features: ReadonlyMap<string, string>): Rename {
  const inputs = new Set(graph.inputs);
  const taken = new Map(features);
  const outputs = new Set(graph.outputs);
  return (tensor) => {
    if (tensor === '') return '';
    if (inputs.has(tensor)) return taken.get(tensor) ?? tensor;
    if (outputs.has(tensor) && !taken.has(tensor)) return tensor;
    return `${part}/${tensor}`;
  };
}

function renameNode(node: Node, rename: Rename): Node {
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: new Map([...node.attributes].map(([name, attribute]) => [name, renameAttribute(attribute, rename)])),
  };
}

function renameAttribute(attribute: Attribute, rename: Rename): Attribute {
  if (attribute.kind !== 'graph') return attribute;
  return { kind: 'graph', value: renameGraph(attribute.value, rename) };
}

function renameGraph(graph: Graph, rename: Rename): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map(rename),
    outputs: graph.outputs.map(rename),
    nodes: graph.nodes.map((node) => renameNode(node, rename)),
    initializers: new Map(
      [...graph.initializers].map(([name, each]) => [rename(name), renameInitializer(each, rename)]),
    ),
    tensors: new Map([...graph.tensors].map(([name, type]) => [rename(name), type])),
  };
}

function renameInitializer(initializer: Initializer, rename: Rename): Initializer {
  return { ...initializer, name: rename(initializer.name) };
}
