/** What the alignment left on both sides, in any order: the same content elsewhere is a layer that moved. */
import type { MatchedPair } from './anchors.ts';
import type { Evidence } from './comparison.ts';
import { hasTellingWeights, type KeyedGraph, type KeyedNode } from './keyed-graph.ts';
import { pairByKey } from './pair-by-key.ts';
import { longestRisingPairs, type Pair } from './spine.ts';

interface Signature {
  readonly evidence: Evidence;
  readonly confidence: number;
  readonly keyOf: (node: KeyedNode) => string;
}

/** Strong enough to join two nodes wherever they stand; of several alike the first takes the first. */
const signatures: readonly Signature[] = [
  { evidence: 'structure', confidence: 0.8, keyOf: (node) => `${node.contentKey}` },
  {
    evidence: 'structure',
    confidence: 0.6,
    keyOf: (node) => `${node.structureKey} ${node.outputKey} ${node.settings}`,
  },
  { evidence: 'structure', confidence: 0.6, keyOf: (node) => `${node.backwardKey} ${node.outputKey} ${node.settings}` },
];

export function pairLeftovers(base: KeyedGraph, head: KeyedGraph, matched: readonly Pair[]): readonly MatchedPair[] {
  const pairs: MatchedPair[] = [];
  for (const { evidence, confidence, keyOf } of signatures) {
    const all = [...matched, ...pairs];
    const found = pairByKey(unmatched(base, all, 'base'), unmatched(head, all, 'head'), keyOf);
    pairs.push(...found.map((pair) => ({ ...pair, evidence, confidence })));
  }
  const swapped = swappedSteps(base, head, [...matched, ...pairs]);
  return [...pairs, ...swapped];
}

/** Steps between the same two layers, in another order: those that are alike, then the only one of its operator. */
function swappedSteps(base: KeyedGraph, head: KeyedGraph, matched: readonly Pair[]): readonly MatchedPair[] {
  const [stretchOf, stretchOfHead] = stretches(base, head, matched);
  const inStretch = (pairs: readonly Pair[], keyOf: (node: KeyedNode) => string) => {
    const [left, right] = [unmatched(base, pairs, 'base'), unmatched(head, pairs, 'head')];
    const keys = new Map([
      ...left.map((node) => [node, `${stretchOf(node.position)} ${keyOf(node)}`] as const),
      ...right.map((node) => [node, `${stretchOfHead(node.position)} ${keyOf(node)}`] as const),
    ]);
    return { left, right, keyOf: (node: KeyedNode) => keys.get(node)! };
  };
  const same = inStretch(matched, stepKey);
  const alike = pairByKey(same.left, same.right, same.keyOf);
  const rest = inStretch([...matched, ...alike], (node) => `${node.operatorKey} ${node.node.outputs.length}`);
  const alone = pairByKey(onlyOnes(rest.left, rest.keyOf), onlyOnes(rest.right, rest.keyOf), rest.keyOf);
  return [
    ...alike.map((pair) => ({ ...pair, evidence: 'structure', confidence: 0.6 }) as const),
    ...alone.map((pair) => ({ ...pair, evidence: 'aligned', confidence: 0.5 }) as const),
  ];
}

/** Layers with weights are no steps. */
function onlyOnes(nodes: readonly KeyedNode[], keyOf: (node: KeyedNode) => string): readonly KeyedNode[] {
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(keyOf(node), (counts.get(keyOf(node)) ?? 0) + 1);
  return nodes.filter((node) => counts.get(keyOf(node)) === 1 && !hasTellingWeights(node));
}

/** The same step with the same constants: of one layer, in another order. */
function stepKey({ localKey, outputKey, settings, weights }: KeyedNode): string {
  const contents = weights.map(({ fingerprint }) => fingerprint?.digest ?? '?');
  return `${localKey} ${outputKey} ${settings} ${contents.join()}`;
}

type StretchOf = (position: number) => number;

/** For each side: behind which of the layers with weights that both have a position stands. */
function stretches(base: KeyedGraph, head: KeyedGraph, matched: readonly Pair[]): readonly [StretchOf, StretchOf] {
  const layers = matched.filter((pair) => hasTellingWeights(base.nodes[pair.base]!));
  const spine = longestRisingPairs(layers.toSorted((a, b) => a.base - b.base));
  const counter = (side: keyof Pair, length: number): StretchOf => {
    const starts = new Set(spine.map((pair) => pair[side]));
    let count = 0;
    const counts = Array.from({ length }, (_, position) => (count += Number(starts.has(position))));
    return (position) => counts[position]!;
  };
  return [counter('base', base.nodes.length), counter('head', head.nodes.length)];
}

export function unmatched(graph: KeyedGraph, pairs: readonly Pair[], side: keyof Pair): readonly KeyedNode[] {
  const taken = new Set(pairs.map((pair) => pair[side]));
  return graph.nodes.filter((node) => !taken.has(node.position));
}
