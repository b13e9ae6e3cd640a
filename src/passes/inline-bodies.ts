/**
 * Puts the bodies of functions, branches and loops into the graph around them.
 *
 * - Function: its body in place of the call.
 * - If: the branch that `branchOf` names.
 * - Loop and Scan: the body once, its nodes repeated by the trip count. The node itself becomes two of its kind: one in
 *   front makes what each iteration starts with (counter, slices), one behind stacks the results.
 *
 * Ids of nodes that vanish so (calls, Ifs, the branch that is not taken) go to the first node that takes their place
 * and that a run computes, else to the nearest that reads what they made.
 *
 * What decides a branch or the end of a loop while the model runs has to be computed though no tensor depends on it any
 * more: it becomes an output of the flat graph, as the runtime is who reads it.
 */
import { isKnown } from '../ir/dimension.ts';
import type { Graph, Initializer, Node, TensorType } from '../ir/graph.ts';
import { bodiesOf, hasBodies } from '../ir/bodies.ts';
import { keepsCondition } from '../operators/control.ts';
import { branchOf, loopOf } from './control-flow.ts';
import type { LoopForm } from './control-flow.ts';
import { readersBehind } from './drop-nodes.ts';
import { functionBodyOf } from './expand-functions.ts';
import { renameGraph } from './rename.ts';
import { scopeOf } from './count-macs.ts';
import type { OpenScope, Scope } from './scope.ts';

export interface FlatGraph {
  readonly graph: Graph;
  readonly assumptions: readonly string[];
}

interface Collection {
  readonly scope: OpenScope;
  readonly tensors: Map<string, TensorType>;
  readonly initializers: Map<string, Initializer>;
  readonly assumptions: string[];
  /** Tensors that only a run knows and that decide which branch it takes, or how often a loop turns. */
  readonly decisions: Set<string>;
  /** Ids of what vanished, by the node in its place that no run computes. */
  readonly waiting: Map<string, readonly string[]>;
}

export function inlineBodies(graph: Graph): FlatGraph {
  if (!graph.nodes.some(hasBodies)) return { graph, assumptions: [] };
  const collection: Collection = {
    scope: filledScope(graph),
    tensors: new Map(graph.tensors),
    initializers: new Map(graph.initializers),
    assumptions: [],
    decisions: new Set(),
    waiting: new Map(),
  };
  const nodes = settle(
    graph.nodes.flatMap((node) => flatten(node, collection)),
    collection,
  );
  const { tensors, initializers, assumptions, scope } = collection;
  const outputs = withDecisions(graph.outputs, nodes, collection.decisions);
  return { graph: { ...graph, nodes, outputs, tensors, initializers, values: scope.values }, assumptions };
}

/** With what bodies define in it once they are in place. */
function filledScope(graph: Graph): OpenScope {
  const { types, values, constants } = scopeOf(graph);
  return { types: new Map(types), values: new Map(values), constants: new Set(constants), outer: undefined };
}

/** Inputs and constants decide too, but nothing has to run for them. */
function withDecisions(
  outputs: readonly string[],
  nodes: readonly Node[],
  decisions: ReadonlySet<string>,
): readonly string[] {
  if (decisions.size === 0) return outputs;
  const computed = new Set(nodes.flatMap((node) => node.outputs));
  return [...new Set([...outputs, ...[...decisions].filter((name) => computed.has(name))])];
}

function flatten(node: Node, collection: Collection): readonly Node[] {
  const body = functionBodyOf(node);
  if (body !== undefined) return adopt(node.sources, place(body, node.repetitions, collection), collection);
  const branch = branchOf(node, collection.scope);
  if (branch !== undefined) {
    note(branch.assumption, collection);
    if (branch.assumption !== undefined) decide(node.inputs[0], collection);
    const decider = branch.assumption === undefined ? undefined : node.inputs[0];
    const taken = joined(node, branch.taken, { inputs: [], outputs: node.outputs, decider });
    return adopt([...node.sources, ...idsIn(branch.other)], place(taken, node.repetitions, collection), collection);
  }
  const loop = loopOf(node, collection.scope);
  if (loop !== undefined) return flattenLoop(node, loop, collection);
  const inner = bodiesOf(node).flatMap(([, one]) => idsIn(one));
  return [inner.length === 0 ? node : { ...node, sources: [...node.sources, ...inner] }];
}

function flattenLoop(node: Node, loop: LoopForm, collection: Collection): readonly Node[] {
  note(loop.assumption, collection);
  const body = joined(node, loop.body, { inputs: loop.carriedFrom, outputs: loop.lastTo });
  const made = body.inputs.filter((_, position) => !loop.carriedFrom[position]);
  const stacked = loop.stackedTo.flatMap((name, position) => (name ? [[body.outputs[position]!, name] as const] : []));
  const repetitions = node.repetitions * loop.tripCount;
  const attributes = new Map([...node.attributes].filter(([, { kind }]) => kind !== 'graph'));
  const front: Node = { ...node, attributes, outputs: made, repetitions };
  const behind: Node = {
    ...node,
    attributes,
    id: `${node.id}/outputs`,
    inputs: stacked.map(([from]) => from),
    outputs: stacked.map(([, to]) => to),
    sources: [],
  };
  const placed = place(body, repetitions, collection);
  if (node.operator === 'Loop') {
    for (const name of node.inputs.slice(0, 2)) decide(name, collection);
    if (!keepsCondition(loop.body)) decide(body.outputs[0], collection);
  }
  return [front, ...placed, ...(stacked.length > 0 ? [behind] : [])];
}

