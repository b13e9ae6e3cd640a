/** Which of the file's constants stand behind a tensor that is computed from constants alone. */
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { isFloat, isQuantizedInteger } from '../ir/data-type.ts';
import { tensorAttribute } from '../operators/attribute.ts';
import { findOperator } from '../operators/index.ts';

export type Origins = (name: string) => readonly Initializer[];

/** More than this are not told apart: a hostile file must not make the lists grow with its square. */
const maximumOrigins = 256;

/**
 * The file's initializers and constants behind each constant tensor: those that reach it as data, not as a scale, an
 * axis or a shape. Nodes must be in dependency order.
 */
export function originsIn(graph: Graph, outer: Origins = () => []): Origins {
  const origins = new Map<string, readonly Initializer[]>();
  const lookUp: Origins = (name) => origins.get(name) ?? outer(name);
  for (const [name, initializer] of graph.initializers) {
    const folded = initializer.foldedFrom?.flatMap((from) => graph.initializers.get(from) ?? []);
    origins.set(name, folded ?? [initializer]);
  }
  for (const node of graph.nodes) {
    if (!node.outputs.some((name) => graph.constants?.has(name) === true)) continue;
    const behind = originsOfNode(node, lookUp);
    for (const name of node.outputs) origins.set(name, behind);
  }
  return lookUp;
}

function originsOfNode(node: Node, lookUp: Origins): readonly Initializer[] {
  const held = tensorAttribute(node, 'value');
  if (node.operator === 'Constant' && node.domain === '' && held !== undefined) return [held];
  return unite(dataNames(node).map(lookUp));
}

function unite(lists: readonly (readonly Initializer[])[]): readonly Initializer[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return filled[0] ?? [];
  return [...new Set(filled.flat())].slice(0, maximumOrigins);
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

function namesAt(node: Node, positions: readonly number[] | 'all'): readonly string[] {
  const names = positions === 'all' ? node.inputs : positions.flatMap((position) => node.inputs[position] ?? []);
  return names.filter((name) => name !== '');
}

/**
 * The file's initializers that the node uses as parameters: weights, biases and tables, float or quantized. Each stands
 * once, though several nodes may share it.
 */
export function parametersOf(node: Node, origins: Origins): readonly Initializer[] {
  const found = new Set(parameterNames(node).flatMap(origins));
  return [...found].filter(({ dtype }) => isFloat(dtype) || isQuantizedInteger(dtype) || dtype === 'int32');
}
