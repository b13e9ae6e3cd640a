/**
 * What stands behind a convolution or product, alone reads it, and is affine for each output channel becomes part of it: the
 * weights are scaled, and a bias of one element per channel stays. That is a BatchNormalization with constant statistics,
 * and, behind a convolution, a factor for each channel with or without a summand: TensorFlow's exporter writes the
 * normalization behind depthwise convolutions so. Runtimes do the same when they load a file (ONNX Runtime's ConvMulFusion and
 * ConvAddFusion, ncnnoptimize's fuse_convolution_mul and fuse_convolution_add, TensorRT's scale layers).
 */
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { intAttribute } from '../operators/attribute.ts';
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

export function foldAffine(graph: Graph): Graph {
  const consumers = consumersOf(graph.nodes);
  const outputs = new Set(graph.outputs);
  const initializers = new Map(graph.initializers);
  const tensors = new Map(graph.tensors);
  /** By output: the node as the file has it, and as it is now. */
  const hosts = new Map<string, { readonly original: Node; readonly node: Node }>();
  for (const node of graph.nodes)
    if (canTake(node, initializers)) hosts.set(node.outputs[0] ?? '', { original: node, node });
  if (hosts.size === 0) return graph;
  const changed = new Map<Node, Node>();
  const folded = new Set<Node>();
  for (const node of graph.nodes) {
    const affine = affineOf(node, graph, (name) => hosts.get(name)?.node);
    const host = affine && hosts.get(affine.input);
    if (affine === undefined || host === undefined || outputs.has(affine.input)) continue;
    // A summand alone is a bias, which the target's rules fuse where its runtime does.
    if (node.operator === 'Add' && host.node === host.original) continue;
    if (consumers.get(affine.input)?.length !== 1) continue;
    const bias = foldedBias(node, affine, host.node, initializers);
    if (bias !== undefined) {
      initializers.set(bias.name, bias);
      tensors.set(bias.name, { dtype: bias.dtype, shape: bias.shape });
    }
    const inputs = [host.node.inputs[0]!, host.node.inputs[1]!, ...(bias === undefined ? [] : [bias.name])];
    const sources = [...host.node.sources, ...node.sources];
    const now = { ...host.node, inputs, outputs: [node.outputs[0]!], sources };
    hosts.set(node.outputs[0] ?? '', { original: host.original, node: now });
    changed.set(host.original, now);
    folded.add(node);
  }
  const nodes = graph.nodes.filter((node) => !folded.has(node)).map((node) => changed.get(node) ?? node);
  return { ...graph, nodes, initializers, tensors };
}

function affineOf(node: Node, graph: Graph, producer: (name: string) => Node | undefined): Affine | undefined {
  if (isStatic(node, graph)) {
    const constants = node.inputs.slice(1);
    return { input: node.inputs[0]!, constants, biasShape: graph.initializers.get(constants[0]!)!.shape };
  }
  if (node.domain !== '' || (node.operator !== 'Mul' && node.operator !== 'Add') || node.inputs.length !== 2)
    return undefined;
  const at = node.inputs.findIndex((name) => graph.initializers.has(name));
  const [constant, input] = [graph.initializers.get(node.inputs[at] ?? ''), node.inputs[1 - at]];
  const channels = input === undefined ? undefined : channelsOf(input, graph, producer(input));
  if (constant === undefined || input === undefined || channels === undefined) return undefined;
  if (!isPerChannel(constant, graph.tensors.get(input)!.shape!.length, channels)) return undefined;
  return { input, constants: [constant.name], biasShape: node.operator === 'Add' ? [channels] : null };
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

/** Of what an ONNX convolution makes. Formats that keep channels last run what their converters left as it is. */
function channelsOf(name: string, graph: Graph, host: Node | undefined): number | undefined {
  if (host?.operator !== 'Conv' || intAttribute(host, 'channels_last', 0) === 1) return undefined;
  const channels = graph.tensors.get(name)?.shape?.[1];
  return typeof channels === 'number' ? channels : undefined;
}

/** One number for all, or one for each channel; as broadcasting aligns them. */
function isPerChannel({ shape }: Initializer, rank: number, channels: number): boolean {
  const channelAxis = shape.length - (rank - 1);
  return shape.length <= rank && shape.every((size, axis) => size === 1 || (axis === channelAxis && size === channels));
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
    dtype: initializers.get(host.inputs[1]!)!.dtype,
    shape,
    encoding: 'raw',
    ranges: [],
    fileBytes: 0,
    available: from.every(({ available }) => available),
    foldedFrom: from.flatMap((initializer) => initializer.foldedFrom ?? [initializer.name]),
  };
}
