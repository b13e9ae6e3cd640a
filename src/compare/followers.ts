/**
 * What follows from anchors along the data flow: an activation, a sum or a view has no weights that tell it from its
 * like, but it reads what a surely known layer made.
 */
import type { MatchedPair } from './anchors.ts';
import { hasTellingWeights, type KeyedGraph, type KeyedNode } from './keyed-graph.ts';

/** Less than that of the anchors, since two equal readers of one tensor may be either. */
const followerConfidence = 0.9;

/** Readers of one tensor beyond this are not compared: hostile graphs. */
const maximumReaders = 64;

type Alike = (node: KeyedNode, other: KeyedNode) => boolean;

/** The strictest first: what is equal takes its partner before what merely does the same. */
const likeness: readonly Alike[] = [
  (node, other) => node.localKey === other.localKey && node.settings === other.settings,
  (node, other) => node.plainKey === other.plainKey,
  // A sum does not become a product, but an activation another one.
  (node, other) => node.familyKey === other.familyKey && node.family !== 'element-wise',
];

/**
 * Pairs of nodes without weights that read partners, found from the inputs to the outputs so that a chain behind an
 * anchor follows it as a whole.
 */
export function followers(base: KeyedGraph, head: KeyedGraph, anchors: readonly MatchedPair[]): readonly MatchedPair[] {
  const from: Followed = { graph: base, partners: new Map(anchors.map((pair) => [pair.base, pair.head])) };
  const to: Followed = { graph: head, partners: new Map(anchors.map((pair) => [pair.head, pair.base])) };
  const found: MatchedPair[] = [];
  for (const alike of likeness) {
    for (const node of base.nodes) {
      if (!isOpen(node, from)) continue;
      const partner = closest(node, from, to, alike);
      // Two layers may want the same one: it goes to the one that it wants itself.
      if (partner === undefined || closest(head.nodes[partner]!, to, from, alike) !== node.position) continue;
      from.partners.set(node.position, partner);
      to.partners.set(partner, node.position);
      found.push({ base: node.position, head: partner, evidence: 'structure', confidence: followerConfidence });
    }
  }
  return found;
}

interface Followed {
  readonly graph: KeyedGraph;
  readonly partners: Map<number, number>;
}

/** The open node of the other side that shares most producers, told by the tensors that the fewest others read. */
function closest(node: KeyedNode, from: Followed, to: Followed, alike: Alike): number | undefined {
  const shares = new Map<number, number>();
  for (const producer of node.producers) {
    const other = to.graph.nodes[from.partners.get(producer) ?? -1];
    if (other === undefined || other.consumers.length > maximumReaders) continue;
    const readers = Math.max(from.graph.nodes[producer]!.consumers.length, other.consumers.length);
    for (const position of other.consumers) {
      const candidate = to.graph.nodes[position]!;
      if (!isOpen(candidate, to) || !alike(node, candidate)) continue;
      shares.set(position, (shares.get(position) ?? 0) + 1 / readers);
    }
  }
  const [best, next] = [...shares].sort(([a, share], [b, other]) => other - share || a - b);
  // Two that share as much: nothing here says which one it is.
  return best === undefined || best[1] === next?.[1] ? undefined : best[0];
}

function isOpen(node: KeyedNode, { partners }: Followed): boolean {
  return !hasTellingWeights(node) && !partners.has(node.position);
}
