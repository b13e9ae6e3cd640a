/** The short-circuit that most reviews take: two graphs of one structure are paired at once, node by node. */
import type { MatchedPair } from './anchors.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';
import { pairByKey } from './pair-by-key.ts';
import type { Pair } from './spine.ts';

/**
 * All pairs of two graphs with equal structure; undefined where the structure differs. Nodes with equal content go
 * together first: of two parallel branches that swapped places each finds its own.
 */
export function pairTwins(base: KeyedGraph, head: KeyedGraph): readonly MatchedPair[] | undefined {
  if (base.outputsKey !== head.outputsKey || base.nodes.length !== head.nodes.length) return undefined;
  const byContent = pairByKey(base.nodes, head.nodes, (node) => node.contentKey);
  const [bases, heads] = [new Set(byContent.map((pair) => pair.base)), new Set(byContent.map((pair) => pair.head))];
  const byStructure = pairByKey(
    base.nodes.filter((node) => !bases.has(node.position)),
    head.nodes.filter((node) => !heads.has(node.position)),
    (node) => node.structureKey,
  );
  const pairs = [
    ...byContent.map((pair) => twin(base.nodes[pair.base], pair, 1)),
    ...byStructure.map((pair) => twin(undefined, pair, 0.95)),
  ];
  return pairs.length === base.nodes.length ? pairs : undefined;
}

function twin(node: KeyedNode | undefined, { base, head }: Pair, confidence: number): MatchedPair {
  const byWeights = node !== undefined && node.weights.length > 0 && node.weightsKnown;
  return { base, head, evidence: byWeights ? 'weight-hash' : 'structure', confidence };
}
