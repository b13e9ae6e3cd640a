import type { KeyedNode } from './keyed-graph.ts';
import type { Pair } from './spine.ts';

/** Nodes with equal keys: of several, the first goes with the first. */
export function pairByKey(
  base: readonly KeyedNode[],
  head: readonly KeyedNode[],
  keyOf: (node: KeyedNode) => number | string,
): readonly Pair[] {
  const waiting = new Map<number | string, number[]>();
  for (const node of head.toReversed()) {
    const queue = waiting.get(keyOf(node));
    if (queue === undefined) waiting.set(keyOf(node), [node.position]);
    else queue.push(node.position);
  }
  return base.flatMap((node) => {
    const position = waiting.get(keyOf(node))?.pop();
    return position === undefined ? [] : [{ base: node.position, head: position }];
  });
}
