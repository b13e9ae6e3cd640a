/** A node with everything at hand that the compiler's steps ask of it, whatever is around it. */
import type { Attributes, Graph, Node, Shape, TensorType, TensorValue } from '../ir/graph.ts';
import { findOperator, workOf } from '../operators/index.ts';
import type { Operator, TypedNode } from '../operators/operator.ts';
import type { Work } from '../operators/work.ts';
import { workMacs } from '../operators/work.ts';
import { numericShape } from '../operators/type.ts';
import { filled, probes } from '../passes/count-macs.ts';

/** A node of the prepared graph in its place. */
export interface Operation {
  /** Position in the graph's topological order. */
  readonly index: number;
  readonly node: Node;
  /** Operator with its domain in front, except for ONNX's own: `com.microsoft.Gelu`. */
  readonly operator: string;
  readonly typed: TypedNode;
  readonly outputs: readonly TensorType[];
  readonly work: Work;
  /** Why its work could not be counted; then `work` is empty. */
  readonly notCounted: string | null;
  /** Moves and computes nothing: reshapes and their like. */
  readonly free: boolean;
  /** Positions of inputs that are the node's parameters, where they are constant. */
  readonly parameterInputs: ReadonlySet<number>;
}

/** The graph around a node. */
interface Surroundings {
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, TensorType>;
}

/** A node as it was first met: a model's edits share the nodes that they leave alone. */
const firstOperations = new WeakMap<Node, Operation>();

/**
 * What nodes with these attributes were found to be. A node that an edit makes of another keeps its attributes, so that
 * what the same edit makes of a model for the second time was seen before, under other names.
 */
const looks = new WeakMap<Attributes, Operation[]>();
/** The kinds of edits that one tries; all nodes without attributes have one record. */
const mostLooks = { ofAttributes: 8, withoutAttributes: 64 };

/** `operationOf` that remembers. */
export function rememberedOperation(node: Node, index: number, given: Surroundings): Operation {
  const known = firstOperations.get(node);
  if (known !== undefined && isAlike(known, node, given)) {
    return known.index === index ? known : { ...known, index };
  }
  const operation = operationByLook(node, index, given);
  if (known === undefined) firstOperations.set(node, operation);
  return operation;
}

function operationByLook(node: Node, index: number, given: Surroundings): Operation {
  const ofAttributes = looks.get(node.attributes) ?? [];
  // Mostly one asks again for what was asked last.
  const alike = ofAttributes.findLast((one) => isAlike(one, node, given));
  if (alike !== undefined) return renamed(alike, node, index);
  const operation = operationOf(node, index, given);
  const most = node.attributes.size === 0 ? mostLooks.withoutAttributes : mostLooks.ofAttributes;
  if (ofAttributes.length === most) ofAttributes.shift();
  ofAttributes.push(operation);
  looks.set(node.attributes, ofAttributes);
  return operation;
}

/** The same of a node that looks alike. Field by field: it is done for each node of an edited graph. */
function renamed(alike: Operation, node: Node, index: number): Operation {
  const { inputs, values, constant } = alike.typed;
  return {
    index,
    node,
    operator: alike.operator,
    typed: { node, inputs, values, constant },
    outputs: alike.outputs,
    work: alike.work,
    notCounted: alike.notCounted,
    free: alike.free,
    parameterInputs: alike.parameterInputs,
  };
}

/** All that `operationOf` looks at, or looks up by a tensor's name, is as it was for the other node. */
function isAlike({ node: other, typed, outputs }: Operation, node: Node, { graph, tensors }: Surroundings): boolean {
  if (node !== other && !isSameOperator(node, other)) return false;
  const { inputs, values, constant } = typed;
  for (let at = 0; at < node.inputs.length; at++) {
    const name = node.inputs[at]!;
    if ((name === '') !== (other.inputs[at] === '')) return false;
    if (name !== '' && !sameType(inputs[at], tensors.get(name))) return false;
    const initializer = graph.initializers.get(name);
    if (constant[at] !== (initializer !== undefined)) return false;
    if (values[at] !== (graph.values.get(name) ?? initializer?.value)) return false;
  }
  for (let at = 0; at < node.outputs.length; at++) {
    const name = node.outputs[at]!;
    if ((name === '') !== (other.outputs[at] === '')) return false;
    if (!sameType(outputs[at], tensors.get(name) ?? unnamed)) return false;
  }
  return true;
}

