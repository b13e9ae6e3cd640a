/** Which of the file's constants stand behind a tensor that is computed from constants alone. */
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { isFloat, isQuantizedInteger } from '../ir/data-type.ts';
import { tensorAttribute } from '../operators/attribute.ts';
import { findOperator } from '../operators/index.ts';

export interface Origin {
  /** Those that reach the tensor as data, not as a scale, an axis or a shape. */
  readonly data: readonly Initializer[];
  /** What compressed data cannot be read without: masks, tables, scales. None of them is in `data`. */
  readonly storage: readonly Initializer[];
}

export type Origins = (name: string) => Origin;

const noOrigin: Origin = { data: [], storage: [] };

/** More than this are not told apart: a hostile file must not make the lists grow with its square. */
const maximumOrigins = 256;

/** The file's initializers and constants behind each constant tensor. Nodes must be in dependency order. */
export function originsIn(graph: Graph, outer: Origins = () => noOrigin): Origins {
  const origins = new Map<string, Origin>();
  const lookUp: Origins = (name) => origins.get(name) ?? originOfConstant(name, graph) ?? outer(name);
  for (const node of graph.nodes) {
    if (!node.outputs.some((name) => graph.constants?.has(name) === true)) continue;
    const behind = originsOfNode(node, lookUp);
    for (const name of node.outputs) origins.set(name, behind);
  }
  return lookUp;
}

/** Made when it is asked for: most constants have one reader, and large models have a hundred thousand. */
function originOfConstant(name: string, { initializers }: Graph): Origin | undefined {
  const initializer = initializers.get(name);
  if (initializer === undefined) return undefined;
  const folded = initializer.foldedFrom?.flatMap((from) => initializers.get(from) ?? []);
  return { data: folded ?? [initializer], storage: [] };
}

function originsOfNode(node: Node, lookUp: Origins): Origin {
  const held = tensorAttribute(node, 'value');
  if (node.operator === 'Constant' && node.domain === '' && held !== undefined) return { data: [held], storage: [] };
  const beside = storageNames(node).map(lookUp);
  const data = unite(dataNames(node).map(lookUp));
  if (beside.length === 0) return data;
  return unite([data, ...beside.map((origin) => ({ data: [], storage: [...origin.data, ...origin.storage] }))]);
}

function unite(all: readonly Origin[]): Origin {
  const filled = all.filter(({ data, storage }) => data.length + storage.length > 0);
  if (filled.length <= 1) return filled[0] ?? noOrigin;
  const data = new Set(filled.flatMap((origin) => origin.data));
  const storage = new Set(filled.flatMap((origin) => origin.storage));
  return {
    data: [...data].slice(0, maximumOrigins),
    storage: [...storage].filter((each) => !data.has(each)).slice(0, maximumOrigins),
  };
}

/** Names of the inputs that are parameters when constant: weights, biases, tables. */
function parameterNames(node: Node): readonly string[] {
  const positions = findOperator(node.domain, node.operator)?.parameterInputs ?? [];
  return namesAt(node, positions);
}

/** Inputs of a constant node that its result is made of: its parameters and what it applies them to. */
function dataNames(node: Node): readonly string[] {
  const positions = findOperator(node.domain, node.operator)?.parameterInputs ?? 'all';
  return namesAt(node, positions === 'all' ? positions : [...new Set([0, ...positions])]);
}

function storageNames(node: Node): readonly string[] {
  const positions = findOperator(node.domain, node.operator)?.storageInputs ?? [];
  return namesAt(node, typeof positions === 'function' ? positions(node) : positions);
}

function namesAt(node: Node, positions: readonly number[] | 'all'): readonly string[] {
  const names = positions === 'all' ? node.inputs : positions.flatMap((position) => node.inputs[position] ?? []);
  return names.filter((name) => name !== '');
}

/**
 * The file's initializers that the node uses as parameters: weights, biases and tables, float or quantized, and what
 * they are stored with. Each stands once, though several nodes may share it.
 */
export function parametersOf(node: Node, origins: Origins): Origin {
  const { data, storage } = unite(parameterNames(node).map(origins));
  const beside = storageNames(node).flatMap((name) => origins(name).data);
  return {
    data: [...new Set(data)].filter(({ dtype }) => isFloat(dtype) || isQuantizedInteger(dtype) || dtype === 'int32'),
    storage: beside.length === 0 ? storage : [...new Set([...storage, ...beside])],
  };
}
