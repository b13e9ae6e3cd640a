/**
 * QuantizeLinear -> DequantizeLinear -> QuantizeLinear -> DequantizeLinear, as it comes of quantizing next to what is quantized,
 * is one pair when it runs: ONNX Runtime takes the two in the middle out and gives the outer ones a scale for both
 * (DoubleQDQPairsRemover), whatever the two scales were.
 */
import type { Graph, Node } from '../ir/graph.ts';
import { consumersOf, dropNodes, producersOf } from './drop-nodes.ts';

export function joinDoublePairs(graph: Graph): Graph {
  const pairs = graph.nodes.some((node) => isQuantizer(node, 'QuantizeLinear')) ? doublePairs(graph) : [];
  const inside = new Set(pairs.flat());
  const renamed = new Map(pairs.map(([from, to]) => [to.outputs[0]!, from.inputs[0]!]));
  return dropNodes(graph, inside, 'producer', renamed);
}

export function isQuantizer(node: Node | undefined, operator: 'QuantizeLinear' | 'DequantizeLinear'): node is Node {
  return node?.operator === operator && (node.domain === '' || node.domain === 'com.microsoft');
}

/** Operators that are given the scales of the integers that they read; all others read them through a pair, absorbed or not. */
const knowsItsScale = /^(Dynamic)?(QLinear|QAttention|QGemm|QEmbed|ConvInteger|MatMulInteger)/;

type Middle = readonly [dequantizer: Node, quantizer: Node];

function doublePairs(graph: Graph): readonly Middle[] {
  const { nodes, outputs, tensors, initializers } = graph;
  const [producers, consumers] = [producersOf(nodes), consumersOf(nodes)];
  const onlyReader = (name = '') => {
    const readers = outputs.includes(name) ? [] : (consumers.get(name) ?? []);
    return readers.length === 1 ? readers[0] : undefined;
  };
  const isOneScale = ({ inputs }: Node) => !initializers.get(inputs[1] ?? '')?.shape.some((size) => size > 1);
  return nodes.flatMap((node): readonly Middle[] => {
    const [integers = ''] = node.inputs;
    const behind = onlyReader(node.outputs[0]);
    if (!isQuantizer(node, 'DequantizeLinear') || !isQuantizer(behind, 'QuantizeLinear')) return [];
    const first = producers.get(integers);
    if (!isQuantizer(first, 'QuantizeLinear') || onlyReader(integers) !== node) return [];
    const [made = ''] = behind.outputs;
    const readers = outputs.includes(made) ? [] : (consumers.get(made) ?? []);
    const isPair = readers.length > 0 && !readers.some(({ operator }) => knowsItsScale.test(operator));
    const sameType = tensors.get(integers)?.dtype === tensors.get(made)?.dtype;
    return isPair && sameType && [first, node, behind].every(isOneScale) ? [[node, behind]] : [];
  });
}