function decide(name: string | undefined, { decisions, scope }: Collection): void {
  if (name && !scope.constants.has(name) && scope.values.get(name)?.elements.every(isKnown) !== true)
    decisions.add(name);
}

function note(assumption: string | undefined, { assumptions }: Collection): void {
  if (assumption !== undefined) assumptions.push(assumption);
}

/** The nodes of a body that speaks the names of the graph around it, in that graph. */
function place(body: Graph, repetitions: number, collection: Collection): readonly Node[] {
  for (const [name, type] of body.tensors) {
    if (collection.tensors.has(name)) continue;
    collection.tensors.set(name, type);
    collection.scope.types.set(name, type);
  }
  for (const [name, initializer] of body.initializers) collection.initializers.set(name, initializer);
  for (const [name, value] of body.values) collection.scope.values.set(name, value);
  for (const name of body.constants ?? []) collection.scope.constants.add(name);
  return body.nodes.flatMap((node) => flatten({ ...node, repetitions }, collection));
}

interface Joints {
  /** By position of the body's inputs and outputs: the names outside that they become; others stay inside. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly (string | undefined)[];
  /** What the data decides between this body and another by: what leaves it is not constant though the body makes it so. */
  readonly decider?: string | undefined;
}

/** A body in the names around its node: what it defines itself carries the node's id. */
function joined(node: Node, body: Graph, joints: Joints): Graph {
  const names = new Map<string, string>();
  const made = new Set(body.nodes.flatMap(({ outputs }) => outputs));
  for (const name of [...body.inputs, ...body.initializers.keys(), ...made]) names.set(name, `${node.id}/${name}`);
  body.inputs.forEach((name, position) => {
    const outside = joints.inputs[position];
    if (outside) names.set(name, outside);
  });
  const direct = new Set<string>();
  const copied: [string, string][] = [];
  body.outputs.forEach((name, position) => {
    const outside = joints.outputs[position];
    if (!outside) return;
    const varies = joints.decider === undefined || body.constants?.has(name) !== true;
    if (varies && made.has(name) && !direct.has(name)) names.set(name, outside);
    else copied.push([names.get(name) ?? name, outside]);
    direct.add(name);
  });
  const constants = new Set([...(body.constants ?? [])].map((name) => names.get(name) ?? name));
  const renamed = renameGraph(body, { name: (name) => names.get(name) ?? name, id: (id) => id, attributes: new Map() });
  const decider = joints.decider === undefined ? [] : [joints.decider];
  const copies = copied.map(([from, to]) => copy(node, [from, ...decider], to));
  return { ...renamed, constants, nodes: [...renamed.nodes, ...copies] };
}

/** For a body that passes on what it did not make itself, or what only a decision of the data makes vary. */
function copy(node: Node, inputs: readonly string[], to: string): Node {
  const id = `${node.id}/${to}`;
  return {
    ...node,
    id,
    name: '',
    operator: 'Identity',
    domain: '',
    inputs,
    outputs: [to],
    attributes: new Map(),
    sources: [],
  };
}

/** Gives the ids of what vanished to the first node in its place that a run computes, so that they stay in a layer. */
function adopt(ids: readonly string[], nodes: readonly Node[], { scope, waiting }: Collection): readonly Node[] {
  const computed = nodes.find((node) => isComputed(node, scope));
  const [first] = nodes;
  if (computed === undefined && first !== undefined) waiting.set(first.id, [...(waiting.get(first.id) ?? []), ...ids]);
  return nodes.map((node) => (node === computed ? withSources(node, ids) : node));
}

/** Gives the ids that still wait to the nearest node behind that a run computes, else to the first of all. */
function settle(nodes: readonly Node[], { scope, waiting }: Collection): readonly Node[] {
  if (waiting.size === 0) return nodes;
  const constant = new Set(nodes.filter((node) => !isComputed(node, scope)));
  const behind = readersBehind(nodes, constant);
  const first = nodes.find((node) => !constant.has(node)) ?? nodes[0];
  const adopted = new Map<Node, readonly string[]>();
  for (const node of nodes) {
    const ids = waiting.get(node.id);
    const heir = behind.get(node) ?? first;
    if (ids !== undefined && heir !== undefined) adopted.set(heir, [...(adopted.get(heir) ?? []), ...ids]);
  }
  return nodes.map((node) => withSources(node, adopted.get(node) ?? []));
}

function isComputed({ outputs }: Node, { constants }: Scope): boolean {
  return outputs.some((name) => name !== '' && !constants.has(name));
}

function withSources(node: Node, ids: readonly string[]): Node {
  return ids.length === 0 ? node : { ...node, sources: [...node.sources, ...ids] };
}

/** Ids of all nodes of a body, of its own bodies too. */
function idsIn(body: Graph): readonly string[] {
  return body.nodes.flatMap((node) => [...node.sources, ...bodiesOf(node).flatMap(([, inner]) => idsIn(inner))]);
}
