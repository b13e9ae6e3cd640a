/** The prepared graph with everything the steps of the compiler ask of a node at hand: types, work, neighbours. */
import type { Graph, TensorType } from '../ir/graph.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import type { Operation } from './operation.ts';
import { operationOf, rememberedOperation } from './operation.ts';

export type { Operation } from './operation.ts';

export interface Program {
  readonly graph: Graph;
  readonly operations: readonly Operation[];
  readonly producers: ReadonlyMap<string, Operation>;
  /** By index, operations on the longest way from the model's inputs: a place that does not depend on the file's order. */
  readonly depths: readonly number[];
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
  const depths: number[] = [];
  for (const operation of operations) {
    depths.push(depthOf(operation, producers, depths));
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
  { node, typed }: Operation,
  producers: ReadonlyMap<string, Operation>,
  depths: readonly number[],
): number {
  let deepest = 0;
  for (let at = 0; at < node.inputs.length; at++) {
    // Nothing makes a constant.
    const producer = typed.constant[at] === true ? undefined : producers.get(node.inputs[at]!);
    if (producer !== undefined) deepest = Math.max(deepest, 1 + depths[producer.index]!);
  }
  return deepest;
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
