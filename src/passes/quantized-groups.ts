/**
 * Which operators compute in integers: those between a DequantizeLinear at each float that they read and a QuantizeLinear
 * at each that they write. An activation between operator and QuantizeLinear belongs to the group.
 */
import { isFloat } from '../ir/data-type.ts';
import type { Graph, Node } from '../ir/graph.ts';

export const quantizers: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);
const activations: ReadonlySet<string> = new Set([
  'Relu',
  'Clip',
  'LeakyRelu',
  'HardSwish',
  'HardSigmoid',
  'Sigmoid',
  'Tanh',
]);

interface Names {
  readonly has: (name: string) => boolean;
}

/** Where pairs stand among the nodes, be they nodes already or not. */
export interface PairWiring {
  readonly graph: Pick<Graph, 'initializers' | 'tensors'>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  readonly outputs: ReadonlySet<string>;
  /** Names of floats that a DequantizeLinear makes. */
  readonly dequantized: Names;
  /** Names of floats that a QuantizeLinear reads, and nothing else. */
  readonly quantized: Names;
}

/** The operator, and the activation behind it if there is one. The last of them writes what is quantized. */
export type Group = readonly Node[];

export function groupsOf(nodes: readonly Node[], wiring: PairWiring): readonly Group[] {
  const groups: Group[] = [];
  for (const node of nodes) {
    const group = groupAt(node, wiring);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}

/** The group that starts at this operator; undefined where an input or output is not quantized. */
function groupAt(node: Node, wiring: PairWiring): Group | undefined {
  if (quantizers.has(node.operator) || !readsIntegers(node, wiring)) return undefined;
  if (writesIntegers(node, wiring)) return [node];
  const [activation, ...others] = wiring.consumers.get(node.outputs[0] ?? '') ?? [];
  if (activation === undefined || others.length > 0 || node.outputs.length > 1) return undefined;
  if (!activations.has(activation.operator) || wiring.outputs.has(node.outputs[0]!)) return undefined;
  return writesIntegers(activation, wiring) ? [node, activation] : undefined;
}

/** Every float input is dequantized or constant, and one at least is dequantized. */
function readsIntegers({ inputs }: Node, { graph, dequantized }: PairWiring): boolean {
  let found = false;
  for (const name of inputs) {
    if (name === '' || graph.initializers.has(name)) continue;
    if (dequantized.has(name)) found = true;
    else if (isFloat(graph.tensors.get(name)?.dtype ?? 'float32')) return false;
  }
  return found;
}

/** A QuantizeLinear, and nothing else, reads each output that is read, and there is one at least. */
function writesIntegers(node: Node, { quantized, consumers, outputs }: PairWiring): boolean {
  let found = false;
  for (const name of node.outputs) {
    if (name === '') continue;
    if (quantized.has(name)) found = true;
    else if (consumers.has(name) || outputs.has(name)) return false;
  }
  return found;
}
