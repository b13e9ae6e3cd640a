/**
 * Fusions done by an exporter or an optimizer: several nodes on one side do what one node does on the other. They
 * become one group, so that a fusion shows its real difference and not one layer vanishing.
 */
import type { Evidence } from './comparison.ts';
import type { KeyedGraph } from './keyed-graph.ts';
import { absorb, type Absorbed, type Side } from './absorb.ts';
import type { MatchedPair } from './anchors.ts';
import { unmatched } from './leftovers.ts';
import { replacements, type OpenSide } from './replacements.ts';
import { slicedSplits } from './sliced-splits.ts';
import type { Pair } from './spine.ts';

/** Positions on each side; one of each is a pair, one side empty an addition or a removal. */
export interface Group {
  readonly base: readonly number[];
  readonly head: readonly number[];
  readonly evidence: Evidence;
  readonly confidence: number;
  /** The pair that the others were folded into. */
  readonly lead?: Pair;
}

const groupConfidence = 0.75;

const replacementConfidence = 0.65;

export function groupNodes(base: KeyedGraph, head: KeyedGraph, pairs: readonly MatchedPair[]): readonly Group[] {
  const sides: Sides = {
    base: { graph: base, free: new Set(unmatched(base, pairs, 'base').map((node) => node.position)) },
    head: { graph: head, free: new Set(unmatched(head, pairs, 'head').map((node) => node.position)) },
  };
  const single = pairs.map((pair): Group => ({ ...pair, base: [pair.base], head: [pair.head], lead: pair }));
  const fused = single.map((group) => grow('computation', sides, group));
  const apart = replace(sides, fused, slicedSplits);
  const replaced = [...apart, ...replace(sides, [...fused, ...apart], replacements)];
  const grown = fused.map((group) => grow('layout', sides, group));
  const alone = { evidence: 'none', confidence: 0.9 } as const;
  const removed = [...sides.base.free].map((position): Group => ({ ...alone, base: [position], head: [] }));
  const added = [...sides.head.free].map((position): Group => ({ ...alone, base: [], head: [position] }));
  return [...grown, ...replaced, ...removed, ...added];
}

type Sides = Readonly<Record<'base' | 'head', Side>>;

function grow(kind: Absorbed, { base, head }: Sides, group: Group): Group {
  if (group.lead === undefined) return group;
  const [node, other] = [base.graph.nodes[group.lead.base]!, head.graph.nodes[group.lead.head]!];
  const bases = absorb(kind, base, group.base, [node, other]);
  const heads = absorb(kind, head, group.head, [other, node]);
  if (bases.length + heads.length === 2) return group;
  return { ...group, base: bases, head: heads, confidence: Math.min(group.confidence, groupConfidence) };
}

/** Groups of what `find` finds. Takes them out of `free`. */
function replace(sides: Sides, groups: readonly Group[], find: typeof replacements): readonly Group[] {
  const found = find(openSide(sides, 'base', groups), openSide(sides, 'head', groups));
  for (const side of ['base', 'head'] as const) {
    for (const group of found) for (const position of group[side]) sides[side].free.delete(position);
  }
  return found.map((one): Group => ({ ...one, evidence: 'structure', confidence: replacementConfidence }));
}

function openSide(sides: Sides, side: 'base' | 'head', groups: readonly Group[]): OpenSide {
  const places = groups.flatMap((group, index) => group[side].map((position) => [position, index] as const));
  return { ...sides[side], groupAt: new Map(places) };
}
