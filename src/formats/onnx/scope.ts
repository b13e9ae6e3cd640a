/** Which node needs which: duplicate and missing tensors, and the order of nodes. */
import { UserError } from '../../errors.ts';
import { hasBodies } from '../../ir/bodies.ts';
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import { quote } from '../protobuf.ts';

/** Where tensors of one graph or function come from. */
export interface Scope {
  readonly inputs: readonly string[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  readonly nodes: readonly Node[];
}

/**
 * The nodes with each behind those it needs; nodes that are in such an order already stay as they are.
 * @throws UserError when a tensor is defined twice or nodes need one another in a circle.
 */
export function orderNodes({ inputs, initializers, nodes }: Scope, path: string): readonly Node[] {
  const producers = new Map<string, number>();
  const given = new Set<string>(initializers.keys());
  for (const input of inputs) {
    if (given.has(input)) throw new UserError(`${path}: input ${quote(input)} is declared twice`);
    given.add(input);
  }
  for (const [index, node] of nodes.entries()) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producers.has(output) || given.has(output)) {
        throw new UserError(`${path}: node ${quote(node.id)} defines tensor ${quote(output)} a second time`);
      }
      producers.set(output, index);
    }
  }
  const isSorted = nodes.every((node, index) => reads(node, (name) => (producers.get(name) ?? -1) < index));
  if (isSorted) return nodes;
  const needs = nodes.map((node) => neededNodes(node, producers));
  return sortNodes(nodes, needs, path);
}

/** Whether `isFine` says so of all that the node reads, in its bodies too. */
function reads(node: Node, isFine: (name: string) => boolean): boolean {
  if (hasBodies(node)) return [...tensorsRead(node)].every(isFine);
  return node.inputs.every((name) => name === '' || isFine(name));
}

/**
 * Every tensor that a node or its bodies read must be defined where the node stands.
 * @throws UserError naming node and tensor.
 */
export function checkDefined(scope: Scope & { readonly outputs: readonly string[] }, path: string): void {
  const defined = new Set([...scope.inputs, ...scope.initializers.keys()]);
  for (const { outputs } of scope.nodes) for (const name of outputs) defined.add(name);
  for (const node of scope.nodes) {
    reads(node, (name) => {
      if (defined.has(name)) return true;
      throw new UserError(`${path}: node ${quote(node.id)} reads tensor ${quote(name)}, which nothing defines`);
    });
  }
  const missing = scope.outputs.find((name) => !defined.has(name));
  if (missing !== undefined) throw new UserError(`${path}: nothing defines the output ${quote(missing)}`);
}

function neededNodes(node: Node, producers: ReadonlyMap<string, number>): number[] {
  return [...tensorsRead(node)].flatMap((name) => producers.get(name) ?? []);
}

/** The node's inputs and what its bodies read from the graph around them. */
function tensorsRead(node: Node): Set<string> {
  const names = new Set(node.inputs);
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'graph') addCaptured(attribute.value, names);
    else if (attribute.kind === 'graphs') for (const graph of attribute.values) addCaptured(graph, names);
  }
  names.delete('');
  return names;
}

/** Recursion ends with the nesting that the wire reader allows. */
function addCaptured(graph: Graph, names: Set<string>): void {
  const own = new Set([...graph.inputs, ...graph.initializers.keys(), ...graph.nodes.flatMap((node) => node.outputs)]);
  for (const node of graph.nodes) for (const name of tensorsRead(node)) if (!own.has(name)) names.add(name);
  for (const name of graph.outputs) if (!own.has(name)) names.add(name);
}

/** Depth first in file order, without recursion: a node is placed once all that it needs are. */
function sortNodes(nodes: readonly Node[], needs: readonly (readonly number[])[], path: string): readonly Node[] {
  const sorted: Node[] = [];
  const state = new Uint8Array(nodes.length);
  const [waiting, placed] = [1, 2];
  const nextNeed = new Uint32Array(nodes.length);
  for (const first of nodes.keys()) {
    const stack = state[first] === placed ? [] : [first];
    while (stack.length > 0) {
      const index = stack.at(-1)!;
      state[index] = waiting;
      const needed = needs[index]![nextNeed[index]!];
      nextNeed[index]! += 1;
      if (needed === undefined) {
        state[index] = placed;
        sorted.push(nodes[index]!);
        stack.pop();
      } else if (state[needed] === waiting) {
        throw new UserError(`${path}: node ${quote(nodes[needed]!.id)} needs its own output: the graph has a cycle`);
      } else if (state[needed] !== placed) {
        stack.push(needed);
      }
    }
  }
  return sorted;
}
