/** Weights of a graph replaced by others of the same shape, each once however many nodes use it. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import { nothingOf, type EditedGraph, type EditedWeight, type EditScope, type NotApplied } from '../optimization.ts';
import { weightOperands, type WeightOperand } from './operands.ts';

/** What a weight becomes: its new name is given. */
export type Replacement = Pick<EditedWeight, 'to' | 'change' | 'storage'>;

export interface Replacing {
  /** Why the operand of this node stays as it is; undefined where it can be replaced. */
  readonly refuses: (operand: WeightOperand) => string | undefined;
  readonly replace: (operand: WeightOperand, name: string) => Replacement;
  /** Behind the name of a weight that others use too. */
  readonly suffix: string;
}

interface Use {
  readonly node: Node;
  readonly operand: WeightOperand;
}

/** Nodes without constant weights are not mentioned. */
export function replaceWeights(graph: Graph, { selects }: EditScope, replacing: Replacing): EditedGraph {
  const notApplied: NotApplied[] = [];
  const uses = new Map<string, Use[]>();
  for (const node of graph.nodes) {
    const operands = weightOperands(node, graph);
    if (operands.length === 0 || !selects(node)) continue;
    const reasons = operands.map(replacing.refuses);
    if (reasons.every((reason) => reason !== undefined)) notApplied.push({ node: node.id, reason: reasons[0]! });
    for (const [index, operand] of operands.entries()) {
      if (reasons[index] !== undefined) continue;
      const { name } = operand.weight;
      uses.set(name, [...(uses.get(name) ?? []), { node, operand }]);
    }
  }
  const names = newNames(graph, uses, replacing.suffix);
  const weights = [...uses].map(([name, [first]]): EditedWeight => {
    const { node, operand } = first!;
    return { node: node.id, from: operand.weight, ...replacing.replace(operand, names.get(name)!) };
  });
  return {
    graph: withWeights(graph, weights, renamed(uses, names)),
    weights,
    touched: [...new Set([...uses.values()].flat().map(({ node }) => node.id))],
    notApplied,
    added: nothingOf,
    removed: nothingOf,
  };
}

/** The old name where nobody else reads it. */
function newNames(
  graph: Graph,
  uses: ReadonlyMap<string, readonly Use[]>,
  suffix: string,
): ReadonlyMap<string, string> {
  const readers = new Map<string, number>();
  for (const name of [...graph.outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)]) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  for (const [name, users] of uses) {
    let free = name;
    if (readers.get(name) !== users.length) {
      for (let count = 1; graph.tensors.has(free) || graph.initializers.has(free); count += 1) {
        free = `${name}/${suffix}${count === 1 ? '' : count}`;
      }
    }
    names.set(name, free);
  }
  return names;
}

/** New inputs by node. */
function renamed(
  uses: ReadonlyMap<string, readonly Use[]>,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<Node, readonly string[]> {
  const inputs = new Map<Node, readonly string[]>();
  for (const [name, users] of uses) {
    for (const { node, operand } of users) {
      inputs.set(node, (inputs.get(node) ?? node.inputs).with(operand.position, names.get(name)!));
    }
  }
  return inputs;
}

/** The same record where the names are: what is remembered of it holds. */
function withInputs(node: Node, inputs: readonly string[] | undefined): Node {
  return inputs === undefined || inputs.every((name, at) => name === node.inputs[at]) ? node : { ...node, inputs };
}

function withWeights(
  graph: Graph,
  weights: readonly EditedWeight[],
  inputs: ReadonlyMap<Node, readonly string[]>,
): Graph {
  const initializers = new Map<string, Initializer>(graph.initializers);
  const tensors = new Map(graph.tensors);
  const values = new Map(graph.values);
  for (const { to } of weights) {
    initializers.set(to.name, to);
    tensors.set(to.name, { dtype: to.dtype, shape: to.shape });
    values.delete(to.name);
  }
  const nodes = graph.nodes.map((node) => withInputs(node, inputs.get(node)));
  const constants = new Set([...(graph.constants ?? []), ...weights.map(({ to }) => to.name)]);
  return { ...graph, nodes, initializers, tensors, values, constants };
}
