/** Which of the file's nodes a folding exporter would not have written. */
import { hasBodies } from '../../ir/bodies.ts';
import { isKnown } from '../../ir/dimension.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import { findOperator } from '../../operators/index.ts';
import { follow } from '../../passes/drop-nodes.ts';
import type { EditScope } from '../optimization.ts';

export interface Folded {
  /** In file order. */
  readonly nodes: readonly Node[];
  readonly rest: readonly Node[];
  /** Names of tensors that `rest` and the model's outputs read once the folded nodes that pass theirs on are gone. */
  readonly read: ReadonlySet<string>;
  /** Normalizations, factors and summands among `nodes`, and the node of the prepared graph that each became part of. */
  readonly affine: ReadonlyMap<Node, Node>;
}

/** Folding one of these would undo a compression. */
const unpacking = /^(DequantizeLinear|QuantizeLinear|constexpr_)/;

/** What `foldAffine` makes part of these. */
const affineOperators: ReadonlySet<string> = new Set(['BatchNormalization', 'Mul', 'Add']);
const hostOperators: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm']);

/** Operators whose results follow from the sizes of tensors. */
const sizeReading: ReadonlySet<string> = new Set(['Shape', 'Size']);

const passingOn: ReadonlySet<string> = new Set(['Identity', 'Dropout']);

/** Nodes of branches, loops and functions stay: they are nodes of something that is called. */
export function foldedNodes(graph: Graph, { model, selects }: EditScope): Folded {
  const kept = new Set(graph.nodes.map(({ id }) => id));
  const hosts = new Map(graph.nodes.flatMap((node) => node.sources.map((id) => [id, node] as const)));
  const constants = constantNodes(model.graph);
  const affine = affineParts(model.graph.nodes, hosts, selects);
  const nodes = model.graph.nodes.filter((node) => {
    if (affine.has(node)) return true;
    const host = hosts.get(node.id);
    if (kept.has(node.id) || !(selects(node) || (host !== undefined && selects(host)))) return false;
    return constants.has(node) || (passingOn.has(node.operator) && node.domain === '');
  });
  const gone = new Set(nodes);
  const rest = model.graph.nodes.filter((node) => !gone.has(node));
  return { nodes, rest, read: namesRead(model.graph, nodes, rest), affine };
}

/** All of what became part of a node, where one of them is selected: half of a normalization is none. */
function affineParts(
  nodes: readonly Node[],
  hosts: ReadonlyMap<string, Node>,
  selects: (node: Node) => boolean,
): ReadonlyMap<Node, Node> {
  const parts = nodes.flatMap((node) => {
    const host = hosts.get(node.id);
    const isPart = host !== undefined && host.id !== node.id && node.domain === '' && host.domain === '';
    return isPart && affineOperators.has(node.operator) && hostOperators.has(host.operator)
      ? [[node, host] as const]
      : [];
  });
  const chosen = new Set(parts.flatMap(([node, host]) => (selects(node) || selects(host) ? [host] : [])));
  return new Map(parts.filter(([, host]) => chosen.has(host)));
}

function namesRead({ outputs }: Graph, folded: readonly Node[], rest: readonly Node[]): ReadonlySet<string> {
  const passed = folded.filter(({ operator }) => passingOn.has(operator));
  const renamed = new Map(passed.map(({ inputs, outputs: [name] }) => [name!, inputs[0]!]));
  return new Set([...outputs, ...rest.flatMap(({ inputs }) => inputs)].map((name) => follow(name, renamed)));
}

function constantNodes({ nodes, inputs, initializers, tensors }: Graph): ReadonlySet<Node> {
  const fixed = inputs.every((input) => initializers.has(input) || tensors.get(input)?.shape?.every(isKnown) === true);
  const known = new Set(initializers.keys());
  const constant = new Set<Node>();
  for (const node of nodes) {
    const { domain, operator, outputs } = node;
    const entry = findOperator(domain, operator);
    if (entry === undefined || entry.volatile === true || hasBodies(node) || unpacking.test(operator)) continue;
    const follows = node.inputs.every((name) => name === '' || known.has(name)) || (fixed && sizeReading.has(operator));
    if (!follows) continue;
    constant.add(node);
    for (const name of outputs) known.add(name);
  }
  return constant;
}
