/**
 * A BatchNormalization with constant statistics behind a convolution or product that nobody else reads becomes part of
 * it: the weights are scaled, a bias of one element per channel stays. Legal because both are affine per output channel.
 */
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { intAttribute } from '../operators/attribute.ts';
import { consumersOf, producersOf } from './drop-nodes.ts';

/** Operators that take a bias, and where. A plain MatMul has none: it becomes a Gemm only in a runtime's eyes. */
const biasPosition: ReadonlyMap<string, number> = new Map([
  ['Conv', 2],
  ['ConvTranspose', 2],
  ['Gemm', 2],
]);

export function foldBatchNorm(graph: Graph): Graph {
  const producers = producersOf(graph.nodes);
  const consumers = consumersOf(graph.nodes);
  const outputs = new Set(graph.outputs);
  const initializers = new Map(graph.initializers);
  const tensors = new Map(graph.tensors);
  const hosts = new Map<Node, Node>();
  const folded = new Set<Node>();
  for (const norm of graph.nodes) {
    const host = producers.get(norm.inputs[0] ?? '');
    if (host === undefined || hosts.has(host) || outputs.has(norm.inputs[0]!)) continue;
    if (!isStatic(norm, graph) || !canTake(host, graph) || consumers.get(norm.inputs[0]!)?.length !== 1) continue;
    const bias = foldedBias(norm, host, graph);
    initializers.set(bias.name, bias);
    tensors.set(bias.name, { dtype: bias.dtype, shape: bias.shape });
    const inputs = [host.inputs[0]!, host.inputs[1]!, bias.name];
    hosts.set(host, { ...host, inputs, outputs: [norm.outputs[0]!], sources: [...host.sources, ...norm.sources] });
    folded.add(norm);
  }
  const nodes = graph.nodes.filter((node) => !folded.has(node)).map((node) => hosts.get(node) ?? node);
  return { ...graph, nodes, initializers, tensors };
}

function isStatic(norm: Node, graph: Graph): boolean {
  return (
    norm.operator === 'BatchNormalization' &&
    norm.domain === '' &&
    intAttribute(norm, 'training_mode', 0) === 0 &&
    norm.inputs.length === 5 &&
    norm.inputs.slice(1).every((name) => graph.initializers.has(name))
  );
}

/** Its weight, and its bias if it has one, are constant. */
function canTake(host: Node, graph: Graph): boolean {
  const bias = host.inputs[biasPosition.get(host.operator) ?? -1];
  return (
    host.domain === '' &&
    biasPosition.has(host.operator) &&
    graph.initializers.has(host.inputs[1] ?? '') &&
    (!bias || graph.initializers.has(bias))
  );
}

function foldedBias(norm: Node, host: Node, graph: Graph): Initializer {
  const names = [host.inputs[2] ?? '', ...norm.inputs.slice(1)].filter((name) => name !== '');
  const from = names.map((name) => graph.initializers.get(name)!);
  const scale = graph.initializers.get(norm.inputs[1]!)!;
  return {
    name: `${norm.outputs[0] ?? norm.id}/bias`,
    dtype: graph.initializers.get(host.inputs[1]!)!.dtype,
    shape: scale.shape,
    encoding: 'raw',
    ranges: [],
    fileBytes: 0,
    available: from.every(({ available }) => available),
    foldedFrom: from.flatMap((initializer) => initializer.foldedFrom ?? [initializer.name]),
  };
}
