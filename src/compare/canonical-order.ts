/**
 * An order of nodes that depends on the data flow alone: depth first from the outputs, operands in their order, and
 * where operands may be swapped, the longest way first. The order in which an exporter wrote branches leaves no trace.
 */
import { producersOf, type CanonicalGraph } from './canonical.ts';
import type { PlaceKeys } from './place-keys.ts';

/** Topological indices in canonical order: producers before consumers; nodes that reach no output come last. */
export function canonicalOrder(graph: CanonicalGraph, keys: PlaceKeys): readonly number[] {
  const order: number[] = [];
  const seen = new Uint8Array(graph.nodes.length);
  const roots = graph.outputs.flatMap((operand) => (operand.kind === 'node' ? [operand.producer] : []));
  for (const root of roots) visit(root);
  for (let index = 0; index < graph.nodes.length; index += 1) visit(index);
  return order;

  /** With a stack of its own: hostile graphs are deep. */
  function visit(root: number): void {
    if (seen[root] === 1) return;
    seen[root] = 1;
    const stack = [{ index: root, operands: orderedProducers(graph, keys, root), next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const producer = top.operands[top.next];
      top.next += 1;
      if (producer === undefined) {
        order.push(top.index);
        stack.pop();
      } else if (seen[producer] === 0) {
        seen[producer] = 1;
        stack.push({ index: producer, operands: orderedProducers(graph, keys, producer), next: 0 });
      }
    }
  }
}

function orderedProducers(graph: CanonicalGraph, keys: PlaceKeys, index: number): readonly number[] {
  const producers = producersOf(graph.nodes[index]!);
  if (keys.commutative[index] !== true) return producers;
  const { height, local, structure, content } = keys;
  // What a node is by itself comes before what leads to it: one change there would turn the branches of all later blocks.
  const rank = (a: number, b: number): number =>
    height[b]! - height[a]! || local[a]! - local[b]! || structure[a]! - structure[b]! || content[a]! - content[b]!;
  return producers.toSorted(rank);
}
