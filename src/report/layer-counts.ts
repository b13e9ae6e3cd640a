/** MACs and parameters of a file's own nodes, bodies included, and what had to be taken for granted to count them. */
import type { DataType } from '../ir/data-type.ts';
import { bytesOf } from '../ir/data-type.ts';
import { bodiesOf } from '../ir/bodies.ts';
import type { Graph, Initializer, Model, Node } from '../ir/graph.ts';
import { branchOf, loopOf } from '../passes/control-flow.ts';
import { macsOfNode, scopeOf } from '../passes/count-macs.ts';
import { inferBatchOne } from '../passes/index.ts';
import { originsIn, parametersOf } from '../passes/origins.ts';
import type { Origins } from '../passes/origins.ts';
import type { Scope } from '../passes/scope.ts';

export interface LayerCount {
  /** All runs of the node in one inference; null where a dimension without a value decides it. */
  readonly macs: number | null;
  /** Elements of the weights that this node is the first to use. */
  readonly parameters: number;
  readonly weightsBytes: number;
}

export interface Counts {
  readonly byNode: ReadonlyMap<string, LayerCount>;
  readonly total: LayerCount;
  /** Sorted. */
  readonly assumptions: readonly string[];
}

/** What the walk over a graph and its bodies fills. */
interface Tally {
  readonly byNode: Map<string, LayerCount>;
  readonly claimed: Set<Initializer>;
  readonly assumptions: Set<string>;
  macs: number;
  /** Nodes whose MACs are not known. */
  readonly open: string[];
}

interface Place {
  readonly scope: Scope | undefined;
  readonly origins: Origins | undefined;
  /** Runs of the graph in one inference. */
  readonly runs: number;
  /** False inside a branch that is not taken. */
  readonly counted: boolean;
}

/** @param inferred as `inferModel` made it */
export function countLayers(inferred: Model): Counts {
  const { graph, assumptions } = inferBatchOne(inferred);
  const tally: Tally = {
    byNode: new Map(),
    claimed: new Set(),
    assumptions: new Set(assumptions.map((one) => `MACs: ${one}`)),
    macs: 0,
    open: [],
  };
  countGraph(graph, { scope: undefined, origins: undefined, runs: 1, counted: true }, tally);
  const [first] = tally.open;
  if (first !== undefined) tally.assumptions.add(`MACs: ${first} depends on a dimension without a value`);
  const layers = [...tally.byNode.values()];
  return {
    byNode: tally.byNode,
    total: {
      macs: first === undefined ? tally.macs : null,
      parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
      weightsBytes: layers.reduce((sum, { weightsBytes }) => sum + weightsBytes, 0),
    },
    assumptions: [...tally.assumptions].sort(),
  };
}

function countGraph(graph: Graph, place: Place, tally: Tally): void {
  const inner: Place = { ...place, scope: scopeOf(graph, place.scope), origins: originsIn(graph, place.origins) };
  for (const node of graph.nodes) {
    countNode(node, graph, inner, tally);
    countBodies(node, inner, tally);
  }
}

function countNode(node: Node, graph: Graph, place: Place, tally: Tally): void {
  const once = macsOfNode(node, place.scope!);
  const macs = once === undefined ? null : once * place.runs;
  // What is computed from constants alone holds no weights of its own: whoever uses the result does.
  const constant = node.outputs.every((name) => name === '' || graph.constants?.has(name) === true);
  const weights = constant ? [] : parametersOf(node, place.origins!).filter((one) => !tally.claimed.has(one));
  for (const one of weights) tally.claimed.add(one);
  tally.byNode.set(node.id, {
    macs,
    parameters: weights.reduce((sum, { shape }) => sum + elements(shape), 0),
    weightsBytes: weights.reduce((sum, { dtype, shape }) => sum + denseBytes(dtype, shape), 0),
  });
  if (!place.counted) return;
  if (macs === null) tally.open.push(node.id);
  else tally.macs += macs;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

function denseBytes(dtype: DataType, shape: readonly number[]): number {
  return bytesOf(dtype, elements(shape));
}

function countBodies(node: Node, place: Place, tally: Tally): void {
  const branch = branchOf(node, place.scope!);
  const loop = loopOf(node, place.scope!);
  for (const assumption of [branch?.assumption, loop?.assumption]) {
    if (assumption !== undefined && place.counted) tally.assumptions.add(assumption);
  }
  for (const [, body] of bodiesOf(node)) {
    const counted = place.counted && (branch === undefined || branch.taken === body);
    countGraph(body, { ...place, runs: place.runs * (loop?.tripCount ?? 1), counted }, tally);
  }
}
