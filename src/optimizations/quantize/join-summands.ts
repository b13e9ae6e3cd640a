/**
 * ONNX Runtime's optimizer makes a MatMul and the Add behind it one Gemm (MatMulAddFusion, matmul_add_fusion.cc). A product
 * of more than two axes gets a Reshape on each side, if the file fixes its sizes; the projections of an attention stay as
 * they are, for a later fusion to find them.
 */
import { encodedTypeBytes } from '../../formats/onnx/encoded-size.ts';
import { isKnown } from '../../ir/dimension.ts';
import { isFloat } from '../../ir/data-type.ts';
import type { Attribute, Graph, Model, Node, Shape } from '../../ir/graph.ts';
import { numericShape } from '../../operators/type.ts';
import { consumersOf } from '../../passes/drop-nodes.ts';
import { inferModel } from '../../passes/index.ts';
import { attentionProjections } from './attention-projections.ts';
import { addConstant, nameFor, newNode } from './draft.ts';
import type { Draft, NewNode } from './draft.ts';
import type { Step } from './step.ts';

interface Joined {
  readonly product: Node;
  readonly sum: Node;
  readonly bias: string;
  /** Of the product's first operand. */
  readonly shape: readonly number[];
  /** Columns of the second. */
  readonly width: number;
}

export function joinSummands(draft: Draft, selects: (node: Node) => boolean): Step {
  const { given, tensors, removedNodes } = draft;
  const joined = joinedIn(draft, selects);
  if (joined.size === 0) return { graph: given, made: [] };
  const sums = new Map([...joined.values()].map((each) => [each.sum, each]));
  const made: Node[] = [];
  let flattened = 0;
  const nodes = given.nodes.flatMap((node): readonly Node[] => {
    if (joined.has(node)) return [];
    const each = sums.get(node);
    if (each === undefined) return [node];
    removedNodes.push(each.product, node);
    const now = each.shape.length === 2 ? [gemm(draft, each)] : between(draft, each, flattened++);
    made.push(...now);
    return now;
  });
  return { graph: { ...given, nodes, tensors }, made };
}

/** By product. */
function joinedIn({ given, scope }: Draft, selects: (node: Node) => boolean): ReadonlyMap<Node, Joined> {
  const readers = consumersOf(given.nodes);
  const outputs = new Set(given.outputs);
  const kept = attentionProjections(given);
  const joined = new Map<Node, Joined>();
  for (const product of given.nodes) {
    if (product.operator !== 'MatMul' || product.domain !== '' || !selects(product)) continue;
    const output = product.outputs[0]!;
    const [sum, ...others] = readers.get(output) ?? [];
    if (sum?.operator !== 'Add' || sum.domain !== '' || others.length > 0 || outputs.has(output)) continue;
    if (!selects(sum) || sum.repetitions !== product.repetitions) continue;
    const each = fitting(given, product, sum);
    if (each === undefined) continue;
    if (each.shape.length !== 2 && (kept.has(product) || !isFixed(scope.model, product.inputs[0]!))) continue;
    joined.set(product, each);
  }
  return joined;
}

/** A Gemm spreads its third operand over the other two's product, never the other way round. */
function fitting({ tensors }: Graph, product: Node, sum: Node): Joined | undefined {
  const [first = '', second = ''] = product.inputs;
  const bias = sum.inputs[0] === product.outputs[0] ? sum.inputs[1]! : sum.inputs[0]!;
  const [shape, matrix, added] = [first, second, bias].map((name) => numericShape(tensors.get(name)?.shape));
  if (shape === undefined || matrix?.length !== 2 || added === undefined || bias === product.outputs[0])
    return undefined;
  if (!isFloat(tensors.get(first)?.dtype ?? 'float32')) return undefined;
  const width = matrix[1]!;
  const [rows, columns] = added;
  const isRow = added.length === 1 && rows === width;
  const isMatrix =
    shape.length === 2 &&
    added.length === 2 &&
    ((rows === 1 && columns === width) || (rows === shape[0] && (columns === 1 || columns === width)));
  return isRow || isMatrix ? { product, sum, bias, shape, width } : undefined;
}

