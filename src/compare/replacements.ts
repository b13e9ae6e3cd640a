/**
 * Stretches that took one another's place: connected unmatched nodes of both sides that stand between the same matched
 * neighbours, such as a spelled-out activation and another one, or attention in eight nodes and in one.
 */
import { composedOf } from './composite-operators.ts';
import { hasTellingWeights, type KeyedGraph, type KeyedNode } from './keyed-graph.ts';
import { maximumParts } from './absorb.ts';

export interface Replacement {
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/** A stretch of one side: its positions, rising, and between which groups it stands. */
interface Stretch {
  readonly positions: readonly number[];
  readonly place: string;
}

/** One side of the comparison. */
export interface OpenSide {
  readonly graph: KeyedGraph;
  readonly free: ReadonlySet<number>;
  /** The group that each matched position is in. */
  readonly groupAt: ReadonlyMap<number, number>;
}

export function replacements(base: OpenSide, head: OpenSide): readonly Replacement[] {
  const waiting = byPlace(stretches(head));
  return [...byPlace(stretches(base))].flatMap(([place, mine]) => {
    const others = waiting.get(place) ?? [];
    // Several in one place, and not as many on both sides: nothing says which is which.
    if (mine.length !== others.length) return [];
    return mine.flatMap((stretch, index) => {
      const other = others[index]!;
      const [from, to] = [nodesOf(base.graph, stretch), nodesOf(head.graph, other)];
      return mayReplace(from, to) ? [{ base: stretch.positions, head: other.positions }] : [];
    });
  });
}

function byPlace(all: readonly Stretch[]): ReadonlyMap<string, readonly Stretch[]> {
  const places = new Map<string, Stretch[]>();
  for (const stretch of all) {
    const there = places.get(stretch.place);
    if (there === undefined) places.set(stretch.place, [stretch]);
    else there.push(stretch);
  }
  return places;
}

function nodesOf(graph: KeyedGraph, { positions }: Stretch): readonly KeyedNode[] {
  return positions.map((position) => graph.nodes[position]!);
}

/** More than one layer with weights on a side is another network, not another spelling of the same. */
function mayReplace(from: readonly KeyedNode[], to: readonly KeyedNode[]): boolean {
  if (Math.max(from.length, to.length) > maximumParts) return false;
  if (composes(from, to) || composes(to, from)) return true;
  return [from, to].every((nodes) => nodes.filter(hasTellingWeights).length <= 1);
}

function composes([composite, ...rest]: readonly KeyedNode[], parts: readonly KeyedNode[]): boolean {
  if (composite === undefined || rest.length > 0) return false;
  const { operators } = composedOf(composite.node);
  return parts.every(({ node }) => operators.has(node.operator));
}

function stretches({ graph, free, groupAt }: OpenSide): readonly Stretch[] {
  const seen = new Set<number>();
  return [...free]
    .sort((a, b) => a - b)
    .flatMap((start) => {
      if (seen.has(start)) return [];
      const positions = connected(graph, free, start);
      for (const position of positions) seen.add(position);
      return [{ positions, place: placeOf(graph, positions, groupAt) }];
    });
}

function connected(graph: KeyedGraph, free: ReadonlySet<number>, start: number): readonly number[] {
  const found = new Set([start]);
  // A set grows while it is walked.
  for (const position of found) {
    const { producers, consumers } = graph.nodes[position]!;
    for (const neighbour of [...producers, ...consumers]) if (free.has(neighbour)) found.add(neighbour);
  }
  return [...found].sort((a, b) => a - b);
}

function placeOf(graph: KeyedGraph, positions: readonly number[], groupAt: ReadonlyMap<number, number>): string {
  const [before, behind] = [new Set<string>(), new Set<string>()];
  for (const position of positions) {
    const { producers, consumers, operands } = graph.nodes[position]!;
    for (const producer of producers) if (groupAt.has(producer)) before.add(String(groupAt.get(producer)));
    for (const operand of operands) if (operand.kind === 'input') before.add(`input${operand.index}`);
    for (const consumer of consumers) if (groupAt.has(consumer)) behind.add(String(groupAt.get(consumer)));
  }
  return `${[...before].sort().join()} > ${[...behind].sort().join()}`;
}
