/** Conversions that exist only because a neighbour is of another type, named as such. */
import { isConversion } from './operator-families.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';

/** `` converts int8→float32 for `Resize` ``: what the head converts at a layer's borders and the base did not. */
export function conversionChanges(base: KeyedNode, head: KeyedNode): readonly string[] {
  const come = without(head.conversions, base.conversions);
  const gone = without(base.conversions, head.conversions);
  return [
    ...come.map((types) => `converts ${types} for \`${head.node.operator}\``),
    ...gone.map((types) => `no longer converts ${types}`),
  ];
}

/** Of a conversion that is a layer of its own and has no partner; undefined for all other nodes. */
export function loneConversion({ nodes }: KeyedGraph, node: KeyedNode): string | undefined {
  const [types] = node.conversions;
  if (types === undefined || !isConversion(node.node)) return undefined;
  const neighbour = nodes[node.consumers[0] ?? node.producers[0] ?? -1];
  return neighbour === undefined ? `converts ${types}` : `converts ${types} for \`${neighbour.node.operator}\``;
}

/** Each once. */
function without(all: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set(all)].filter((one) => !others.includes(one));
}
