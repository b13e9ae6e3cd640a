/**
 * Nodes that surely belong together, found by what is the same on both sides and nowhere else. Strong anchors (the
 * weights' content) hold across the whole graph and may cross; weaker ones count only between those, and in order.
 */
import type { Evidence } from './comparison.ts';
import { isTelling, type KeyedGraph, type KeyedNode } from './keyed-graph.ts';
import { biasNameKey, scopeKey } from './name-keys.ts';
import { gapsOf, longestRisingPairs, type Pair } from './spine.ts';

export interface MatchedPair extends Pair {
  readonly evidence: Evidence;
  /** 0 to 1. */
  readonly confidence: number;
}

interface AnchorKind {
  readonly evidence: Evidence;
  readonly confidence: number;
  /** Undefined: this node has nothing of the kind. */
  readonly keyOf: (node: KeyedNode) => string | number | undefined;
}

const strongKinds: readonly AnchorKind[] = [
  { evidence: 'weight-hash', confidence: 1, keyOf: (node) => weightKey(node, 'digest') },
  { evidence: 'weight-hash', confidence: 0.97, keyOf: (node) => weightKey(node, 'orderFree') },
  { evidence: 'weight-hash', confidence: 1, keyOf: (node) => (hasKnownWeights(node) ? node.contentKey : undefined) },
  // A bias was folded in, or split off.
  { evidence: 'weight-hash', confidence: 0.95, keyOf: (node) => largestWeightKey(node) },
];

const orderedKinds: readonly AnchorKind[] = [
  { evidence: 'scope', confidence: 0.9, keyOf: scopeKey },
  { evidence: 'name', confidence: 0.85, keyOf: biasNameKey },
  {
    evidence: 'structure',
    confidence: 0.9,
    keyOf: (node) => `${node.structureKey} ${node.backwardKey} ${node.outputKey}`,
  },
  { evidence: 'structure', confidence: 0.85, keyOf: (node) => node.structureKey },
  { evidence: 'structure', confidence: 0.85, keyOf: (node) => node.backwardKey },
];

/** Pairs whose weights are the same and unique on both sides, wherever they stand. Sorted by base. */
export function strongAnchors(base: KeyedGraph, head: KeyedGraph): readonly MatchedPair[] {
  const pairs = new Map<number, MatchedPair>();
  const taken = new Set<number>();
  for (const kind of strongKinds) {
    const open = base.nodes.filter((node) => !pairs.has(node.position));
    const openHead = head.nodes.filter((node) => !taken.has(node.position));
    for (const pair of uniquePairs(open, openHead, kind)) {
      pairs.set(pair.base, pair);
      taken.add(pair.head);
    }
  }
  return [...pairs.values()].sort((a, b) => a.base - b.base);
}

/** Adds to a rising spine what is unique within its gaps, kind by kind; nodes in `taken` stay out. */
export function refineSpine(
  base: KeyedGraph,
  head: KeyedGraph,
  spine: readonly MatchedPair[],
  taken: readonly Pair[],
): readonly MatchedPair[] {
  const takenBase = new Set(taken.map((pair) => pair.base));
  const takenHead = new Set(taken.map((pair) => pair.head));
  let refined = spine;
  for (const kind of orderedKinds) {
    const found: MatchedPair[] = [...refined];
    for (const gap of gapsOf(refined, { base: base.nodes.length, head: head.nodes.length })) {
      const open = base.nodes.slice(...gap.base).filter((node) => !takenBase.has(node.position));
      const openHead = head.nodes.slice(...gap.head).filter((node) => !takenHead.has(node.position));
      found.push(...longestRisingPairs(uniquePairs(open, openHead, kind)));
    }
    refined = found.sort((a, b) => a.base - b.base);
  }
  return refined;
}

function uniquePairs(base: readonly KeyedNode[], head: readonly KeyedNode[], kind: AnchorKind): readonly MatchedPair[] {
  if (base.length === 0 || head.length === 0) return [];
  const heads = uniqueByKey(head, kind);
  const pairs: MatchedPair[] = [];
  for (const [key, node] of uniqueByKey(base, kind)) {
    const other = heads.get(key);
    if (node === null || other === null || other === undefined || !alike(node, other)) continue;
    pairs.push({ base: node.position, head: other.position, evidence: kind.evidence, confidence: kind.confidence });
  }
  return pairs.sort((a, b) => a.base - b.base);
}

/** `null` marks a key that several nodes have. */
function uniqueByKey(
  nodes: readonly KeyedNode[],
  { keyOf }: AnchorKind,
): ReadonlyMap<string | number, KeyedNode | null> {
  const byKey = new Map<string | number, KeyedNode | null>();
  for (const node of nodes) {
    const key = keyOf(node);
    if (key !== undefined) byKey.set(key, byKey.has(key) ? null : node);
  }
  return byKey;
}

/** A name or a shared table alone must not join a convolution to a reshape. */
function alike(a: KeyedNode, b: KeyedNode): boolean {
  return a.familyKey === b.familyKey && a.weights.length > 0 === b.weights.length > 0;
}

function weightKey(node: KeyedNode, part: 'digest' | 'orderFree'): string | undefined {
  const telling = node.weights.filter(isTelling);
  const contents = telling.map((weight) => weight.fingerprint?.[part]);
  if (contents.length === 0 || contents.includes(undefined)) return undefined;
  // Tied weights serve a lookup and a product at once.
  return `${node.familyKey} ${contents.sort().join(' ')}`;
}

function largestWeightKey(node: KeyedNode): string | undefined {
  const [largest] = node.weights.toSorted((a, b) => elements(b.shape) - elements(a.shape));
  if (largest === undefined || !isTelling(largest)) return undefined;
  return largest.fingerprint && `${node.familyKey} ${largest.fingerprint.orderFree}`;
}

function hasKnownWeights(node: KeyedNode): boolean {
  return node.weights.length > 0 && node.weightsKnown;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
