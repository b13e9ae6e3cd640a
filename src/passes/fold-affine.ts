/**
 * What stands behind a convolution or product, alone reads it, and is affine for each output channel becomes part of it: the
 * weights are scaled, and a bias of one element per channel stays. That is a BatchNormalization with constant statistics,
 * and, behind a convolution, a factor for each channel with or without a summand: TensorFlow's exporter writes the
 * normalization behind depthwise convolutions so. Runtimes do the same when they load a file (ONNX Runtime's ConvMulFusion and
 * ConvAddFusion, ncnnoptimize's fuse_convolution_mul and fuse_convolution_add, TensorRT's scale layers).
 */
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { isFloat } from '../ir/data-type.ts';
import { intAttribute } from '../operators/attribute.ts';
import { numericShape } from '../operators/type.ts';
import { consumersOf } from './drop-nodes.ts';

/** Operators that take a bias, and where. A plain MatMul has none: it becomes a Gemm only in a runtime's eyes. */
const biasPosition: ReadonlyMap<string, number> = new Map([
  ['Conv', 2],
  ['ConvTranspose', 2],
  ['Gemm', 2],
]);

/** What a node does to its input. */
interface Affine {
  readonly input: string;
  readonly constants: readonly string[];
  /** Of the bias that is left behind; null: none but the host's own is. */
  readonly biasShape: readonly number[] | null;
}

interface Host {
  readonly original: Node;
  readonly node: Node;
  /** Operators that it may take in yet. A summand alone is a bias, which the target's rules fuse where its runtime does. */
  readonly takes: readonly string[];
}

export function foldAffine(graph: Graph): Graph {
  const consumers = consumersOf(graph.nodes);
  const outputs = new Set(graph.outputs);
  const initializers = new Map(graph.initializers);
  const tensors = new Map(graph.tensors);
  const hosts = hostsOf(graph);
  const changed = new Map<Node, Node>();
  const folded = new Set<Node>();
  for (const node of hosts.size === 0 ? [] : graph.nodes) {
    const affine = affineOf(node, graph, hosts);
    const host = affine && hosts.get(affine.input);
    if (affine === undefined || !host?.takes.includes(node.operator)) continue;
    if (outputs.has(affine.input) || consumers.get(affine.input)?.length !== 1) continue;
    const bias = foldedBias(node, affine, host.node, initializers);
    if (bias !== undefined) {
      initializers.set(bias.name, bias);
      tensors.set(bias.name, { dtype: bias.dtype, shape: bias.shape });
    }
    const inputs = [host.node.inputs[0]!, host.node.inputs[1]!, ...(bias === undefined ? [] : [bias.name])];
    const sources = [...host.node.sources, ...node.sources];
    const now = { ...host.node, inputs, outputs: [node.outputs[0]!], sources };
    hosts.set(node.outputs[0] ?? '', {
      original: host.original,
      node: now,
      takes: node.operator === 'Mul' ? ['Add'] : [],
    });
    changed.set(host.original, now);
    folded.add(node);
  }
  if (folded.size === 0) return graph;
  const nodes = graph.nodes.filter((node) => !folded.has(node)).map((node) => changed.get(node) ?? node);
  return { ...graph, nodes, initializers, tensors };
}

/** By output. */
function hostsOf({ nodes, initializers }: Graph): Map<string, Host> {
  const hosts = nodes.filter((node) => canTake(node, initializers));
  return new Map(
    hosts.map((node) => {
      const takes = node.operator === 'Conv' ? ['BatchNormalization', 'Mul'] : ['BatchNormalization'];
      return [node.outputs[0] ?? '', { original: node, node, takes }];
    }),
  );
}

function affineOf(node: Node, graph: Graph, hosts: ReadonlyMap<string, Host>): Affine | undefined {
  if (isStatic(node, graph)) {
    const constants = node.inputs.slice(1);
    return { input: node.inputs[0]!, constants, biasShape: graph.initializers.get(constants[0]!)!.shape };
  }
  if (node.domain !== '' || (node.operator !== 'Mul' && node.operator !== 'Add') || node.inputs.length !== 2)
    return undefined;
  const at = node.inputs.findIndex((name) => graph.initializers.has(name));
  const [constant, input = ''] = [graph.initializers.get(node.inputs[at] ?? ''), node.inputs[1 - at]];
  const host = hosts.get(input)?.node;
  if (constant === undefined || host === undefined || !isFloat(constant.dtype)) return undefined;
  const shape = channelsFirst(host, input, graph);
  if (shape === undefined || !isPerChannel(constant, shape)) return undefined;
  return { input, constants: [constant.name], biasShape: node.operator === 'Add' ? shape.slice(1, 2) : null };
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

/**
 * What a convolution makes in floats; weights that are stored as integers are scaled by a node of their own. Formats that
 * keep channels last run what their converters left as it is.
 */
function channelsFirst(host: Node, name: string, graph: Graph): readonly number[] | undefined {
  const weight = graph.initializers.get(host.inputs[1] ?? '');
  if (weight === undefined || !isFloat(weight.dtype) || intAttribute(host, 'channels_last', 0) === 1) return undefined;
  return numericShape(graph.tensors.get(name)?.shape);
}

/** A number, or one for each channel with or without the batch's axis: what the fusions named above take. */
function isPerChannel({ shape }: Initializer, [batch, channels, ...places]: readonly number[]): boolean {
  if (batch === undefined || shape.length === 0) return shape.length === 0;
  const own = shape.length === places.length + 2 && shape[0] === 1 ? shape.slice(1) : shape;
  return own.length === places.length + 1 && own[0] === channels && own.slice(1).every((size) => size === 1);
}

/** Its weight, and its bias if it has one, are constant. */
function canTake(host: Node, initializers: Graph['initializers']): boolean {
  const bias = host.inputs[biasPosition.get(host.operator) ?? -1];
  return (
    host.domain === '' &&
    biasPosition.has(host.operator) &&
    initializers.has(host.inputs[1] ?? '') &&
    (!bias || initializers.has(bias))
  );
}

/** Undefined: there is none before, and none is added. */
function foldedBias(
  node: Node,
  { constants, biasShape }: Affine,
  host: Node,
  initializers: Graph['initializers'],
): Initializer | undefined {
  const own = initializers.get(host.inputs[2] ?? '');
  const shape = biasShape ?? own?.shape;
  if (shape === undefined) return undefined;
  const from = [...(own === undefined ? [] : [own]), ...constants.map((name) => initializers.get(name)!)];
  return {
    name: `${node.outputs[0] ?? node.id}/bias`,
    dtype: from[0]!.dtype,
    shape,
    encoding: 'raw',
    ranges: [],
    fileBytes: 0,
    available: from.every(({ available }) => available),
    foldedFrom: from.flatMap((initializer) => initializer.foldedFrom ?? [initializer.name]),
  };
}
