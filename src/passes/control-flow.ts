/** Which branch of an If is counted, how often a loop runs, and what has to be said about it. */
import { bodiesOf } from '../ir/bodies.ts';
import { isKnown } from '../ir/dimension.ts';
import type { Graph, Node } from '../ir/graph.ts';
import { graphAttribute, intAttribute, intsAttribute } from '../operators/attribute.ts';
import { keepsCondition } from '../operators/control.ts';
import { findOperator } from '../operators/index.ts';
import { normalizeAxis } from '../operators/type.ts';
import { macsOfBody } from './count-macs.ts';
import { typedNodeIn } from './scope.ts';
import type { Scope } from './scope.ts';

export interface Branch {
  readonly taken: Graph;
  readonly other: Graph;
  /** Present when the condition is not known. */
  readonly assumption?: string;
}

/** The branch of a known condition, else the one with more MACs, then more nodes, then `then`. */
export function branchOf(node: Node, scope: Scope): Branch | undefined {
  const whenTrue = graphAttribute(node, 'then_branch');
  const whenFalse = graphAttribute(node, 'else_branch');
  if (node.operator !== 'If' || whenTrue === undefined || whenFalse === undefined) return undefined;
  const condition = typedNodeIn(scope, node).values[0]?.elements[0];
  if (typeof condition === 'number') {
    return condition === 0 ? { taken: whenFalse, other: whenTrue } : { taken: whenTrue, other: whenFalse };
  }
  const difference = macsOfBody(whenFalse, scope) - macsOfBody(whenTrue, scope);
  const elseIsCostlier = difference > 0 || (difference === 0 && whenFalse.nodes.length > whenTrue.nodes.length);
  const name = elseIsCostlier ? 'else' : 'then';
  return {
    taken: elseIsCostlier ? whenFalse : whenTrue,
    other: elseIsCostlier ? whenTrue : whenFalse,
    assumption: `If ${node.id}: the data decides the branch; the costlier one (${name}) is counted`,
  };
}

/** What has to be said of a node whose bodies run as often as the data decides; undefined for every other one. */
export function repetitionNote(node: Node): string | undefined {
  if (findOperator(node.domain, node.operator)?.repeatsBodies !== true || bodiesOf(node).length === 0) return undefined;
  return `${node.operator} ${node.id}: the data decides how often its bodies run; each is counted once`;
}

/** A Loop or a Scan in one form. */
export interface LoopForm {
  readonly body: Graph;
  /** Runs of the body for one run of the node; 1 where it is not known. */
  readonly tripCount: number;
  readonly assumption?: string;
  /** By position of the body's inputs: the node's input that it starts from. Absent: made anew in each iteration. */
  readonly carriedFrom: readonly (string | undefined)[];
  /** By position of the body's outputs: the node's output with its last value, or with all values stacked. */
  readonly lastTo: readonly (string | undefined)[];
  readonly stackedTo: readonly (string | undefined)[];
}

/** A `while` loop is exported with the largest integer as its trip count. */
const endless = 2 ** 31;

export function loopOf(node: Node, scope: Scope): LoopForm | undefined {
  const body = graphAttribute(node, 'body');
  if (body === undefined) return undefined;
  if (node.operator === 'Loop') return fromLoop(node, body, scope);
  if (node.operator === 'Scan') return fromScan(node, body, scope);
  return undefined;
}

/** Inputs: trip count, condition, carried; body: counter, condition, carried -> condition, carried, stacked. */
function fromLoop(node: Node, body: Graph, scope: Scope): LoopForm {
  const carried = Math.max(0, node.inputs.length - 2);
  return {
    body,
    ...loopTrips(node, body, scope),
    carriedFrom: body.inputs.map((_, position) => (position < 2 ? undefined : node.inputs[position])),
    lastTo: body.outputs.map((_, position) =>
      position >= 1 && position <= carried ? node.outputs[position - 1] : undefined,
    ),
    stackedTo: body.outputs.map((_, position) => (position > carried ? node.outputs[position - 1] : undefined)),
  };
}

function loopTrips(node: Node, body: Graph, scope: Scope): Pick<LoopForm, 'tripCount' | 'assumption'> {
  const typed = typedNodeIn(scope, node);
  if (typed.values[1]?.elements[0] === 0) return { tripCount: 0 };
  const most = typed.values[0]?.elements[0];
  if (typeof most !== 'number' || most >= endless) {
    return { tripCount: 1, assumption: `Loop ${node.id}: the trip count is not known; its body is counted once` };
  }
  const goesOn = body.values.get(body.outputs[0] ?? '')?.elements[0] === 1 || keepsCondition(body);
  if (goesOn) return { tripCount: Math.max(0, most) };
  return { tripCount: Math.max(0, most), assumption: `Loop ${node.id}: counted with its largest trip count, ${most}` };
}

/** Inputs and body inputs: carried, scanned; body outputs: carried, stacked. Opset 8 has the lengths in front. */
function fromScan(node: Node, body: Graph, scope: Scope): LoopForm {
  const scanned = intAttribute(node, 'num_scan_inputs', 0);
  const carried = Math.max(0, body.inputs.length - scanned);
  const offset = node.version < 9 ? 1 : 0;
  const axis = intsAttribute(node, 'scan_input_axes', [])[0] ?? offset;
  const shape = typedNodeIn(scope, node).inputs[offset + carried]?.shape;
  const fromFront = shape ? normalizeAxis(axis, shape.length) : undefined;
  const length = fromFront === undefined ? undefined : shape?.[fromFront];
  // Opset 8 scans each sample of a batch on its own.
  const batch = offset === 0 ? 1 : shape?.[0];
  const known = length !== undefined && isKnown(length) && batch !== undefined && isKnown(batch);
  return {
    body,
    tripCount: known ? batch * length : 1,
    ...(known ? {} : { assumption: `Scan ${node.id}: the trip count is not known; its body is counted once` }),
    carriedFrom: body.inputs.map((_, position) => (position < carried ? node.inputs[offset + position] : undefined)),
    lastTo: body.outputs.map((_, position) => (position < carried ? node.outputs[position] : undefined)),
    stackedTo: body.outputs.map((_, position) => (position >= carried ? node.outputs[position] : undefined)),
  };
}
