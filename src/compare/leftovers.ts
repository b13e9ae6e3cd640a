/** What the alignment left on both sides, in any order: the same content elsewhere is a layer that moved. */
import type { MatchedPair } from './anchors.ts';
import type { Evidence } from './comparison.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';
import { pairByKey } from './pair-by-key.ts';
import type { Pair } from './spine.ts';

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
  return pairs;
}

export function unmatched(graph: KeyedGraph, pairs: readonly Pair[], side: keyof Pair): readonly KeyedNode[] {
  const taken = new Set(pairs.map((pair) => pair[side]));
  return graph.nodes.filter((node) => !taken.has(node.position));
}
