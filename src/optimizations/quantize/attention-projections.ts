/**
 * Products with three axes that ONNX Runtime's optimizer leaves to its fusion of attentions (matmul_add_fusion.cc of 1.32):
 * where a LayerNormalization is read by three products and one Add, these and the one whose sum the Add takes in.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import { consumersOf, producersOf } from '../../passes/drop-nodes.ts';

export function attentionProjections({ nodes }: Graph): ReadonlySet<Node> {
  const [makers, readers] = [producersOf(nodes), consumersOf(nodes)];
  const kept = new Set<Node>();
  for (const node of nodes) {
    if (node.operator !== 'LayerNormalization') continue;
    const name = node.outputs[0]!;
    const behind = (readers.get(name) ?? []).filter(({ operator }) => operator !== 'Shape');
    const products = behind.filter(({ operator }) => operator === 'MatMul');
    const [sum, ...others] = behind.filter(({ operator }) => operator === 'Add');
    if (sum === undefined || others.length > 0 || products.length !== 3 || behind.length !== 4) continue;
    const last = makers.get(sum.inputs[sum.inputs[0] === name ? 1 : 0] ?? '');
    if (last?.operator !== 'Add') continue;
    for (const each of products) kept.add(each);
    for (const each of last.inputs) {
      const product = makers.get(each);
      if (product?.operator === 'MatMul') kept.add(product);
    }
  }
  return kept;
}
