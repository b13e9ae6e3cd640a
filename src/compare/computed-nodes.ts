/** What an exporter left for others to compute: no part of the layers that read what it comes to. */
import type { Graph } from '../ir/graph.ts';
import { isConversion } from './operator-families.ts';

/** Nodes that only compute constants: what they come to is an operand of the layer that they were folded into. */
export function computedNodes({ nodes, initializers }: Graph): ReadonlySet<string> {
  const constants = new Set<string>();
  const computed = new Set<string>();
  for (const node of nodes) {
    const constant =
      node.operator === 'Shape' ||
      (node.inputs.length > 0 && node.inputs.every((name) => constants.has(name) || initializers.has(name)));
    // Quantized weights are integers and scales, whoever multiplies them.
    if (!constant || isConversion(node)) continue;
    computed.add(node.id);
    for (const name of node.outputs) constants.add(name);
  }
  return computed;
}
