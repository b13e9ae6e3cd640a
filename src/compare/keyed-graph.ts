/**
 * A canonical graph in canonical order, each node with numbers that stand for what it is, what leads to it and what
 * follows from it. Both sides share one interner: equal numbers mean equal content.
 */
import { intAttribute } from '../operators/attribute.ts';
import { producersOf, type CanonicalGraph, type CanonicalNode, type Operand, type WeightUse } from './canonical.ts';
import { canonicalOrder } from './canonical-order.ts';
import type { Intern } from './intern.ts';
import { familyOf, isCommutative, plainOperator, qualifiedOperator } from './operator-families.ts';
import { placeKeys, type LocalKeys, type PlaceKeys } from './place-keys.ts';

export interface KeyedNode extends CanonicalNode {
  readonly position: number;
  readonly operator: string;
  readonly family: string;
  readonly operatorKey: number;
  readonly attributesKey: number;
  readonly nameKey: number;
  /** Operator without its quantized or fused spelling. */
  readonly plainKey: number;
  readonly familyKey: number;
  /** Operator, attributes, kinds of operands, shapes of weights. */
  readonly localKey: number;
  readonly weightShapeKey: number;
  readonly outputKey: number;
  /** The cone of everything that leads to it: structure alone, then with all values. */
  readonly structureKey: number;
  readonly contentKey: number;
  /** Everything that follows from it, structure alone. */
  readonly backwardKey: number;
  /** By canonical position, sorted, each once. */
  readonly producers: readonly number[];
  readonly consumers: readonly number[];
}

export interface KeyedGraph {
  readonly nodes: readonly KeyedNode[];
  /** Equal where two graphs give the same outputs: structure of the whole graph as seen from its outputs. */
  readonly outputsKey: number;
}

export function keyGraph(graph: CanonicalGraph, intern: Intern): KeyedGraph {
  const locals = graph.nodes.map((node) => localKeys(node, intern));
  const keys = placeKeys(graph, locals, intern);
  const order = canonicalOrder(graph, keys);
  const positions = new Map(order.map((index, position) => [index, position]));
  const outgoing = order.map(() => new Set<number>());
  const incoming = order.map((index, position) => {
    const producers = producersOf(graph.nodes[index]!).map((producer) => positions.get(producer)!);
    for (const producer of producers) outgoing[producer]!.add(position);
    return sorted(producers);
  });
  const nodes = order.map((index, position) => ({
    ...keyedNode(graph.nodes[index]!, intern),
    position,
    ...keysAt(keys, locals, index),
    producers: incoming[position]!,
    consumers: sorted(outgoing[position]!),
  }));
  return { nodes, outputsKey: keys.outputs };
}

function keysAt(keys: PlaceKeys, locals: readonly LocalKeys[], index: number) {
  return {
    localKey: locals[index]!.local,
    structureKey: keys.structure[index]!,
    contentKey: keys.content[index]!,
    backwardKey: keys.backward[index]!,
  };
}

function keyedNode(node: CanonicalNode, intern: Intern) {
  const family = familyOf(node.node.operator);
  return {
    ...node,
    operator: qualifiedOperator(node.node),
    family,
    operatorKey: intern(`operator ${qualifiedOperator(node.node)}`),
    attributesKey: intern(`attributes ${node.attributes}`),
    nameKey: intern(`name ${node.node.name}`),
    plainKey: intern(`plain ${plainOperator(node.node.operator)}`),
    familyKey: intern(`family ${family}`),
    weightShapeKey: intern(`shapes ${weightShapes(node, family)}`),
    outputKey: intern(`types ${node.outputTypes.join(';')}`),
  };
}

const products: ReadonlySet<string> = new Set(['matrix product', 'convolution', 'transposed convolution']);

/** Of a product those of its matrix or filters, in the order of MatMul: a bias may be a node of its own, a matrix transposed. */
function weightShapes({ node, weights }: CanonicalNode, family: string): string {
  const [first] = weights;
  // In brackets: a number is a weight, too.
  if (first === undefined || !products.has(family)) return weights.map(({ shape }) => `[${shape.join()}]`).join('');
  const { shape } = first;
  return (shape.length === 2 && intAttribute(node, 'transB', 0) === 1 ? shape.toReversed() : shape).join();
}

function localKeys(node: CanonicalNode, intern: Intern): LocalKeys {
  const commutative = isCommutative(node.node);
  const kinds = node.operands.map(operandKind);
  if (commutative) kinds.sort();
  const local = intern(`local ${qualifiedOperator(node.node)} ${node.attributes} ${kinds.join(' ')}`);
  const values = node.operands.map(operandValue);
  if (commutative) values.sort();
  return {
    local,
    content: intern(`content ${local} ${values.join(' ')} ${node.foldedWeights.join(' ')}`),
    commutative,
  };
}

function operandKind(operand: Operand): string {
  return operand.kind === 'weight' ? `${operand.weight.dtype}[${operand.weight.shape.join()}]` : operand.kind;
}

function operandValue(operand: Operand): string {
  if (operand.kind === 'weight') return operand.weight.fingerprint?.digest ?? '?';
  return operand.kind === 'setting' ? (operand.text ?? '?') : '';
}

/** Smaller tensors repeat by chance: a bias of zeros says nothing. */
const smallestTellingWeight = 16;

export function isTelling(weight: WeightUse): boolean {
  return weight.shape.reduce((product, length) => product * length, 1) >= smallestTellingWeight;
}

/** False for a sum with a number, too. */
export function hasTellingWeights(node: KeyedNode): boolean {
  return node.weights.some(isTelling);
}

function sorted(values: Iterable<number>): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
