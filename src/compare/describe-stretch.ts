/** What became of several nodes that do together what other nodes do on the other side. */
import { namedActivation, spelledActivation } from './composite-operators.ts';
import { describePair, onlyWeights, type Change } from './describe-change.ts';
import type { KeyedNode } from './keyed-graph.ts';

/** Operators beyond this are counted, not listed. */
const listed = 6;

/** @param lead the two nodes of which the others are parts, where one of each side is known to be the other */
export function describeStretch(
  base: readonly KeyedNode[],
  head: readonly KeyedNode[],
  lead: readonly [KeyedNode, KeyedNode] | undefined,
): Change {
  const [before, after] = [activationOf(base), activationOf(head)];
  if (before !== undefined && after !== undefined && before !== after) {
    return { status: 'replaced', changes: [`activation ${before} → ${after}`] };
  }
  const status = base.length === head.length ? 'replaced' : base.length > head.length ? 'fused' : 'split';
  const counts = `was ${base.length} ${base.length === 1 ? 'node' : 'nodes'}, now ${head.length}`;
  return { status, changes: [`${operatorsOf(base)} → ${operatorsOf(head)}`, counts, ...wordsOfLead(lead)] };
}

/** The name of an activation, be it one node or spelled out. */
function activationOf(nodes: readonly KeyedNode[]): string | undefined {
  const [only] = nodes;
  if (nodes.length === 1) return only!.family === 'activation' ? namedActivation(only!.node.operator) : undefined;
  return spelledActivation(new Set(nodes.map(({ node }) => node.operator)));
}

function operatorsOf(nodes: readonly KeyedNode[]): string {
  const operators = [
    ...new Set(nodes.map(({ operator }) => (operator.length > 40 ? `${operator.slice(0, 39)}…` : operator))),
  ];
  return operators.slice(0, listed).join(' + ') + (operators.length > listed ? ' + …' : '');
}

/** What else changed about the layer; that a fold changed its weights goes without saying. */
function wordsOfLead(lead: readonly [KeyedNode, KeyedNode] | undefined): readonly string[] {
  if (lead === undefined) return [];
  const [from, to] = lead;
  return describePair(from, to, false).changes.filter((word) => word !== onlyWeights && !word.includes(to.operator));
}
