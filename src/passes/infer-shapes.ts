/**
 * Types of all tensors, and values of the small ones that decide shapes, by walking the nodes once in their
 * order. Bodies of branches, loops and functions are inferred in the scope around them.
 */
import type { Graph, Node, TensorType, TensorValue } from '../ir/graph.ts';
import { bodiesOf, hasBodies, mapBodies } from '../ir/bodies.ts';
import { findOperator } from '../operators/index.ts';
import type { InferenceContext, Operator } from '../operators/operator.ts';
import { maximumRank, unknownType } from '../operators/type.ts';
import { branchOf } from './control-flow.ts';
import { scopeOf } from './count-macs.ts';
import { nameDecidingInput } from './deciding-input.ts';
import { functionBodyOf } from './expand-functions.ts';
import { mergeTypes } from './merge-types.ts';
import { defineInitializers, definingScope, openScope, setValue, typedNodeIn } from './scope.ts';
import type { OpenScope, Scope } from './scope.ts';

/** Asked for each output type before it is recorded; may put a bound in place of a size that the data decides. */
export type Refine = (context: InferenceContext, outputs: readonly TensorType[]) => readonly TensorType[];

/** Loops in loops are inferred several times over; what a hostile file piles up beyond this stays unknown. */
const maximumInferences = 1_000_000;

/**
 * What an If gives whose branch the data decides: what its branches have in common, or what the branch gives that is
 * counted (`branchOf`).
 */
export type OpenBranches = 'common' | 'counted';

interface Inference {
  readonly refine: Refine;
  readonly openBranches: OpenBranches;
  /** Nodes that may still be inferred. */
  budget: number;
  /** Bodies as last inferred, by the body that stands in the node. */
  readonly bodies: Map<Graph, Graph>;
}

/** The graph with `tensors` and `values` complete, in its bodies too. Node order is kept. */
export function inferShapes(graph: Graph, openBranches: OpenBranches, refine: Refine = (_, outputs) => outputs): Graph {
  const inference: Inference = { refine, openBranches, budget: maximumInferences, bodies: new Map() };
  return inferGraph(graph, openScope(undefined), inference);
}

function inferGraph(graph: Graph, scope: OpenScope, inference: Inference): Graph {
  defineInitializers(scope, graph.initializers);
  for (const name of graph.inputs) {
    const declared = graph.tensors.get(name) ?? unknownType('the file does not say');
    if (!scope.types.has(name)) define(scope, name, declared, undefined);
  }
  const nodes = graph.nodes.map((node) => inferNode(node, graph, scope, inference));
  return {
    ...graph,
    nodes,
    tensors: typesOf(graph, scope),
    values: scope.values,
    constants: scope.constants,
  };
}

/** What was inferred, and what the file declares of the rest. */
function typesOf(graph: Graph, { types }: Scope): ReadonlyMap<string, TensorType> {
  const all = new Map(graph.tensors);
  for (const [name, type] of types) all.set(name, type);
  return all;
}

function inferNode(node: Node, graph: Graph, scope: OpenScope, inference: Inference): Node {
  const typed = typedNodeIn(scope, node);
  const context: InferenceContext = {
    ...typed,
    inferBody: (body, inputs, values) => inferBody(body, { inputs, values: values ?? [] }, { scope, inference }),
  };
  const operator = findOperator(node.domain, node.operator);
  const general = infer(context, operator);
  const typedNode = withInferredBodies(node, context, inference);
  const taken = takenBranch(typedNode, scope, inference);
  const { outputs, values } = taken ?? { ...general, outputs: nameDecidingInput(context, general.outputs) };
  const declared = node.outputs.map((name, position) =>
    mergeTypes(
      outputs[position] ?? unknownType(`unexpected output ${position}`),
      graph.tensors.get(name),
      graph.typesDeclared,
    ),
  );
  const refined = inference.refine(context, declared);
  const constant = isConstant(context, operator);
  node.outputs.forEach((name, position) => {
    if (name === '') return;
    define(scope, name, refined[position]!, values[position]);
    if (constant || taken?.constant[position] === true) scope.constants.add(name);
  });
  return typedNode;
}