const one: Attribute = { kind: 'float', value: 1 };
const no: Attribute = { kind: 'int', value: 0 };

/** The optimizer writes all attributes, at their defaults. */
const gemmAttributes: Node['attributes'] = new Map(Object.entries({ transA: no, alpha: one, transB: no, beta: one }));

/** It comes where the Add was, and goes by the MatMul's id. */
function gemm({ addedNodes }: Draft, { product, sum, bias }: Joined, flat?: Flat): Node {
  const made: Node = {
    ...product,
    name: `${product.name}/MatMulAddFusion`,
    operator: 'Gemm',
    inputs: [flat?.input ?? product.inputs[0]!, product.inputs[1]!, bias],
    outputs: [flat?.output ?? sum.outputs[0]!],
    attributes: gemmAttributes,
    sources: [...product.sources, ...sum.sources],
    metadata: new Map(),
  };
  addedNodes.push(made);
  return made;
}

/** What the Gemm reads and writes between two Reshapes. */
interface Flat {
  readonly input: string;
  readonly output: string;
}

/** A Gemm between two Reshapes. `index`: so many of them were made before. */
function between(draft: Draft, joined: Joined, index: number): readonly Node[] {
  const { product, sum, shape, width } = joined;
  const [source, output] = [product.inputs[0]!, sum.outputs[0]!];
  // The optimizer numbers names that it has given before, all in a row.
  const named = (name: string, place: number) => (index === 0 ? name : `${name}_token_${6 * (index - 1) + place}`);
  const rows = shape.slice(0, -1).reduce((all, size) => all * size, 1);
  const flat: Flat = {
    input: flatTensor(draft, named('gemm_input_reshape_arg', 1), source, [rows, shape.at(-1)!]),
    output: flatTensor(draft, named('gemm_output_reshape_arg', 4), output, [rows, width]),
  };
  const before = shapeOf(draft, named('gemm_input_shape', 0), 2);
  const behind = shapeOf(draft, named('gemm_output_shape', 3), shape.length);
  return [
    reshape(draft, product, { name: named('gemm_input_reshape', 2), inputs: [source, before], outputs: [flat.input] }),
    gemm(draft, joined, flat),
    reshape(draft, product, {
      name: named('gemm_output_reshape', 5),
      inputs: [flat.output, behind],
      outputs: [output],
    }),
  ];
}

function flatTensor(draft: Draft, wanted: string, like: string, shape: readonly number[]): string {
  const name = nameFor(draft, wanted);
  const type = { dtype: draft.tensors.get(like)?.dtype ?? 'float32', shape };
  draft.tensors.set(name, type);
  draft.further.bytes += encodedTypeBytes(name, type);
  return name;
}

function shapeOf(draft: Draft, wanted: string, rank: number): string {
  const name = nameFor(draft, wanted);
  addConstant(draft, { name, dtype: 'int64', shape: [rank] });
  return name;
}

function reshape(draft: Draft, like: Node, wanted: Omit<NewNode, 'operator'>): Node {
  const node = newNode(draft, like, { ...wanted, operator: 'Reshape', attributes: { allowzero: no } });
  draft.addedNodes.push(node);
  return node;
}

const knownShapes = new WeakMap<Model, ReadonlyMap<string, Shape | null> | 'fixed'>();

/** Whether the file says how large the tensor is, without anybody binding its dimensions. */
function isFixed(model: Model, name: string): boolean {
  const known = knownShapes.get(model) ?? shapesIn(model);
  knownShapes.set(model, known);
  return known === 'fixed' || known.get(name)?.every(isKnown) === true;
}

function shapesIn(model: Model): ReadonlyMap<string, Shape | null> | 'fixed' {
  const { inputs, tensors } = model.graph;
  if (inputs.every((name) => tensors.get(name)?.shape?.every(isKnown) === true)) return 'fixed';
  const inferred = inferModel(model, { dims: new Map(), inputs: new Map() });
  return new Map([...inferred.graph.tensors].map(([name, { shape }]) => [name, shape]));
}
