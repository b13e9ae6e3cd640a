/**
 * Fusions done by an exporter or an optimizer: several nodes on one side do what one node does on the other. They
 * become one group, so that a fusion shows its real difference and not one layer vanishing.
 */
import type { Evidence } from './comparison.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';
import { composedOf } from './composite-operators.ts';
import type { MatchedPair } from './anchors.ts';
import { unmatched } from './leftovers.ts';

/** Positions on each side; one of each is a pair, one side empty an addition or a removal. */
export interface Group {
  readonly base: readonly number[];
  readonly head: readonly number[];
  readonly evidence: Evidence;
  readonly confidence: number;
}

/** Parts of one composite beyond this are left to rows of their own: hostile graphs. */
const maximumParts = 64;

const groupConfidence = 0.75;

export function groupNodes(base: KeyedGraph, head: KeyedGraph, pairs: readonly MatchedPair[]): readonly Group[] {
  const headOf = new Map(pairs.map((pair) => [pair.base, pair.head]));
  const baseOf = new Map(pairs.map((pair) => [pair.head, pair.base]));
  const free = {
    base: new Set(unmatched(base, pairs, 'base').map((node) => node.position)),
    head: new Set(unmatched(head, pairs, 'head').map((node) => node.position)),
  };
  const fromPairs = pairs.map((pair): Group => {
    const [node, other] = [base.nodes[pair.base]!, head.nodes[pair.head]!];
    const bases = absorb(base, [pair.base], partsFor(node, other), free.base);
    const heads = absorb(head, [pair.head], partsFor(other, node), free.head);
    const grown = bases.length + heads.length > 2;
    return {
      ...pair,
      base: bases,
      head: heads,
      confidence: grown ? Math.min(pair.confidence, groupConfidence) : pair.confidence,
    };
  });
  const fused = [...free.head].flatMap((position): Group[] => {
    const parts = replacedParts(head.nodes[position]!, base, baseOf, free.base);
    return parts.length === 0 || !free.head.delete(position) ? [] : [joined(parts, [position])];
  });
  const split = [...free.base].flatMap((position): Group[] => {
    const parts = replacedParts(base.nodes[position]!, head, headOf, free.head);
    return parts.length === 0 || !free.base.delete(position) ? [] : [joined([position], parts)];
  });
  const alone = { evidence: 'none', confidence: 0.9 } as const;
  const removed = [...free.base].map((position): Group => ({ ...alone, base: [position], head: [] }));
  const added = [...free.head].map((position): Group => ({ ...alone, base: [], head: [position] }));
  return [...fromPairs, ...fused, ...split, ...removed, ...added];
}

function joined(base: readonly number[], head: readonly number[]): Group {
  return { base, head, evidence: 'aligned', confidence: 0.6 };
}

/** Operators that `node` may have beside it because `other` holds them too. */
function partsFor(node: KeyedNode, other: KeyedNode): ReadonlySet<string> {
  const parts = composedOf(other.node.operator);
  if (node.operator !== other.operator) return parts;
  // The same operator on both sides: only what leaves no trace in the operator's name can have been folded in.
  return new Set([...parts].filter((part) => part === 'BatchNormalization'));
}

/** The nodes with those unmatched neighbours, and theirs, that are such parts. Takes them out of `free`. */
function absorb(
  graph: KeyedGraph,
  start: readonly number[],
  parts: ReadonlySet<string>,
  free: Set<number>,
): readonly number[] {
  if (parts.size === 0) return start;
  const group = [...start];
  for (let at = 0; at < group.length && group.length < maximumParts; at += 1) {
    const { producers, consumers } = graph.nodes[group[at]!]!;
    for (const neighbour of [...producers, ...consumers]) {
      if (group.length >= maximumParts || !parts.has(graph.nodes[neighbour]!.node.operator)) continue;
      if (free.delete(neighbour)) group.push(neighbour);
    }
  }
  return group.sort((a, b) => a - b);
}

/** For a composite that has no partner: the unmatched parts on the other side that stand between the same neighbours. */
function replacedParts(
  composite: KeyedNode,
  graph: KeyedGraph,
  partnerOf: ReadonlyMap<number, number>,
  free: Set<number>,
): readonly number[] {
  const parts = composedOf(composite.node.operator);
  if (parts.size === 0) return [];
  const partners = (positions: readonly number[]): readonly KeyedNode[] =>
    positions.flatMap((position) => graph.nodes[partnerOf.get(position) ?? -1] ?? []);
  const seeds = [
    ...partners(composite.producers).flatMap((node) => node.consumers),
    ...partners(composite.consumers).flatMap((node) => node.producers),
  ];
  const seed = seeds.find((position) => free.has(position) && parts.has(graph.nodes[position]!.node.operator));
  if (seed === undefined) return [];
  free.delete(seed);
  return absorb(graph, [seed], parts, free);
}
