/**
 * Which layer of one version is which of the other: anchored alignment. Weights' content pins what stayed, names and
 * structure what they can, an alignment fills the gaps between, and what is left was added, removed, moved or fused.
 * Every pair says how it was found and how sure that is. Deterministic; linear for graphs that are mostly alike.
 */
import { refineSpine, strongAnchors, type MatchedPair } from './anchors.ts';
import { align } from './align.ts';
import { canonicalGraph, type MatchSide } from './canonical.ts';
import type { GraphMatch, ModelChange, NodeMatch } from './comparison.ts';
import { copiedNodes, copyRunWords, type CopyRun } from './copies.ts';
import { describePair, weightsNotAvailable, type Change } from './describe-change.ts';
import { loneConversion } from './describe-conversions.ts';
import { describeStretch } from './describe-stretch.ts';
import { followers } from './followers.ts';
import { groupNodes, type Group } from './groups.ts';
import { interner } from './intern.ts';
import { keyGraph, type KeyedGraph, type KeyedNode } from './keyed-graph.ts';
import { pairLeftovers } from './leftovers.ts';
import { movedPairs } from './moved.ts';
import { gapsOf, longestRisingPairs } from './spine.ts';
import { pairTwins } from './twins.ts';

export type { MatchSide } from './canonical.ts';

/** Comparisons of two nodes that all alignments of one match may take together, about. */
const alignmentBudget = 12_000_000;

/** An alignment is never narrower than this many nodes. */
const narrowestBand = 64;

/** Pairs less alike than this stay apart: an added and a removed layer. */
const leastSimilarity = 0.2;

export function matchGraphs(base: MatchSide, head: MatchSide): GraphMatch {
  const intern = interner();
  const [baseGraph, headGraph] = [canonicalGraph(base), canonicalGraph(head)];
  const [from, to] = [keyGraph(baseGraph, intern), keyGraph(headGraph, intern)];
  const twins = pairTwins(from, to);
  const groups = groupNodes(from, to, twins ?? anchoredPairs(from, to));
  const matches = describeGroups(from, to, groups);
  const sameInputs = baseGraph.inputTypes.join() === headGraph.inputTypes.join();
  return { change: twins !== undefined && sameInputs ? changeOf(matches) : 'changed', matches };
}

function anchoredPairs(base: KeyedGraph, head: KeyedGraph): readonly MatchedPair[] {
  const anchors = strongAnchors(base, head);
  const strong = [...anchors, ...followers(base, head, anchors)].sort((a, b) => a.base - b.base);
  const spine = refineSpine(base, head, longestRisingPairs(strong), strong);
  const anchored = [...new Set([...strong, ...spine])];
  const [baseTaken, headTaken] = [
    new Set(anchored.map((pair) => pair.base)),
    new Set(anchored.map((pair) => pair.head)),
  ];
  const width = Math.max(
    narrowestBand,
    Math.floor(alignmentBudget / Math.max(base.nodes.length, head.nodes.length, 1)),
  );
  const aligned: MatchedPair[] = [];
  for (const gap of gapsOf(spine, { base: base.nodes.length, head: head.nodes.length })) {
    const open = base.nodes.slice(...gap.base).filter((node) => !baseTaken.has(node.position));
    const openHead = head.nodes.slice(...gap.head).filter((node) => !headTaken.has(node.position));
    aligned.push(...align(open, openHead, width).flatMap((pair) => alignedPair(pair.base, pair.head, pair.similarity)));
  }
  const ordered = [...anchored, ...aligned];
  return [...ordered, ...pairLeftovers(base, head, ordered)];
}

function alignedPair(base: KeyedNode, head: KeyedNode, similarity: number): MatchedPair[] {
  if (similarity < leastSimilarity || isAnotherStep(base, head)) return [];
  return [{ base: base.position, head: head.position, evidence: 'aligned', confidence: 0.3 + 0.6 * similarity }];
}

/** A scale did not become a bias: a sum and a product with constants of different shapes have nothing in common. */
function isAnotherStep(base: KeyedNode, head: KeyedNode): boolean {
  const others = base.plainKey !== head.plainKey && base.weightShapeKey !== head.weightShapeKey;
  return base.family === 'element-wise' && others;
}

function describeGroups(base: KeyedGraph, head: KeyedGraph, groups: readonly Group[]): readonly NodeMatch[] {
  const pairs = groups.flatMap(({ base: [from], head: [to] }) =>
    from === undefined || to === undefined ? [] : [{ base: from, head: to }],
  );
  const moved = movedPairs(base, head, pairs);
  const copies = { base: copiedNodes(base, groups, 'base'), head: copiedNodes(head, groups, 'head') };
  return groups.map((group) => {
    const [from, to] = [group.base.map((at) => base.nodes[at]!), group.head.map((at) => head.nodes[at]!)];
    const lead = group.lead && ([base.nodes[group.lead.base]!, head.nodes[group.lead.head]!] as const);
    const { status, changes } = describeGroup([from, to], lead, { moved, copies, graphs: [base, head] });
    const [alone] = from.length === 0 ? to : to.length === 0 ? from : [];
    const conversion = alone && loneConversion(from.length === 0 ? head : base, alone);
    return {
      status,
      evidence: group.evidence,
      confidence: status === 'copy' ? 0.5 : group.confidence,
      base: from.flatMap((node) => node.sources),
      head: to.flatMap((node) => node.sources),
      changes: conversion === undefined ? changes : [...changes, conversion],
    };
  });
}

interface Copies {
  readonly base: ReadonlyMap<number, CopyRun>;
  readonly head: ReadonlyMap<number, CopyRun>;
}

interface Surroundings {
  /** Positions in the base. */
  readonly moved: ReadonlySet<number>;
  readonly copies: Copies;
  readonly graphs: readonly [KeyedGraph, KeyedGraph];
}

function describeGroup(
  [base, head]: readonly [readonly KeyedNode[], readonly KeyedNode[]],
  lead: readonly [KeyedNode, KeyedNode] | undefined,
  { moved, copies, graphs }: Surroundings,
): Change {
  const [[from], [to]] = [base, head];
  if (from === undefined) return alone('added', copies.head.get(to!.position));
  if (to === undefined) return alone('removed', copies.base.get(from.position));
  if (base.length === 1 && head.length === 1) return describePair(from, to, moved.has(from.position));
  return describeStretch(base, head, lead, graphs);
}

function alone(status: 'added' | 'removed', run: CopyRun | undefined): Change {
  if (run === undefined) return { status, changes: [status] };
  const words = copyRunWords(run, status);
  return { status: run.certain ? status : 'copy', changes: run.certain ? [status, words] : [words] };
}

/** Of two graphs with the same structure. Without the weights nobody can say whether only they changed. */
function changeOf(matches: readonly NodeMatch[]): ModelChange {
  const statuses = new Set(matches.map((match) => match.status));
  statuses.delete('identical');
  if (statuses.delete('retrained') && statuses.size === 0) return 'retrained';
  if (statuses.size > 0) return 'changed';
  return matches.some((match) => match.changes.includes(weightsNotAvailable)) ? 'not-measured' : 'identical';
}
