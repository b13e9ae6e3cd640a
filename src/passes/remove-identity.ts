/** Identity and Dropout do nothing at inference: readers take what goes in, ids go to the producer. */
import type { Graph, Node } from '../ir/graph.ts';
import { dropNodes } from './drop-nodes.ts';

const passingOn: ReadonlySet<string> = new Set(['Identity', 'Dropout']);

export function removeIdentity(graph: Graph): Graph {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const outputs = new Set(graph.outputs);
  const goes = (node: Node): boolean => {
    const [, mask] = node.outputs;
    const maskUsed = mask !== undefined && (read.has(mask) || outputs.has(mask));
    return passingOn.has(node.operator) && node.domain === '' && Boolean(node.inputs[0]) && !maskUsed;
  };
  const going = graph.nodes.filter(goes);
  // One stays where nothing else does, so that the ids have a node to be in.
  const dropped = new Set(going.length === graph.nodes.length ? going.slice(1) : going);
  const renamed = new Map([...dropped].map(({ inputs, outputs: [name] }) => [name!, inputs[0]!]));
  return dropNodes(graph, dropped, 'producer', renamed);
}
