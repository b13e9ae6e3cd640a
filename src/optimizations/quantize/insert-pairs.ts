/**
 * The float graph as ONNX Runtime's quantizer leaves it. A pair is two nodes only where something beside it stays in floats:
 * all others are absorbed where they would stand, which is what `absorbQuantization` does with those of a file.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import { absorbQuantization } from '../../passes/absorb-quantization.ts';
import { consumersOf, follow } from '../../passes/drop-nodes.ts';
import { groupsOf, quantizers } from '../../passes/quantized-groups.ts';
import type { Group, PairWiring } from '../../passes/quantized-groups.ts';
import { removeDead } from '../../passes/remove-dead.ts';
import type { Draft } from './draft.ts';
import type { Marks } from './marking.ts';
import type { Marked } from './marks.ts';
import { quantizeBiases, quantizeConstants } from './paired-constants.ts';
import type { QuantizedBias } from './paired-constants.ts';
import { dequantizerNode, pairsOf, quantizerNode } from './pairs.ts';
import type { Pair } from './pairs.ts';

/** @param absorbs false: every pair is two nodes, and the pass over files absorbs them. The graph is the same. */
export function insertPairs(
  draft: Draft,
  { marks, touched }: Marked,
  absorbs = !hasQuantizers(draft.given.nodes),
): Graph {
  const bare = withoutDropped(draft, marks);
  const constants = quantizeConstants(draft, marks, touched);
  const biases = quantizeBiases(draft, marks);
  const pairs = pairsOf(draft, marks);
  const absorbed = absorbs ? absorbedPairs(draft, bare, pairs) : nothingAbsorbed;
  const placing: Placing = { draft, touched, constants, biases, pairs, absorbed };
  const nodes: Node[] = [];
  for (const name of draft.given.inputs) placePair(placing, name, undefined, nodes);
  for (const each of bare) placeNode(placing, each, nodes);
  const { given, initializers, tensors } = draft;
  const paired = { ...given, nodes, initializers, tensors };
  return removeDead(absorbs ? paired : absorbQuantization(paired));
}

/** Pairs of the file next to those of an edit may be joined. */
function hasQuantizers(nodes: readonly Node[]): boolean {
  return nodes.some(({ operator }) => quantizers.has(operator));
}

interface BareNode {
  readonly given: Node;
  /** With the ids of what was dropped behind it, whose output it writes. */
  readonly node: Node;
}

/** Dropped activations are gone, and the nodes in front of them write what those wrote. */
function withoutDropped({ given, removedNodes, touched }: Draft, { dropped, renamed }: Marks): readonly BareNode[] {
  const heirs = new Map<string, readonly string[]>();
  for (const node of given.nodes.toReversed()) {
    if (!dropped.has(node)) continue;
    removedNodes.push(node);
    touched.add(node.id);
    const behind = heirs.get(node.outputs[0]!);
    heirs.set(node.inputs[0]!, behind === undefined ? node.sources : [...node.sources, ...behind]);
  }
  const bare: BareNode[] = [];
  for (const node of given.nodes) {
    if (dropped.has(node)) continue;
    const inherited = heirs.size === 0 ? [] : node.outputs.flatMap((name) => heirs.get(name) ?? []);
    const outputs = renamed.size === 0 ? node.outputs : node.outputs.map((name) => follow(name, renamed));
    const heir = inherited.length === 0 ? node : { ...node, outputs, sources: [...node.sources, ...inherited] };
    bare.push({ given: node, node: heir });
  }
  return bare;
}

/** What computes in integers. Pairs go by the names of their tensors. */
interface Absorbed {
  readonly members: ReadonlySet<Node>;
  /** Pairs whose QuantizeLinear is part of what makes the tensor. */
  readonly made: ReadonlySet<string>;
  /** Pairs whose DequantizeLinear is part of all that read the tensor. */
  readonly dequantizers: ReadonlySet<string>;
  /** Ids of nodes of pairs that a node stands for. */
  readonly inherited: ReadonlyMap<Node, readonly string[]>;
}

const nothingAbsorbed: Absorbed = {
  members: new Set(),
  made: new Set(),
  dequantizers: new Set(),
  inherited: new Map(),
};

function absorbedPairs(draft: Draft, bare: readonly BareNode[], pairs: ReadonlyMap<string, Pair>): Absorbed {
  const nodes = bare.map(({ node }) => node);
  const wiring: PairWiring = {
    graph: draft,
    consumers: consumersOf(nodes),
    outputs: new Set(draft.given.outputs),
    dequantized: pairs,
    quantized: pairs,
  };
  const groups = groupsOf(nodes, wiring);
  const members = new Set(groups.flat());
  const inherited = new Map<Node, string[]>();
  const dequantizers = absorbDequantizers(members, wiring, { pairs, inherited });
  const made = new Set<string>();
  for (const node of members) {
    for (const name of node.outputs) {
      const pair = pairs.get(name);
      if (pair === undefined) continue;
      made.add(name);
      give(inherited, node, pair.quantizer);
    }
  }
  setTypesInside(draft, groups);
  return { members, made, dequantizers, inherited };
}

