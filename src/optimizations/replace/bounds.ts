/** The bounds of a Clip: attributes before opset 11, inputs since. */
import type { Graph, Node } from '../../ir/graph.ts';
import { floatAttribute } from '../../operators/attribute.ts';

/** Lower and upper one; infinite where it has none, NaN where a run decides it. */
export function boundsOf(node: Node, graph: Graph): readonly [number, number] {
  return [
    bound(node, graph, { name: 'min', position: 1, open: -Infinity }),
    bound(node, graph, { name: 'max', position: 2, open: Infinity }),
  ];
}

function bound(
  node: Node,
  graph: Graph,
  { name, position, open }: { readonly name: string; readonly position: number; readonly open: number },
): number {
  const input = node.inputs[position] ?? '';
  if (input === '') return floatAttribute(node, name, open);
  const element = (graph.initializers.get(input)?.value ?? graph.values.get(input))?.elements[0];
  return typeof element === 'number' ? element : Number.NaN;
}
