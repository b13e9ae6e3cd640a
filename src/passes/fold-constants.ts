/**
 * Nodes that a runtime computes once, when it loads the model, become constants.
 *
 * A node all of whose inputs are constant is a constant node and its id leaves the layers. A node whose result follows
 * from shapes alone (Shape, and the arithmetic behind it) is free at run time too; its id goes to the node that uses it.
 * A folded tensor remembers the file's initializers that its elements came from: they are parameters of whoever uses it.
 */
import { bitsPerElement, type DataType } from '../ir/data-type.ts';
import { isKnown } from '../ir/dimension.ts';
import type { Graph, Initializer, Node, WeightPacking } from '../ir/graph.ts';
import { isPermutation } from '../ir/permutation.ts';
import { intAttribute, intsAttribute, tensorAttribute } from '../operators/attribute.ts';
import { numericShape } from '../operators/type.ts';
import { dropNodes } from './drop-nodes.ts';
import { originsIn } from './origins.ts';
import type { Origins } from './origins.ts';

export interface FoldedGraph {
  readonly graph: Graph;
  /** Ids of the constant nodes, in file order. */
  readonly constantNodes: readonly string[];
}

/** Nodes must be in dependency order. */
export function foldConstants(typed: Graph): FoldedGraph {
  const { graph, constantNodes } = liftConstants(typed);
  const folded = new Set(graph.nodes.filter((node) => isConstant(node, graph) && hasShapes(node, graph)));
  const decided = new Set(graph.nodes.filter((node) => !folded.has(node) && isDecided(node, graph)));
  const origins = originsIn(graph);
  const initializers = new Map(graph.initializers);
  const tensors = new Map(graph.tensors);
  const grown: Graph = { ...graph, initializers, tensors };
  for (const node of graph.nodes) {
    if (!folded.has(node) && !decided.has(node)) continue;
    for (const made of foldedOutputs(node, grown, origins)) {
      initializers.set(made.name, made);
      tensors.set(made.name, { dtype: made.dtype, shape: made.shape });
    }
  }
  const kept = graph.nodes.filter((node) => !folded.has(node));
  return {
    graph: dropNodes({ ...grown, nodes: kept, constants: new Set(initializers.keys()) }, decided, 'consumer'),
    constantNodes: [...constantNodes, ...[...folded].flatMap(({ sources }) => sources)],
  };
}

/** Tensors in attributes of Constant nodes become initializers. */
function liftConstants(graph: Graph): FoldedGraph {
  const initializers = new Map(graph.initializers);
  const lifted = new Set<Node>();
  for (const node of graph.nodes) {
    const held = node.operator === 'Constant' && node.domain === '' ? tensorAttribute(node, 'value') : undefined;
    const [name] = node.outputs;
    if (held === undefined || !name) continue;
    initializers.set(name, { ...held, name });
    lifted.add(node);
  }
  const nodes = graph.nodes.filter((node) => !lifted.has(node));
  return { graph: { ...graph, nodes, initializers }, constantNodes: [...lifted].flatMap(({ sources }) => sources) };
}

function made(node: Node): readonly string[] {
  return node.outputs.filter((name) => name !== '');
}

function isConstant(node: Node, graph: Graph): boolean {
  const names = made(node);
  return names.length > 0 && names.every((name) => graph.constants?.has(name) === true);
}

function hasShapes(node: Node, graph: Graph): boolean {
  return made(node).every((name) => {
    const type = graph.tensors.get(name);
    return (
      type !== undefined &&
      type.dtype !== null &&
      type.container === undefined &&
      numericShape(type.shape) !== undefined
    );
  });
}

/** Every element of every output is a number already. */
function isDecided(node: Node, graph: Graph): boolean {
  const names = made(node);
  return names.length > 0 && names.every((name) => graph.values.get(name)?.elements.every(isKnown) === true);
}

