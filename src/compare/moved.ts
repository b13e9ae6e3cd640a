/**
 * Which pairs really moved. A pair that crosses the others in canonical order may only sit on another branch of the
 * same fork; it moved when nothing it is connected to, through pairs, holds its place.
 */
import type { KeyedGraph } from './keyed-graph.ts';
import { longestRisingPairs, type Pair } from './spine.ts';

/** Base positions of the moved pairs. */
export function movedPairs(base: KeyedGraph, head: KeyedGraph, pairs: readonly Pair[]): ReadonlySet<number> {
  const headOf = new Map(pairs.map((pair) => [pair.base, pair.head]));
  const sorted = pairs.toSorted((a, b) => a.base - b.base);
  const inPlace = new Set(longestRisingPairs(sorted).map((pair) => pair.base));
  const queue = [...inPlace];
  for (let position = queue.pop(); position !== undefined; position = queue.pop()) {
    const [node, other] = [base.nodes[position]!, head.nodes[headOf.get(position)!]!];
    for (const neighbour of agreeing(node.producers, other.producers)) hold(neighbour);
    for (const neighbour of agreeing(node.consumers, other.consumers)) hold(neighbour);
  }
  return new Set(sorted.map((pair) => pair.base).filter((position) => !inPlace.has(position)));

  function agreeing(neighbours: readonly number[], others: readonly number[]): readonly number[] {
    const there = new Set(others);
    return neighbours.filter((neighbour) => there.has(headOf.get(neighbour) ?? -1));
  }

  function hold(position: number): void {
    if (inPlace.has(position)) return;
    inPlace.add(position);
    queue.push(position);
  }
}
