/**
 * Gives every call of a local function its own copy of the function's body, as a graph attribute of the calling node.
 * The copy reads and writes the call's tensors directly and its other tensors carry the call's id, so the body is a
 * part of the scope around it: it has no inputs.
 */
import { mapBodies } from '../ir/bodies.ts';
import type { FunctionDefinition, Graph, Model, Node } from '../ir/graph.ts';
import { renameKeys, renameNode } from './rename.ts';
import type { Renaming } from './rename.ts';

/** No attribute of a valid file has a space in its name. */
const bodyAttribute = 'function body';

/** Calls nest at most this deep, and a model grows to at most this many nodes; calls beyond stay unknown operators. */
const maximumDepth = 32;
const maximumNodes = 50_000;

interface Expansion {
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  /** Nodes that may still be made. */
  budget: number;
}

/** The body that `expandFunctions` gave to a calling node. */
export function functionBodyOf(node: Node): Graph | undefined {
  const attribute = node.attributes.get(bodyAttribute);
  return attribute?.kind === 'graph' ? attribute.value : undefined;
}

export function expandFunctions(model: Model): Graph {
  const functions = new Map(
    model.functions.map((definition) => [keyOf(definition.domain, definition.name, definition.overload), definition]),
  );
  if (functions.size === 0) return model.graph;
  return expandGraph(model.graph, { functions, budget: maximumNodes }, 0);
}

function keyOf(domain: string, name: string, overload = ''): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}

function expandGraph(graph: Graph, expansion: Expansion, depth: number): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => expandNode(node, expansion, depth)) };
}

function expandNode(node: Node, expansion: Expansion, depth: number): Node {
  const inner = mapBodies(withoutBody(node), (body) => expandGraph(body, expansion, depth));
  const definition = expansion.functions.get(keyOf(node.domain, node.operator, node.overload));
  if (definition === undefined || depth >= maximumDepth || expansion.budget < definition.nodes.length) return inner;
  expansion.budget -= definition.nodes.length;
  const body = expandGraph(instantiate(definition, node), expansion, depth + 1);
  return { ...inner, attributes: new Map([...inner.attributes, [bodyAttribute, { kind: 'graph', value: body }]]) };
}

/** A model that was inferred before brings the bodies of its calls along. */
function withoutBody(node: Node): Node {
  if (!node.attributes.has(bodyAttribute)) return node;
  return { ...node, attributes: new Map([...node.attributes].filter(([name]) => name !== bodyAttribute)) };
}

function instantiate(definition: FunctionDefinition, call: Node): Graph {
  const names = new Map<string, string>();
  definition.inputs.forEach((name, position) => names.set(name, call.inputs[position] ?? ''));
  const passedOn = definition.outputs.map((name) => names.get(name));
  definition.outputs.forEach((name, position) => {
    if (!names.has(name)) names.set(name, call.outputs[position] ?? `${call.id}/${name}`);
  });
  const attributes = new Map([...definition.attributeDefaults, ...call.attributes]);
  const prefix = `${call.id}/`;
  const renaming: Renaming = {
    name: (name) => names.get(name) ?? `${prefix}${name}`,
    id: (id) => `${prefix}${id}`,
    attributes,
  };
  const nodes = definition.nodes.map((node) => renameNode(node, renaming));
  const copies = passedOn.flatMap((name, position) => {
    const output = call.outputs[position] ?? '';
    return name === undefined || output === '' ? [] : [identity(call, name, output)];
  });
  return {
    name: definition.name,
    inputs: [],
    outputs: call.outputs,
    nodes: [...nodes, ...copies],
    initializers: new Map(),
    tensors: renameKeys(definition.tensors, renaming),
    values: new Map(),
  };
}

/** For a function that passes an input on as an output. */
function identity(call: Node, input: string, output: string): Node {
  const id = `${call.id}/${output}`;
  return {
    ...call,
    id,
    name: '',
    operator: 'Identity',
    domain: '',
    inputs: [input],
    outputs: [output],
    attributes: new Map(),
    sources: [],
  };
}
