/** Unmatched neighbours that one side of a pair does by itself: what was folded into it, or split off. */
import { isQuantizedInteger } from '../ir/data-type.ts';
import { composedOf, sharesParts, type Parts } from './composite-operators.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';

/** Parts of one composite beyond this are left to rows of their own: hostile graphs. */
export const maximumParts = 64;

interface Wanted {
  readonly operators: ReadonlySet<string>;
  readonly side: Parts['side'];
  /** Parts that others read too may be taken. */
  readonly shared?: boolean;
  /** Only what computes with constants: not a shortcut, nor a gate. */
  readonly constant?: boolean;
}

const views = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

/** What stands around an integer product that quantizes its own input (onnxruntime's dynamic quantization). */
const aroundInteger = ['DynamicQuantizeLinear', 'Cast', 'Mul', 'Add', 'Reshape'];

/** One side of the comparison; `free`: positions that are in no group yet. */
export interface Side {
  readonly graph: KeyedGraph;
  readonly free: Set<number>;
}

/** What may be absorbed: what a fusion computes; after all else, steps of one change of layout. */
export type Absorbed = 'computation' | 'layout';

/** `group` and those of its free neighbours, and of theirs, that `other` holds. Takes them out of `free`. Rising. */
export function absorb(
  kind: Absorbed,
  side: Side,
  group: readonly number[],
  [node, other]: readonly [KeyedNode, KeyedNode],
): readonly number[] {
  if (kind === 'layout') return collectAll(side, group, wantedViews(node, other));
  return collectAll(side, [...group, ...mergedSiblings(side, node, other)], wantedParts(node, other));
}

function collectAll({ graph, free }: Side, group: readonly number[], wanted: readonly Wanted[]): readonly number[] {
  return wanted.reduce((found, one) => collect(graph, found, one, free), group);
}

/** Products of one input that are one product on the other side, whose result is split. Takes them out of `free`. */
function mergedSiblings({ graph, free }: Side, node: KeyedNode, other: KeyedNode): readonly number[] {
  const missing = weightElements(other) - weightElements(node);
  if (node.operator !== other.operator || node.producers.length !== 1 || missing <= 0) return [];
  const siblings = graph.nodes[node.producers[0]!]!.consumers.filter(
    (position) => free.has(position) && graph.nodes[position]!.operator === node.operator,
  );
  const found = siblings.reduce((sum, position) => sum + weightElements(graph.nodes[position]!), 0);
  // All of them or none: anything else is a layer that grew beside layers that went.
  if (siblings.length === 0 || found !== missing) return [];
  for (const position of siblings) free.delete(position);
  return siblings;
}

function weightElements({ weights }: KeyedNode): number {
  return weights.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

/** Exporters spell one change of layout in one step or in several. */
function wantedViews(node: KeyedNode, other: KeyedNode): readonly Wanted[] {
  if (!isView(node) || !isView(other)) return [];
  return [{ operators: new Set([...views, 'Transpose']), side: 'around' }];
}

/** Operators that `node` may have beside it because `other` holds them too. */
function wantedParts(node: KeyedNode, other: KeyedNode): readonly Wanted[] {
  const wanted: Wanted[] = [];
  const want = (operators: Iterable<string>, side: Parts['side'], shared = false): void => {
    wanted.push({ operators: new Set(operators), side, shared });
  };
  // A factor for each channel that others multiply into the filters, which then are others; and what is added behind it.
  if (node.family === other.family && isProduct(node) && hasOtherWeights(node, other)) {
    const operators = new Set(hasBias(other) && !hasBias(node) ? ['Mul', 'Add'] : ['Mul']);
    wanted.push({ operators, side: 'behind', constant: true });
  }
  const parts = composedOf(other.node);
  // The same operator on both sides: only what leaves no trace in the operator's name can have been folded in.
  if (node.operator !== other.operator) want(parts.operators, parts.side, sharesParts(other.node));
  else if (parts.operators.has('BatchNormalization')) want(['BatchNormalization'], 'around');
  // A product of matrices only where the other multiplies stacks of them.
  if (node.node.operator.endsWith('Gemm') && other.node.operator !== node.node.operator) want(views, 'around');
  if (isInteger(node) && !isInteger(other)) want(aroundInteger, 'around', true);
  // Products of one input were merged, and their results are taken apart.
  if (weightElements(other) < weightElements(node) && node.family === 'matrix product') want(['Split'], 'behind');
  // Rounding to integers clamps as an activation would.
  if (isQuantized(other) && !isQuantized(node)) want(['Relu', 'Clip'], 'behind');
  if (node.family === 'activation' && node.operator !== other.operator) want(['Mul'], 'behind');
  return wanted;
}

function isProduct({ family }: KeyedNode): boolean {
  return family === 'matrix product' || family === 'convolution';
}

function hasBias({ weights }: KeyedNode): boolean {
  return weights.length > 1;
}

/** True where both contents are known, and differ. */
function hasOtherWeights({ weights: [weight] }: KeyedNode, { weights: [other] }: KeyedNode): boolean {
  const [before, after] = [weight?.fingerprint?.digest, other?.fingerprint?.digest];
  return before !== undefined && after !== undefined && before !== after;
}

function isView({ node, family }: KeyedNode): boolean {
  return family === 'view' || node.operator === 'Transpose';
}

function isInteger({ node }: KeyedNode): boolean {
  return node.operator.endsWith('Integer');
}

function isQuantized({ output }: KeyedNode): boolean {
  return output?.dtype !== undefined && output.dtype !== null && isQuantizedInteger(output.dtype);
}

function collect(
  graph: KeyedGraph,
  start: readonly number[],
  { operators, side, shared = false, constant = false }: Wanted,
  free: Set<number>,
): readonly number[] {
  const group = [...start];
  const lead = graph.nodes[start[0]!]!;
  const inside = new Set(group);
  const isPart = (position: number): boolean =>
    free.has(position) && operators.has(graph.nodes[position]!.node.operator) && !isForeign(position);
  // A product of matrices takes in its bias, not the shortcut that is added behind it.
  const isForeign = (position: number): boolean => {
    const { node, weights } = graph.nodes[position]!;
    return weights.length === 0 && (constant || (lead.family === 'matrix product' && node.operator === 'Add'));
  };
  const take = (position: number): void => {
    if (inside.has(position) || group.length >= maximumParts || !isPart(position)) return;
    free.delete(position);
    inside.add(position);
    group.push(position);
  };
  // The group grows while it is walked.
  for (const member of group) {
    const { producers, consumers } = graph.nodes[member]!;
    if (side !== 'before' && consumers.every((position) => inside.has(position) || isPart(position)))
      consumers.forEach(take);
    if (side === 'behind') continue;
    for (const producer of producers) {
      // What others read as well was not swallowed by this one alone.
      if (shared || graph.nodes[producer]!.consumers.every((position) => inside.has(position))) take(producer);
    }
  }
  return group.sort((a, b) => a - b);
}