function absorbDequantizers(
  members: ReadonlySet<Node>,
  { consumers, outputs }: PairWiring,
  { pairs, inherited }: { readonly pairs: ReadonlyMap<string, Pair>; readonly inherited: Map<Node, string[]> },
): ReadonlySet<string> {
  const [seen, absorbed] = [new Set<string>(), new Set<string>()];
  for (const { inputs } of members) {
    for (const name of inputs) {
      const pair = pairs.get(name);
      if (pair === undefined || outputs.has(name) || seen.has(name)) continue;
      seen.add(name);
      const readers = consumers.get(name)!;
      if (!readers.every((reader) => members.has(reader))) continue;
      absorbed.add(name);
      give(inherited, readers[0]!, pair.dequantizer);
    }
  }
  return absorbed;
}

function give(inherited: Map<Node, string[]>, heir: Node, id: string): void {
  const ids = inherited.get(heir);
  if (ids === undefined) inherited.set(heir, [id]);
  else ids.push(id);
}

/** Between an operator and its activation the values have the type that leaves the group. */
function setTypesInside({ tensors }: Draft, groups: readonly Group[]): void {
  for (const group of groups) {
    const inside = group.length > 1 ? group[0]!.outputs[0] : undefined;
    const type = inside === undefined ? undefined : tensors.get(inside);
    if (inside !== undefined && type !== undefined) tensors.set(inside, { ...type, dtype: 'int8' });
  }
}

/** What the nodes of the paired graph are made with. */
interface Placing {
  readonly draft: Draft;
  readonly touched: ReadonlySet<Node>;
  readonly constants: ReadonlyMap<string, string>;
  readonly biases: ReadonlyMap<Node, QuantizedBias>;
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly absorbed: Absorbed;
}

function placeNode(placing: Placing, { given, node }: BareNode, nodes: Node[]): void {
  const { draft, biases, absorbed } = placing;
  const bias = biases.get(given);
  const [inputs, outputs] = [inputsOf(given, placing, 'read'), outputsOf(node, placing, 'written')];
  const inFile = rewritten(given, bias === undefined ? inputs : inputs.with(2, bias.inFile), outputs);
  noteRenamed(draft, given, inFile);
  if (absorbed.members.has(node)) {
    const integers = inputsOf(given, placing, 'quantized');
    const ids = absorbed.inherited.get(node);
    nodes.push({
      ...node,
      inputs: bias === undefined ? integers : integers.with(2, bias.read),
      outputs: outputsOf(node, placing, 'quantized'),
      sources: ids === undefined ? node.sources : [...node.sources, ...ids],
    });
  } else if (bias === undefined && node === given) nodes.push(inFile);
  else nodes.push(rewritten(node, bias === undefined ? inputs : inputs.with(2, bias.read), outputs));
  for (const name of node.outputs) placePair(placing, name, node, nodes);
}

function inputsOf(node: Node, { touched, constants, pairs }: Placing, side: 'read' | 'quantized'): string[] {
  const own = touched.has(node);
  const names: string[] = [];
  for (const name of node.inputs)
    names.push((own ? constants.get(name) : undefined) ?? pairs.get(name)?.[side] ?? name);
  return names;
}

function outputsOf({ outputs }: Node, { pairs }: Placing, side: 'written' | 'quantized'): string[] {
  const names: string[] = [];
  for (const name of outputs) names.push(pairs.get(name)?.[side] ?? name);
  return names;
}

/** Of a pair what is not absorbed. */
function placePair({ draft, pairs, absorbed }: Placing, name: string, like: Node | undefined, nodes: Node[]): void {
  const pair = pairs.get(name);
  if (pair === undefined) return;
  if (!absorbed.made.has(name)) nodes.push(quantizerNode(draft, pair, like));
  if (!absorbed.dequantizers.has(name)) nodes.push(dequantizerNode(draft, pair, like));
}

/** A node that reads and writes what it did stays the same record: what is remembered of it holds. */
function rewritten(node: Node, inputs: readonly string[], outputs: readonly string[]): Node {
  return sameNames(node.inputs, inputs) && sameNames(node.outputs, outputs) ? node : { ...node, inputs, outputs };
}

function sameNames(before: readonly string[], after: readonly string[]): boolean {
  return before.every((name, at) => name === after[at]);
}

/** The file's nodes grow with the names of what they read. */
function noteRenamed({ addedNodes, removedNodes }: Draft, given: Node, now: Node): void {
  if (now === given) return;
  removedNodes.push(given);
  addedNodes.push(now);
}
