/** Operators with bodies: branches and loops. Their work is that of their bodies, which passes put in their place. */
import { equal, isKnown, isUnknown, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Graph, Shape, TensorType } from '../ir/graph.ts';
import { graphAttribute, intAttribute, intsAttribute } from './attribute.ts';
import { totalElements } from './movement.ts';
import type { InferenceContext, Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, normalizeAxis, tensor, unknownType } from './type.ts';
import type { Work } from './work.ts';

/** What two types have in common; sizes that differ are unknown, and so is the shape where the ranks differ. */
function common(a: TensorType, b: TensorType, reason: string): TensorType {
  const dtype = a.dtype === b.dtype ? a.dtype : null;
  const container = a.container === undefined ? {} : { container: a.container };
  if (a.shape === null || a.shape.length !== b.shape?.length) {
    return { dtype, shape: null, ...container, reason: a.reason ?? b.reason ?? reason };
  }
  const shape = a.shape.map((size, axis): Dimension => {
    const other = b.shape![axis]!;
    if (isUnknown(size)) return size;
    return equal(size, other) ? size : unknown(reason);
  });
  return { dtype, shape, ...container, ...(dtype === null ? { reason } : {}) };
}

function inferIf(context: InferenceContext): readonly TensorType[] {
  const whenTrue = graphAttribute(context.node, 'then_branch');
  const whenFalse = graphAttribute(context.node, 'else_branch');
  if (whenTrue === undefined || whenFalse === undefined) return [];
  const [yes, no] = [whenTrue, whenFalse].map((branch) => context.inferBody(branch, []).outputs);
  const condition = context.values[0]?.elements[0];
  if (condition !== undefined && isKnown(condition)) return condition === 0 ? no! : yes!;
  return yes!.map((type, position) => common(type, no![position] ?? type, decidedAtRunTime('If')));
}

/** Types of loop-carried tensors that hold in every iteration: what changes from one to the next is unknown. */
function stableTypes(
  operator: string,
  initial: readonly TensorType[],
  run: (carried: readonly TensorType[]) => Iteration,
): { readonly carried: readonly TensorType[]; readonly iteration: Iteration } {
  const first = run(initial);
  const carried = initial.map((type, position) =>
    common(type, first.outputs[position] ?? type, decidedAtRunTime(operator)),
  );
  const stable = carried.every((type, position) => sameShape(type.shape, initial[position]!.shape));
  return { carried, iteration: stable ? first : run(carried) };
}

interface Iteration {
  /** Carried, then stacked. */
  readonly outputs: readonly TensorType[];
  /** True where nothing but the trip count ends the loop. */
  readonly goesOn: boolean;
}

function sameShape(a: Shape | null, b: Shape | null): boolean {
  if (a === null || b === null) return a === b;
  return a.every((size, axis) => equal(size, b[axis]!) || (isUnknown(size) && isUnknown(b[axis]!)));
}

function known(inputs: readonly (TensorType | undefined)[]): readonly TensorType[] {
  return inputs.map((input) => input ?? unknownType('an input is missing'));
}

function stack(length: Dimension, { dtype, shape, reason }: TensorType): TensorType {
  return tensor(dtype, shape && [length, ...shape], reason);
}

const passesOn: ReadonlySet<string> = new Set(['Identity', 'Cast']);

/** True where a Loop's body hands on the condition that it was given: exporters write counted loops so. */
export function keepsCondition(body: Graph): boolean {
  let name = body.outputs[0];
  for (const node of body.nodes.toReversed()) {
    if (node.domain === '' && passesOn.has(node.operator) && node.outputs[0] === name) name = node.inputs[0];
  }
  return name !== undefined && name === body.inputs[1];
}

/** Inputs: trip count, condition, carried; body: counter, condition, carried -> condition, carried, stacked. */
function inferLoop(context: InferenceContext): readonly TensorType[] {
  const body = graphAttribute(context.node, 'body');
  if (body === undefined) return [];
  const initial = known(context.inputs.slice(2));
  const run = (carried: readonly TensorType[]): Iteration => {
    const { outputs, values } = context.inferBody(body, [tensor('int64', []), tensor('bool', []), ...carried]);
    const goesOn = values[0]?.elements[0] === 1 || keepsCondition(body);
    return { outputs: outputs.slice(1), goesOn };
  };
  const { carried, iteration } = stableTypes('Loop', initial, run);
  const most = context.values[0]?.elements[0];
  const length = iteration.goesOn && most !== undefined ? most : unknown(decidedAtRunTime('Loop'));
  return [...carried, ...iteration.outputs.slice(initial.length).map((type) => stack(length, type))];
}

