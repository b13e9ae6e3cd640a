/**
 * Groups of DequantizeLinear -> operator -> QuantizeLinear run as one quantized operator, as ONNX Runtime and the
 * compilers of integer accelerators do: the operator then reads and writes the integer tensors. An activation between
 * operator and QuantizeLinear belongs to the group. What belongs to no complete group stays a real operator.
 */
import { isFloat } from '../ir/data-type.ts';
import type { Graph, Node, TensorType } from '../ir/graph.ts';
import { consumersOf, producersOf } from './drop-nodes.ts';
import { isQuantizer, joinDoublePairs } from './join-double-pairs.ts';

const quantizers: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);
const activations: ReadonlySet<string> = new Set([
  'Relu',
  'Clip',
  'LeakyRelu',
  'HardSwish',
  'HardSigmoid',
  'Sigmoid',
  'Tanh',
]);

interface Wiring {
  readonly graph: Graph;
  readonly producers: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  readonly outputs: ReadonlySet<string>;
}

interface Group {
  /** The operator, and the activation behind it if there is one. */
  readonly members: readonly Node[];
  /** The QuantizeLinear of each output that is read. */
  readonly quantizers: readonly Node[];
}

export function absorbQuantization(given: Graph): Graph {
  const graph = joinDoublePairs(given);
  const wiring: Wiring = {
    graph,
    producers: producersOf(graph.nodes),
    consumers: consumersOf(graph.nodes),
    outputs: new Set(graph.outputs),
  };
  const groups = graph.nodes.flatMap((node) => groupOf(node, wiring) ?? []);
  return groups.length === 0 ? graph : rewire(groups, wiring);
}

/** The group that starts at this operator; undefined where an input or output is not quantized. */
function groupOf(node: Node, wiring: Wiring): Group | undefined {
  if (quantizers.has(node.operator) || !readsIntegers(node, wiring)) return undefined;
  const direct = quantizersBehind(node, wiring);
  if (direct !== undefined) return { members: [node], quantizers: direct };
  const [activation, ...others] = wiring.consumers.get(node.outputs[0] ?? '') ?? [];
  if (activation === undefined || others.length > 0 || node.outputs.length > 1) return undefined;
  if (!activations.has(activation.operator) || wiring.outputs.has(node.outputs[0]!)) return undefined;
  const behind = quantizersBehind(activation, wiring);
  return behind && { members: [node, activation], quantizers: behind };
}

/** Every float input is dequantized or constant, and one at least is dequantized. */
function readsIntegers(node: Node, wiring: Wiring): boolean {
  const names = node.inputs.filter((name) => name !== '' && !wiring.graph.initializers.has(name));
  const floats = names.filter((name) => isFloat(wiring.graph.tensors.get(name)?.dtype ?? 'float32'));
  return floats.length > 0 && floats.every((name) => isQuantizer(wiring.producers.get(name), 'DequantizeLinear'));
}

/** The one QuantizeLinear that reads each output; undefined where something else reads it too. */
function quantizersBehind(node: Node, wiring: Wiring): readonly Node[] | undefined {
  const found: Node[] = [];
  for (const name of node.outputs) {
    const readers = wiring.consumers.get(name) ?? [];
    const [reader] = readers;
    if (name === '' || (reader === undefined && !wiring.outputs.has(name))) continue;
    if (readers.length !== 1 || wiring.outputs.has(name) || !isQuantizer(reader, 'QuantizeLinear')) return undefined;
    if (reader.inputs[0] !== name) return undefined;
    found.push(reader);
  }
  return found.length > 0 ? found : undefined;
}

function rewire(groups: readonly Group[], wiring: Wiring): Graph {
  const members = new Set(groups.flatMap((group) => group.members));
  const absorbed = groups.flatMap((group) => group.quantizers);
  const written = new Map(absorbed.map(({ inputs, outputs }) => [inputs[0]!, outputs[0]!]));
  const { integers, gone } = dequantizersOf(members, wiring);
  const inherited = inheritedIds(gone, new Set(absorbed), wiring);
  for (const quantizer of absorbed) gone.add(quantizer);
  const nodes: Node[] = [];
  for (const node of wiring.graph.nodes) {
    if (gone.has(node)) continue;
    const ids = inherited.get(node);
    nodes.push(
      members.has(node)
        ? {
            ...node,
            inputs: node.inputs.map((name) => integers.get(name) ?? name),
            outputs: node.outputs.map((name) => written.get(name) ?? name),
            sources: ids === undefined ? node.sources : [...node.sources, ...ids],
          }
        : node,
    );
  }
  return { ...wiring.graph, nodes, tensors: withIntegerInside(groups, wiring.graph) };
}

/** By name of a float that a member reads: the integers that it was made of; and the dequantizers that nobody else needs. */
function dequantizersOf(
  members: ReadonlySet<Node>,
  { producers, consumers, outputs }: Wiring,
): { readonly integers: ReadonlyMap<string, string>; readonly gone: Set<Node> } {
  const integers = new Map<string, string>();
  const gone = new Set<Node>();
  for (const { inputs } of members) {
    for (const name of inputs) {
      const producer = producers.get(name);
      if (!isQuantizer(producer, 'DequantizeLinear') || integers.has(name)) continue;
      integers.set(name, producer.inputs[0]!);
      if (!outputs.has(name) && consumers.get(name)!.every((reader) => members.has(reader))) gone.add(producer);
    }
  }
  return { integers, gone };
}

/** Ids go to a node that is still there under its own name: dequantizers' to the first reader, quantizers' to the maker. */
function inheritedIds(
  dequantizers: ReadonlySet<Node>,
  absorbed: ReadonlySet<Node>,
  { graph, producers, consumers }: Wiring,
): ReadonlyMap<Node, readonly string[]> {
  const inherited = new Map<Node, string[]>();
  const give = (heir: Node, ids: readonly string[]) => {
    const known = inherited.get(heir);
    if (known === undefined) inherited.set(heir, [...ids]);
    else known.push(...ids);
  };
  for (const node of dequantizers) give(consumers.get(node.outputs[0]!)![0]!, node.sources);
  for (const node of graph.nodes) if (absorbed.has(node)) give(producers.get(node.inputs[0]!)!, node.sources);
  return inherited;
}

/** Between an operator and its activation the values have the type that leaves the group. */
function withIntegerInside(groups: readonly Group[], graph: Graph): ReadonlyMap<string, TensorType> {
  const { tensors } = graph;
  const changed: (readonly [string, TensorType])[] = [];
  for (const { members, quantizers: behind } of groups) {
    const inside = members.length > 1 ? members[0]!.outputs[0] : undefined;
    const type = inside === undefined ? undefined : tensors.get(inside);
    const dtype = tensors.get(behind[0]!.outputs[0]!)?.dtype;
    if (inside !== undefined && type !== undefined && dtype) changed.push([inside, { ...type, dtype }]);
  }
  return changed.length === 0 ? tensors : new Map([...tensors, ...changed]);
}
