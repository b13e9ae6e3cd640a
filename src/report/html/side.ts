/** A version of a model as the page's worker has it: what it was compiled from, and nothing of who exported it where. */
import { mapBodies } from '../../ir/bodies.ts';
import type { Graph, Model, Node } from '../../ir/graph.ts';
import type { PreparedModel } from '../../passes/prepared.ts';

/** Metadata of nodes and of the file holds doc strings, stack traces and paths of the machine that exported it. */
export function withoutMetadata(prepared: PreparedModel): PreparedModel {
  return { ...prepared, model: modelWithout(prepared.model), graph: graphWithout(prepared.graph) };
}

const nothing: ReadonlyMap<string, string> = new Map();

function modelWithout(model: Model): Model {
  return {
    ...model,
    graph: graphWithout(model.graph),
    functions: model.functions.map((one) => ({ ...one, nodes: one.nodes.map(nodeWithout) })),
    metadata: nothing,
  };
}

function graphWithout(graph: Graph): Graph {
  return { ...graph, nodes: graph.nodes.map(nodeWithout) };
}

function nodeWithout(node: Node): Node {
  const plain = node.metadata.size === 0 ? node : { ...node, metadata: nothing };
  return mapBodies(plain, graphWithout);
}
