/**
 * Products that read integers and write floats, as runtimes have them that quantize at each layer (ncnn): where a
 * DequantizeLinear stands before the activations and the weights are quantized, the product reads the integers.
 */
import { isQuantizedInteger } from '../ir/data-type.ts';
import type { Graph, Node } from '../ir/graph.ts';
import { consumersOf, dropNodes, producersOf } from './drop-nodes.ts';
import { isQuantizer } from './join-double-pairs.ts';
import type { PreparedModel } from './prepared.ts';

const products: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

const remembered = new WeakMap<PreparedModel, PreparedModel>();

/** The same model for all targets that multiply so. */
export function readQuantizedOnce(prepared: PreparedModel): PreparedModel {
  const known = remembered.get(prepared);
  if (known !== undefined) return known;
  const graph = readQuantized(prepared.graph);
  const changed = graph === prepared.graph ? prepared : { ...prepared, graph };
  remembered.set(prepared, changed);
  return changed;
}

export function readQuantized(graph: Graph): Graph {
  const producers = producersOf(graph.nodes);
  const integersOf = (node: Node): string | undefined => {
    if (!isQuantizedProduct(node, graph)) return undefined;
    const dequantizer = producers.get(node.inputs[0] ?? '');
    return dequantizer !== undefined && isQuantizer(dequantizer, 'DequantizeLinear')
      ? dequantizer.inputs[0]
      : undefined;
  };
  const changed = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const integers = integersOf(node);
    if (integers !== undefined) changed.set(node, { ...node, inputs: [integers, ...node.inputs.slice(1)] });
  }
  if (changed.size === 0) return graph;
  const nodes = graph.nodes.map((node) => changed.get(node) ?? node);
  return dropNodes({ ...graph, nodes }, unreadDequantizers(graph, nodes), 'consumer');
}

function isQuantizedProduct({ operator, domain, inputs }: Node, { initializers }: Graph): boolean {
  const weights = domain === '' && products.has(operator) ? initializers.get(inputs[1] ?? '') : undefined;
  return weights !== undefined && isQuantizedInteger(weights.dtype) && weights.shape.length > 1;
}

/** Those that had readers and have none left. */
function unreadDequantizers(before: Graph, nodes: readonly Node[]): ReadonlySet<Node> {
  const [readers, left] = [consumersOf(before.nodes), consumersOf(nodes)];
  const outputs = new Set(before.outputs);
  return new Set(
    before.nodes.filter(
      (node) =>
        isQuantizer(node, 'DequantizeLinear') &&
        node.outputs.every((name) => readers.has(name) && !left.has(name) && !outputs.has(name)),
    ),
  );
}