/** Inputs and body inputs: carried, scanned; body outputs: carried, stacked. Opset 8 has lengths and a batch in front. */
function inferScan(context: InferenceContext): readonly TensorType[] {
  const { node } = context;
  const body = graphAttribute(node, 'body');
  if (body === undefined) return [];
  const batched = node.version < 9;
  const scannedCount = intAttribute(node, 'num_scan_inputs', 0);
  const samples = known(context.inputs.slice(batched ? 1 : 0)).map((type) => cutAxis(type, 0));
  const inputs = batched ? samples.map(({ slice }) => slice) : known(context.inputs);
  const initial = inputs.slice(0, inputs.length - scannedCount);
  const axes = intsAttribute(node, 'scan_input_axes', []);
  const slices = inputs.slice(initial.length).map((type, position) => cutAxis(type, axes[position] ?? 0));
  const { carried, iteration } = stableTypes('Scan', initial, (types) => {
    const { outputs } = context.inferBody(body, [...types, ...slices.map(({ slice }) => slice)]);
    return { outputs, goesOn: true };
  });
  const length =
    slices.find(({ length }) => isKnown(length))?.length ?? slices[0]?.length ?? unknown('no scanned input');
  const outputAxes = intsAttribute(node, 'scan_output_axes', []);
  const stacked = iteration.outputs.slice(initial.length).map((type, position): TensorType => {
    const axis = normalizeAxis(outputAxes[position] ?? 0, (type.shape?.length ?? 0) + 1) ?? 0;
    return tensor(type.dtype, type.shape?.toSpliced(axis, 0, length) ?? null, type.reason);
  });
  const outputs = [...carried, ...stacked];
  if (!batched) return outputs;
  const batch = samples.find(({ length }) => isKnown(length))?.length ?? samples[0]?.length ?? unknown('no input');
  return outputs.map((type) => stack(batch, type));
}

function cutAxis(type: TensorType, axis: number): { readonly slice: TensorType; readonly length: Dimension } {
  const fromFront = type.shape ? normalizeAxis(axis, type.shape.length) : undefined;
  if (!type.shape || fromFront === undefined)
    return { slice: tensor(type.dtype, null), length: unknown('no such axis') };
  return { slice: tensor(type.dtype, type.shape.toSpliced(fromFront, 1)), length: type.shape[fromFront]! };
}

/** The body once per element of the first sequence; tensors among the inputs are passed as they are. */
function inferSequenceMap(context: InferenceContext): readonly TensorType[] {
  const body: Graph | undefined = graphAttribute(context.node, 'body');
  if (body === undefined) return [];
  const elements = known(context.inputs).map(({ dtype, shape, reason }) => tensor(dtype, shape, reason));
  return context.inferBody(body, elements).outputs.map((type) => ({ ...type, container: 'sequence' as const }));
}

/** What the node itself does once its body stands beside it: slices in front of a loop, stacked results behind it. */
function controlWork(_node: TypedNode, outputs: readonly TensorType[]): Work {
  return { operatorClass: 'control', nests: [], vector: [{ operation: 'move', elements: totalElements(outputs) }] };
}

function control(name: string, documentation: string, infer: Operator['infer']): Operator {
  return { domain: '', name, documentation, infer, work: controlWork, volatile: true };
}

export const controlOperators: readonly Operator[] = [
  control('If', 'One of two branches; counted as the branch of a constant condition, else the costlier one.', inferIf),
  control('Loop', 'A body repeated; counted as the body times the trip count where it is known.', inferLoop),
  control('Scan', 'A body repeated over slices; counted as the body times the trip count.', inferScan),
  {
    ...control(
      'SequenceMap',
      'A body repeated over a sequence; the length of a sequence is not followed, the body is counted once.',
      inferSequenceMap,
    ),
    repeatsBodies: true,
  },
];
