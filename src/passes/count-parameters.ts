/** Which node of the file holds which parameters: each constant once, with the first node that uses it as a weight. */
import { bodiesOf } from '../ir/bodies.ts';
import { bytesOf } from '../ir/data-type.ts';
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { originsIn, parametersOf } from './origins.ts';
import type { Origin, Origins } from './origins.ts';

export interface ParameterCount {
  /** Elements of the weights that this node is the first to use; of sparse ones, those that are stored. */
  readonly parameters: number;
  /** Stored densely, with the masks, tables and scales without which compressed ones cannot be read. */
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
    const weights = isConstant(node, graph) ? undefined : parametersOf(node, origins);
    claims.byNode.set(node.id, weights === undefined ? nothing : claim(weights, claims));
    for (const [, body] of bodiesOf(node)) countGraph(body, origins, claims);
  }
}

/** What is computed from constants alone holds no weights of its own: whoever uses the result does. */
function isConstant(node: Node, graph: Graph): boolean {
  return node.outputs.every((name) => name === '' || graph.constants?.has(name) === true);
}

const nothing: ParameterCount = { parameters: 0, weightsBytes: 0 };

function claim({ data, storage }: Origin, claims: Claims): ParameterCount {
  const weights = claimNew(data, claims);
  const beside = claimNew(storage, claims);
  return { parameters: weights.elements, weightsBytes: weights.byteLength + beside.byteLength };
}

function claimNew(
  initializers: readonly Initializer[],
  { claimed }: Claims,
): { readonly elements: number; readonly byteLength: number } {
  const sum = { elements: 0, byteLength: 0 };
  for (const { ranges, dtype, shape, nonZeros } of initializers) {
    if (claimed.has(ranges)) continue;
    claimed.add(ranges);
    const elements = nonZeros ?? shape.reduce((count, size) => count * size, 1);
    sum.elements += elements;
    sum.byteLength += bytesOf(dtype, elements);
  }
  return sum;
}