function foldedOutputs(node: Node, graph: Graph, origins: Origins): readonly Initializer[] {
  return made(node).map((name, index, names): Initializer => {
    const type = graph.tensors.get(name);
    const value = graph.values.get(name);
    const { data, storage } = isConstant(node, graph) ? origins(name) : { data: [], storage: [] };
    const from = [...data, ...storage];
    return {
      name,
      dtype: storedType(node, graph) ?? type?.dtype ?? value!.dtype,
      shape: numericShape(type?.shape) ?? value!.shape,
      encoding: 'raw',
      ranges: [],
      fileBytes: 0,
      available: from.every(({ available }) => available),
      foldedFrom: from.map((initializer) => initializer.name),
      ...(value === undefined ? {} : { value }),
      ...movedFrom(node, graph),
      // Where there are several outputs, the others are masks.
      ...(index === names.length - 1 ? packingOf(node, graph) : {}),
    };
  });
}

/** Moves one behind the other that are followed; exporters write three at most. */
const longestMove = 16;

/** Where the elements are found of a constant that is another one moved about. */
function movedFrom(node: Node, graph: Graph): Pick<Initializer, 'movedFrom'> {
  const constant = graph.initializers.get(node.inputs[0] ?? '');
  if (constant === undefined || node.domain !== '' || !isFound(constant)) return {};
  if (sameOrder.has(node.operator)) return { movedFrom: { constant } };
  if (node.operator !== 'Transpose') return {};
  const permutation = intsAttribute(node, 'perm', [...constant.shape.keys()].reverse());
  return isPermutation(permutation, constant.shape.length) ? { movedFrom: { constant, permutation } } : {};
}

function isFound({ foldedFrom, movedFrom: before }: Initializer): boolean {
  let moves = 0;
  for (let at = before; at !== undefined; at = at.constant.movedFrom) moves += 1;
  return foldedFrom === undefined || (before !== undefined && moves < longestMove);
}

/** Operators that leave the elements in their order. */
const sameOrder: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Operators that change where elements lie and not what they are. */
const moves: ReadonlySet<string> = new Set([
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Concat',
  'Split',
  'Slice',
  'Gather',
  'Expand',
  'Tile',
]);

/** Operators of quantized weights; the first input holds the integers. */
const dequantizing: ReadonlySet<string> = new Set([
  'DequantizeLinear',
  'constexpr_sparse_to_dense',
  'constexpr_sparse_blockwise_shift_scale',
]);

/**
 * Weights stay in the type that the file quantized them to: a dequantized constant, and one that was moved about after
 * that, keeps its integers. Indices into a table are not what is computed with: see `Initializer.packing`.
 */
function storedType({ operator, inputs }: Node, graph: Graph): DataType | undefined {
  if (!dequantizing.has(operator) && !moves.has(operator)) return undefined;
  return graph.initializers.get(inputs[0] ?? '')?.dtype;
}

/** Operators that leave each element what it is, or give it the scale that its type has not. */
const keepsPacking: ReadonlySet<string> = new Set([
  'Transpose',
  ...sameOrder,
  'DequantizeLinear',
  'constexpr_sparse_blockwise_shift_scale',
]);

/** Indices into a table and elements that a mask places (Core ML), which some targets unpack while they compute. */
function packingOf(node: Node, graph: Graph): Pick<Initializer, 'packing'> {
  const { operator, domain, inputs } = node;
  const first = graph.initializers.get(inputs[0] ?? '');
  if (first === undefined) return {};
  if (keepsPacking.has(operator)) return first.packing === undefined ? {} : { packing: first.packing };
  if (domain !== 'coreml') return {};
  if (operator.startsWith('constexpr_lut_to_')) return { packing: { table: tableOf(node, first, graph) } };
  if (operator !== 'constexpr_sparse_to_dense') return {};
  return { packing: { ...first.packing, kept: countOf(first) } };
}

/** One index stands for a vector where entries of the table are vectors. */
function tableOf(node: Node, { dtype }: Initializer, graph: Graph): NonNullable<WeightPacking['table']> {
  const table = graph.initializers.get(node.inputs.at(-1) ?? '');
  const bits = bitsPerElement(dtype) / Math.max(1, intAttribute(node, 'vector_size', 1));
  return { bits, entries: table === undefined ? 0 : countOf(table) };
}

function countOf({ shape }: Initializer): number {
  return shape.reduce((count, size) => count * size, 1);
}
