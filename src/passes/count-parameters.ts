/** Which node of the file holds which parameters: each constant once, with the first node that uses it as a weight. */
import { bodiesOf } from '../ir/bodies.ts';
import { bytesOf } from '../ir/data-type.ts';
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { originsIn, parametersOf } from './origins.ts';
import type { Origins } from './origins.ts';

export interface ParameterCount {
  /** Elements of the weights that this node is the first to use; of sparse ones, those that are stored. */
  readonly parameters: number;
  /** Stored densely. */
  readonly weightsBytes: number;
}

/** By node id, bodies and branches that are not taken included: what a file holds does not depend on what runs. */
export type ParameterCounts = ReadonlyMap<string, ParameterCount>;

interface Claims {
  readonly byNode: Map<string, ParameterCount>;
  /** Constants by their ranges: calls of one function share them under different names. */
  readonly claimed: Set<Initializer['ranges']>;
}

/** @param graph as shape inference left it, with its bodies */
export function countParameters(graph: Graph): ParameterCounts {
  const claims: Claims = { byNode: new Map(), claimed: new Set() };
  countGraph(graph, undefined, claims);
  return claims.byNode;
}

function countGraph(graph: Graph, outer: Origins | undefined, claims: Claims): void {
  const origins = originsIn(graph, outer);
  for (const node of graph.nodes) {
    const weights = isConstant(node, graph) ? [] : parametersOf(node, origins);
    claims.byNode.set(node.id, claim(weights, claims));
    for (const [, body] of bodiesOf(node)) countGraph(body, origins, claims);
  }
}

/** What is computed from constants alone holds no weights of its own: whoever uses the result does. */
function isConstant(node: Node, graph: Graph): boolean {
  return node.outputs.every((name) => name === '' || graph.constants?.has(name) === true);
}

const nothing: ParameterCount = { parameters: 0, weightsBytes: 0 };

function claim(weights: readonly Initializer[], { claimed }: Claims): ParameterCount {
  return weights.reduce((sum, { ranges, dtype, shape, nonZeros }) => {
    if (claimed.has(ranges)) return sum;
    claimed.add(ranges);
    const elements = nonZeros ?? shape.reduce((count, size) => count * size, 1);
    return { parameters: sum.parameters + elements, weightsBytes: sum.weightsBytes + bytesOf(dtype, elements) };
  }, nothing);
}
