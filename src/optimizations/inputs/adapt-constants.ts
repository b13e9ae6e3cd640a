/**
 * Models that were exported at fixed sizes hold them in constants: targets of Reshape, sizes of Resize. Where the new size
 * follows from the old one beyond doubt, the constant is what the exporter would have written; the rest is found later, as a
 * misfit.
 */
import type { Attribute, Graph, Initializer, Model, Node, TensorType, TensorValue } from '../../ir/graph.ts';
import { intsAttribute } from '../../operators/attribute.ts';
import type { InferenceContext } from '../../operators/operator.ts';
import { numericShape, numbersOf } from '../../operators/type.ts';
import { bindDimensions } from '../../passes/bind-dimensions.ts';
import { expandFunctions } from '../../passes/expand-functions.ts';
import { inferShapes } from '../../passes/infer-shapes.ts';
import type { Refine } from '../../passes/infer-shapes.ts';
import type { BoundModel, ResizedModel } from '../optimization.ts';
import { reshapedAnew } from './reshape-target.ts';
import type { Growth } from './reshape-target.ts';

interface Adapted {
  readonly position: number;
  /** Where opsets before the input had an attribute. */
  readonly attribute: string;
  readonly sizes: readonly number[];
}

export function adaptConstants(given: BoundModel, resized: BoundModel, growth: Growth): ResizedModel {
  const before = inferred(given).tensors;
  const adapted = new Map<string, Adapted>();
  inferred(resized, (context, outputs) => {
    const change = changeFor(context, outputs, before, growth);
    if (change === undefined) return outputs;
    adapted.set(context.node.id, change);
    return outputs.map((type) => ({ ...type, shape: change.sizes }));
  });
  const graph = rewritten(resized.model.graph, adapted);
  return { ...resized, model: { ...resized.model, graph }, assumptions: assumptionsOf(resized.model, adapted) };
}

function inferred({ model, bindings }: BoundModel, refine?: Refine): Graph {
  const { graph } = bindDimensions(model.graph, bindings);
  return inferShapes(expandFunctions({ ...model, graph }), 'counted', refine);
}

/** Sizes that follow from those before; undefined where what was inferred is right already, or is all that is known. */
function changeFor(
  context: InferenceContext,
  outputs: readonly TensorType[],
  before: ReadonlyMap<string, TensorType>,
  growth: Growth,
): Adapted | undefined {
  const { node } = context;
  const place = holdsSizes(context);
  const [input] = node.inputs;
  const [output] = node.outputs;
  if (place === undefined || !input || !output) return undefined;
  const old = { input: sizesOf(before.get(input)), output: sizesOf(before.get(output)) };
  const now = { input: sizesOf(context.inputs[0]), output: sizesOf(outputs[0]) };
  if (old.input === undefined || old.output === undefined || now.input === undefined) return undefined;
  const sizes =
    node.operator === 'Reshape'
      ? reshapedAnew({ from: old.input, to: old.output, input: now.input }, growth)
      : scaledAnew(old.input, old.output, now.input);
  if (sizes === undefined || sizes.every((size, axis) => size === now.output?.[axis])) return undefined;
  return { ...place, sizes };
}

/** The constant in which the node holds its output's sizes. */
function holdsSizes({ node, constant, values }: InferenceContext): Omit<Adapted, 'sizes'> | undefined {
  if (node.domain !== '') return undefined;
  const isConstant = (position: number): boolean =>
    constant[position] === true && numbersOf(values[position]) !== undefined;
  if (node.operator === 'Reshape') {
    const place = { position: 1, attribute: 'shape' };
    return intsAttribute(node, 'shape', undefined) !== undefined || isConstant(1) ? place : undefined;
  }
  const full =
    node.operator === 'Resize' && !node.attributes.has('axes') && !node.attributes.has('keep_aspect_ratio_policy');
  return full && isConstant(3) && (values[3]?.elements.length ?? 0) > 0 ? { position: 3, attribute: '' } : undefined;
}

function sizesOf(type: TensorType | undefined): readonly number[] | undefined {
  return numericShape(type?.shape);
}

/** The same factor by which the old sizes were scaled, where that gives whole sizes. */
function scaledAnew(
  from: readonly number[],
  to: readonly number[],
  input: readonly number[],
): readonly number[] | undefined {
  if (from.length !== to.length || from.length !== input.length) return undefined;
  const sizes = to.map((size, axis) => (size * input[axis]!) / from[axis]!);
  return sizes.every(Number.isInteger) ? sizes : undefined;
}

function rewritten(graph: Graph, adapted: ReadonlyMap<string, Adapted>): Graph {
  if (adapted.size === 0) return graph;
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.map((node): Node => {
    const change = adapted.get(node.id);
    if (change === undefined) return node;
    if (node.attributes.has(change.attribute)) {
      const values: Attribute = { kind: 'ints', values: change.sizes };
      return { ...node, attributes: new Map([...node.attributes, [change.attribute, values]]) };
    }
    const constant = sizesConstant(`${node.id}/sizes`, change.sizes);
    initializers.set(constant.name, constant);
    return { ...node, inputs: node.inputs.with(change.position, constant.name) };
  });
  return { ...graph, nodes, initializers };
}

/** Takes the place of one that is in the file, and as many bytes. */
export function sizesConstant(name: string, sizes: readonly number[]): Initializer {
  const value: TensorValue = { dtype: 'int64', shape: [sizes.length], elements: sizes };
  const place = { encoding: 'raw', ranges: [], fileBytes: 8 * sizes.length, available: false } as const;
  return { name, dtype: 'int64', shape: [sizes.length], ...place, value };
}

function assumptionsOf({ graph }: Model, adapted: ReadonlyMap<string, Adapted>): readonly string[] {
  const changed = graph.nodes.filter(({ id }) => adapted.has(id));
  if (changed.length === 0) return [];
  const [first] = changed;
  const target = adapted.get(first!.id)!.sizes.join('x');
  const others = changed.length === 1 ? '' : ` and ${changed.length - 1} more`;
  return [`fixed sizes follow the input: ${first!.operator} ${first!.id} makes ${target}${others}`];
}
