/**
 * Gives every call of a local function its own copy of the function's body, as a graph attribute of the calling node.
 * The copy reads and writes the call's tensors directly and its other tensors carry the call's id, so the body is a
 * part of the scope around it: it has no inputs.
 */
import { bodiesOf, mapBodies } from '../ir/bodies.ts';
import type { FunctionDefinition, Graph, Model, Node } from '../ir/graph.ts';
import { renameKeys, renameNode } from './rename.ts';
import type { Renaming } from './rename.ts';

/** No attribute of a valid file has a space in its name. */
const bodyAttribute = 'function body';

/** Calls nest at most this deep, and grow to this many nodes and characters; calls beyond stay unknown operators. */
const maximumDepth = 32;
const maximumNodes = 20_000;
const maximumCharacters = 33_554_432;

interface Expansion {
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  /** Nodes, and characters of names, that may still be made. */
  nodesLeft: number;
  charactersLeft: number;
  readonly sizes: Map<FunctionDefinition, Size>;
}

/** Of a function's names: how many there are, and how long they are together. */
interface Size {
  readonly names: number;
  readonly characters: number;
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
  const left = { nodesLeft: maximumNodes, charactersLeft: maximumCharacters };
  const expansion: Expansion = { functions, ...left, sizes: new Map() };
  return expandGraph(model.graph, expansion, 0);
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
  if (definition === undefined || depth >= maximumDepth || !charge(definition, node, expansion)) return inner;
  const body = expandGraph(instantiate(definition, node), expansion, depth + 1);
  return { ...inner, attributes: new Map([...inner.attributes, [bodyAttribute, { kind: 'graph', value: body }]]) };
}

/** False where the copy that this call needs would be one too many. */
function charge(definition: FunctionDefinition, call: Node, expansion: Expansion): boolean {
  const size = expansion.sizes.get(definition) ?? sizeOf(definition);
  expansion.sizes.set(definition, size);
  const characters = size.characters + size.names * call.id.length;
  if (expansion.nodesLeft < definition.nodes.length || expansion.charactersLeft < characters) return false;
  expansion.nodesLeft -= definition.nodes.length;
  expansion.charactersLeft -= characters;
  return true;
}

function sizeOf({ nodes, tensors }: Pick<FunctionDefinition, 'nodes' | 'tensors'>): Size {
  let names = 0;
  let characters = 0;
  const add = (list: Iterable<string>): void => {
    for (const name of list) {
      names += 1;
      characters += name.length;
    }
  };
  add(tensors.keys());
  for (const node of nodes) {
    for (const list of [[node.id], node.inputs, node.outputs, node.sources]) add(list);
    for (const [, body] of bodiesOf(node)) {
      const inner = sizeOf(body);
      names += inner.names;
      characters += inner.characters;
    }
  }
  return { names, characters };
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