interface Outcome {
  readonly outputs: readonly TensorType[];
  readonly values: readonly (TensorValue | undefined)[];
}

/** A function's outputs are those of its body; an operator's follow from its entry. */
function infer(context: InferenceContext, operator: Operator | undefined): Outcome {
  const { node } = context;
  const body = functionBodyOf(node);
  if (body !== undefined) return context.inferBody(body, []);
  if (operator === undefined) {
    return { outputs: node.outputs.map(() => unknownType(`unknown operator ${node.operator}`)), values: [] };
  }
  return { outputs: withIndexType(node, operator.infer(context)), values: operator.evaluate?.(context) ?? [] };
}

/** ONNX's indices have 64 bits; a reader of a format with narrower ones says so in the attribute `index_type`. */
function withIndexType(node: Node, outputs: readonly TensorType[]): readonly TensorType[] {
  const attribute = node.attributes.get('index_type');
  if (attribute?.kind !== 'type') return outputs;
  return outputs.map((type) => (type.dtype === 'int64' ? { ...type, dtype: attribute.value.dtype } : type));
}

function define(scope: OpenScope, name: string, type: TensorType, value: TensorValue | undefined): void {
  if (type.shape !== null && type.shape.length > maximumRank) {
    scope.types.set(name, { ...type, shape: null, reason: `more than ${maximumRank} dimensions` });
    return;
  }
  scope.types.set(name, type.shape === null && value !== undefined ? { ...type, shape: value.shape } : type);
  if (value !== undefined) setValue(scope, name, value);
}

/** Computed from constants alone. What an unknown operator, a body or a random generator makes is not. */
function isConstant({ node, inputs, constant }: InferenceContext, operator: Operator | undefined): boolean {
  if (operator === undefined || operator.volatile === true || hasBodies(node)) return false;
  return inputs.every((input, position) => input === undefined || constant[position] === true);
}

function inferBody(
  body: Graph,
  formal: { readonly inputs: readonly TensorType[]; readonly values: readonly (TensorValue | undefined)[] },
  around: { readonly scope: Scope; readonly inference: Inference },
): Outcome {
  around.inference.budget -= body.nodes.length;
  if (around.inference.budget < 0) {
    return { outputs: body.outputs.map(() => unknownType('its body is repeated too often')), values: [] };
  }
  const scope = openScope(around.scope);
  body.inputs.forEach((name, position) => {
    const type = mergeTypes(formal.inputs[position] ?? unknownType('the file does not say'), body.tensors.get(name));
    define(scope, name, type, formal.values[position]);
  });
  const inferred = inferGraph(body, scope, around.inference);
  around.inference.bodies.set(body, inferred);
  return outcomeIn(scope, body);
}

interface BranchOutcome extends Outcome {
  /** By output: no run changes it, as the branch is known and makes it of constants. */
  readonly constant: readonly boolean[];
}

/** The outputs of an If are those of the branch that is taken. */
function takenBranch(node: Node, scope: Scope, { openBranches }: Inference): BranchOutcome | undefined {
  const branch = branchOf(node, scope);
  if (branch === undefined || (openBranches === 'common' && branch.assumption !== undefined)) return undefined;
  const inner = scopeOf(branch.taken, scope);
  const constant = branch.taken.outputs.map(
    (name) => branch.assumption === undefined && definingScope(inner, name)?.constants.has(name) === true,
  );
  return { ...outcomeIn(inner, branch.taken), constant };
}

function outcomeIn(scope: Scope, body: Graph): Outcome {
  const origins = body.outputs.map((name) => definingScope(scope, name));
  return {
    outputs: body.outputs.map(
      (name, position) => origins[position]?.types.get(name) ?? unknownType('nothing defines it'),
    ),
    values: body.outputs.map((name, position) => origins[position]?.values.get(name)),
  };
}

/** Puts the bodies as inferred into the node; bodies that its operator did not ask for are inferred as declared. */
function withInferredBodies(node: Node, context: InferenceContext, inference: Inference): Node {
  const bodies = bodiesOf(node);
  if (bodies.length === 0) return node;
  for (const [, body] of bodies) if (!inference.bodies.has(body)) context.inferBody(body, []);
  return mapBodies(node, (body) => inference.bodies.get(body) ?? body);
}
