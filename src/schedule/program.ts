/** The prepared graph with everything the steps of the compiler ask of a node at hand: types, work, neighbours. */
import type { Graph, Node, TensorType, TensorValue } from '../ir/graph.ts';
import { findOperator, workOf } from '../operators/index.ts';
import type { Operator, TypedNode } from '../operators/operator.ts';
import type { Work } from '../operators/work.ts';
import { workMacs } from '../operators/work.ts';
import { numericShape } from '../operators/type.ts';
import { filled, probes } from '../passes/count-macs.ts';
import type { PreparedModel } from '../passes/prepared.ts';

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

export interface Program {
  readonly graph: Graph;
  readonly operations: readonly Operation[];
  readonly producers: ReadonlyMap<string, Operation>;
  /** Operations on the longest way from the model's inputs: a place that does not depend on the file's order. */
  readonly depths: ReadonlyMap<Operation, number>;
  /** Each consumer once, in graph order. */
  readonly consumers: ReadonlyMap<string, readonly Operation[]>;
  readonly outputs: ReadonlySet<string>;
  /** Types with numbers for shapes; sizes that the data decides are at their assumed bound. */
  readonly tensors: ReadonlyMap<string, TensorType>;
  /** Tensors whose size the data decides. */
  readonly unresolved: ReadonlySet<string>;
}

/** Of models that are not too large to be held twice: targets ask for the same one in turn. */
const remembered = new WeakMap<PreparedModel, Program>();
const mostRemembered = 10_000;

export function programOf(prepared: PreparedModel): Program {
  const program = remembered.get(prepared) ?? readProgram(prepared);
  if (program.operations.length <= mostRemembered) remembered.set(prepared, program);
  return program;
}

function readProgram(prepared: PreparedModel): Program {
  const { graph } = prepared;
  const tensors = withAssumedShapes(prepared);
  const read: typeof operationOf = graph.nodes.length > mostRemembered ? operationOf : rememberedOperation;
  const operations = graph.nodes.map((node, index) => read(node, index, { graph, tensors }));
  const producers = new Map<string, Operation>();
  const consumers = new Map<string, Operation[]>();
  const depths = new Map<Operation, number>();
  for (const operation of operations) {
    depths.set(operation, depthOf(operation, producers, depths));
    for (const output of operation.node.outputs) if (output !== '') producers.set(output, operation);
    for (const input of operation.node.inputs) {
      if (input === '') continue;
      const known = consumers.get(input);
      if (known === undefined) consumers.set(input, [operation]);
      else if (known.at(-1) !== operation) known.push(operation);
    }
  }
  const unresolved = new Set(prepared.unresolved.map(({ tensor }) => tensor));
  return { graph, operations, producers, consumers, depths, outputs: new Set(graph.outputs), tensors, unresolved };
}

/** Operations come in topological order, so those that an operation reads have their depths already. */
function depthOf(
  { node }: Operation,
  producers: ReadonlyMap<string, Operation>,
  depths: ReadonlyMap<Operation, number>,
): number {
  return node.inputs.reduce((deepest, name) => {
    const producer = producers.get(name);
    return producer === undefined ? deepest : Math.max(deepest, 1 + (depths.get(producer) ?? 0));
  }, 0);
}

function withAssumedShapes({ graph, unresolved }: PreparedModel): ReadonlyMap<string, TensorType> {
  const untyped = [...graph.initializers.values()].filter(({ name }) => !graph.tensors.has(name));
  // Mostly nothing is missing, and copies of large maps take their time.
  if (untyped.length === 0 && unresolved.length === 0) return graph.tensors;
  const tensors = new Map(graph.tensors);
  for (const { name, dtype, shape } of untyped) tensors.set(name, { dtype, shape });
  for (const { tensor, assumed } of unresolved) {
    // Nothing is assumed of what an unknown operator made.
    if (assumed.length === 0) continue;
    tensors.set(tensor, { dtype: tensors.get(tensor)?.dtype ?? null, shape: assumed });
  }
  return tensors;
}

type Tensors = Pick<Program, 'graph' | 'tensors'>;

/** A node as it was first met: a model's edits share the nodes that they leave alone. */
const firstOperations = new WeakMap<Node, Operation>();

function rememberedOperation(node: Node, index: number, given: Tensors): Operation {
  const known = firstOperations.get(node);
  if (known !== undefined && isAlike(known, given)) return known.index === index ? known : { ...known, index };
  const operation = operationOf(node, index, given);
  if (known === undefined) firstOperations.set(node, operation);
  return operation;
}

/** All that `operationOf` looks up by a tensor's name is as it was. */
function isAlike({ node, typed, outputs }: Operation, { graph, tensors }: Tensors): boolean {
  const { inputs, values, constant } = typed;
  return (
    node.inputs.every(
      (name, at) =>
        (name === '' || sameType(inputs[at], tensors.get(name))) &&
        values[at] === valueOf(name, graph) &&
        constant[at] === graph.initializers.has(name),
    ) && node.outputs.every((name, at) => sameType(outputs[at], tensors.get(name) ?? unnamed))
  );
}

function sameType(before: TensorType | undefined, now: TensorType | undefined): boolean {
  if (before === now) return true;
  if (before === undefined || now === undefined) return false;
  if (before.dtype !== now.dtype || before.container !== now.container) return false;
  const [left, right] = [before.shape, now.shape];
  if (left === null || right === null) return left === right;
  return left.length === right.length && left.every((size, axis) => size === right[axis]);
}

function valueOf(name: string, { values, initializers }: Graph): TensorValue | undefined {
  return values.get(name) ?? initializers.get(name)?.value;
}

const unnamed: TensorType = { dtype: null, shape: null };

function operationOf(node: Node, index: number, given: Tensors): Operation {
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

/** Elements of a tensor; 0 where its shape is not known. */
export function elementsOf(type: TensorType | undefined): number {
  const shape = type?.shape ?? null;
  if (shape === null) return 0;
  let elements = 1;
  for (const size of shape) elements *= Number(size);
  return Number.isFinite(elements) ? elements : 0;
}

export function shapeOf(type: TensorType | undefined): readonly number[] {
  return (type?.shape ?? []).map((size) => (typeof size === 'number' ? size : 0));
}