function isSameOperator(node: Node, other: Node): boolean {
  return (
    node.operator === other.operator &&
    node.domain === other.domain &&
    node.version === other.version &&
    node.attributes === other.attributes &&
    node.inputs.length === other.inputs.length &&
    node.outputs.length === other.outputs.length
  );
}

function sameType(before: TensorType | undefined, now: TensorType | undefined): boolean {
  if (before === now) return true;
  if (before === undefined || now === undefined) return false;
  if (before.dtype !== now.dtype || before.container !== now.container || before.reason !== now.reason) return false;
  return before.shape === now.shape || sameShape(before.shape, now.shape);
}

function sameShape(before: Shape | null, now: Shape | null): boolean {
  if (before === null || now === null) return before === now;
  if (before.length !== now.length) return false;
  for (let axis = 0; axis < before.length; axis++) if (before[axis] !== now[axis]) return false;
  return true;
}

function valueOf(name: string, { values, initializers }: Graph): TensorValue | undefined {
  return values.get(name) ?? initializers.get(name)?.value;
}

const unnamed: TensorType = { dtype: null, shape: null };

export function operationOf(node: Node, index: number, given: Surroundings): Operation {
  const { graph, tensors } = given;
  const typed: TypedNode = {
    node,
    inputs: node.inputs.map((name) => (name === '' ? undefined : tensors.get(name))),
    values: node.inputs.map((name) => valueOf(name, graph)),
    constant: node.inputs.map((name) => graph.initializers.has(name)),
  };
  const outputs = node.outputs.map((name) => tensors.get(name) ?? unnamed);
  const operator = findOperator(node.domain, node.operator);
  const counted = countWork(operator, typed, outputs);
  return {
    index,
    node,
    operator: operatorName(node),
    typed,
    outputs,
    ...counted,
    free: counted.notCounted === null && isFree(counted.work),
    parameterInputs: parametersOf(operator, typed),
  };
}

const nothing: Work = { operatorClass: 'control', nests: [], vector: [] };

function countWork(
  operator: Operator | undefined,
  typed: TypedNode,
  outputs: readonly TensorType[],
): Pick<Operation, 'work' | 'notCounted'> {
  if (operator === undefined) return { work: nothing, notCounted: 'unknown operator: not counted' };
  const [work, other] = isOpen(typed, outputs)
    ? (probes.map((probe) => workWith(probe, typed, outputs)) as [Work, Work])
    : [workOf(typed, outputs), undefined];
  const total = stepsOf(work);
  // A size that nobody knows (behind an unknown operator, of shapes that contradict) must not pass for 0.
  const decided = other === undefined || total === stepsOf(other);
  if (decided && Number.isFinite(total) && total >= 0) return { work, notCounted: null };
  return { work: { ...nothing, operatorClass: work.operatorClass }, notCounted: 'shape not known: not counted' };
}

/** What is no tensor, or not there, has no size to be known. */
function lacksSize(type: TensorType | undefined, name: string | undefined): boolean {
  return type !== undefined && name !== '' && type.container === undefined && numericShape(type.shape) === undefined;
}

function isOpen({ node, inputs }: TypedNode, outputs: readonly TensorType[]): boolean {
  return (
    inputs.some((type, position) => lacksSize(type, node.inputs[position])) ||
    outputs.some((type, position) => lacksSize(type, node.outputs[position]))
  );
}

/** `probe` stands in place of each size that is not known. */
function workWith(probe: number, typed: TypedNode, outputs: readonly TensorType[]): Work {
  const { inputs: inputNames, outputs: outputNames } = typed.node;
  const fill = (type: TensorType, name: string | undefined) => (lacksSize(type, name) ? filled(type, probe) : type);
  return workOf(
    { ...typed, inputs: typed.inputs.map((type, position) => type && fill(type, inputNames[position])) },
    outputs.map((type, position) => fill(type, outputNames[position])),
  );
}

function stepsOf(work: Work): number {
  return workMacs(work) + work.vector.reduce((sum, { elements }) => sum + elements, 0);
}

function isFree({ nests, vector }: Work): boolean {
  return nests.length === 0 && vector.every(({ elements }) => elements === 0);
}

function parametersOf(operator: Operator | undefined, { node, constant }: TypedNode): ReadonlySet<number> {
  const declared = operator?.parameterInputs ?? [];
  const positions = declared === 'all' ? node.inputs.keys() : declared;
  return new Set([...positions].filter((position) => constant[position]));
}

export function operatorName({ domain, operator }: Node): string {
  return domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
}
