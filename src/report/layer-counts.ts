/** MACs and parameters of a file's own nodes, bodies included, and what had to be taken for granted to count them. */
import { bodiesOf } from '../ir/bodies.ts';
import type { Graph, Model, Node } from '../ir/graph.ts';
import { branchOf, loopOf, repetitionNote } from '../passes/control-flow.ts';
import { macsOfNode, scopeOf } from '../passes/count-macs.ts';
import { countParameters } from '../passes/count-parameters.ts';
import type { ParameterCount, ParameterCounts } from '../passes/count-parameters.ts';
import { inferBatchOne } from '../passes/index.ts';
import type { Scope } from '../passes/scope.ts';

export interface LayerCount extends ParameterCount {
  /** All runs of the node in one inference; null where a dimension without a value decides it. */
  readonly macs: number | null;
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
  readonly parameters: ParameterCounts;
  readonly assumptions: Set<string>;
  macs: number;
  /** Nodes whose MACs are not known. */
  readonly open: string[];
}

interface Place {
  readonly scope: Scope | undefined;
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
    parameters: countParameters(graph),
    assumptions: new Set(assumptions.map((one) => `MACs: ${one}`)),
    macs: 0,
    open: [],
  };
  countGraph(graph, { scope: undefined, runs: 1, counted: true }, tally);
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
  const inner: Place = { ...place, scope: scopeOf(graph, place.scope) };
  for (const node of graph.nodes) {
    countNode(node, inner, tally);
    countBodies(node, inner, tally);
  }
}

function countNode(node: Node, place: Place, tally: Tally): void {
  const once = macsOfNode(node, place.scope!);
  const macs = once === undefined ? null : once * place.runs;
  const { parameters, weightsBytes } = tally.parameters.get(node.id)!;
  tally.byNode.set(node.id, { macs, parameters, weightsBytes });
  if (!place.counted) return;
  if (macs === null) tally.open.push(node.id);
  else tally.macs += macs;
}

function countBodies(node: Node, place: Place, tally: Tally): void {
  const branch = branchOf(node, place.scope!);
  const loop = loopOf(node, place.scope!);
  for (const assumption of [branch?.assumption, loop?.assumption, repetitionNote(node)]) {
    if (assumption !== undefined && place.counted) tally.assumptions.add(assumption);
  }
  for (const [, body] of bodiesOf(node)) {
    const counted = place.counted && (branch === undefined || branch.taken === body);
    countGraph(body, { ...place, runs: place.runs * (loop?.tripCount ?? 1), counted }, tally);
  }
}
