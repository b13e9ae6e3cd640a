/**
 * Groups of DequantizeLinear -> operator -> QuantizeLinear run as one quantized operator, as ONNX Runtime and the
 * compilers of integer accelerators do: the operator then reads and writes the integer tensors. An activation between
 * operator and QuantizeLinear belongs to the group. What belongs to no complete group stays a real operator.
 */
import type { Graph, Node, TensorType } from '../ir/graph.ts';
import { consumersOf, producersOf } from './drop-nodes.ts';
import { isQuantizer, joinDoublePairs } from './join-double-pairs.ts';
import { groupsOf } from './quantized-groups.ts';
import type { Group, PairWiring } from './quantized-groups.ts';

interface Wiring extends PairWiring {
  readonly graph: Graph;
  readonly producers: ReadonlyMap<string, Node>;
  readonly dequantized: ReadonlyMap<string, Node>;
  readonly quantized: ReadonlyMap<string, Node>;
}

export function absorbQuantization(given: Graph): Graph {
  const graph = joinDoublePairs(given);
  const wiring = wiringOf(graph);
  const groups = groupsOf(graph.nodes, wiring);
  return groups.length === 0 ? graph : rewire(groups, wiring);
}

function wiringOf(graph: Graph): Wiring {
  const [producers, consumers] = [producersOf(graph.nodes), consumersOf(graph.nodes)];
  const outputs = new Set(graph.outputs);
  const [dequantized, quantized] = [new Map<string, Node>(), new Map<string, Node>()];
  for (const node of graph.nodes) {
    if (isQuantizer(node, 'DequantizeLinear')) for (const name of node.outputs) dequantized.set(name, node);
    if (!isQuantizer(node, 'QuantizeLinear')) continue;
    const [name = ''] = node.inputs;
    if (consumers.get(name)?.length === 1 && !outputs.has(name)) quantized.set(name, node);
  }
  return { graph, producers, consumers, outputs, dequantized, quantized };
}

function rewire(groups: readonly Group[], wiring: Wiring): Graph {
  const members = new Set(groups.flat());
  const absorbed = groups.flatMap((group) => quantizersBehind(group, wiring));
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
  return { ...wiring.graph, nodes, tensors: withIntegerInside(groups, wiring) };
}

/** The QuantizeLinear of each output that is read. */
function quantizersBehind(group: Group, { quantized }: Wiring): readonly Node[] {
  return group.at(-1)!.outputs.flatMap((name) => quantized.get(name) ?? []);
}

/** By name of a float that a member reads: the integers that it was made of; and the dequantizers that nobody else needs. */
function dequantizersOf(
  members: ReadonlySet<Node>,
  { dequantized, consumers, outputs }: Wiring,
): { readonly integers: ReadonlyMap<string, string>; readonly gone: Set<Node> } {
  const integers = new Map<string, string>();
  const gone = new Set<Node>();
  for (const { inputs } of members) {
    for (const name of inputs) {
      const producer = dequantized.get(name);
      if (producer === undefined || integers.has(name)) continue;
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
function withIntegerInside(groups: readonly Group[], wiring: Wiring): ReadonlyMap<string, TensorType> {
  const { tensors } = wiring.graph;
  const changed: (readonly [string, TensorType])[] = [];
  for (const group of groups) {
    const inside = group.length > 1 ? group[0]!.outputs[0] : undefined;
    const type = inside === undefined ? undefined : tensors.get(inside);
    const [quantizer] = quantizersBehind(group, wiring);
    const dtype = tensors.get(quantizer!.outputs[0]!)?.dtype;
    if (inside !== undefined && type !== undefined && dtype) changed.push([inside, { ...type, dtype }]);
  }
  return changed.length === 0 ? tensors : new Map([...tensors, ...changed]);
}
