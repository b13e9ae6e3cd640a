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
  const { given, initializers, tensors } = draft;
  const inherited = inheritedFromDropped(draft, marks);
  const constants = quantizeConstants(draft, marks, touched);
  const biases = quantizeBiases(draft, marks);
  const pairs = pairsOf(draft, marks);
  const absorbed = absorbs ? absorbedPairs(draft, marks, { pairs, inherited }) : nothingAbsorbed;
  const placing: Placing = { draft, marks, touched, inherited, constants, biases, pairs, absorbed };
  const nodes: Node[] = [];
  for (const name of given.inputs) placePair(placing, name, undefined, nodes);
  for (const node of given.nodes) if (!marks.dropped.has(node)) placeNode(placing, node, nodes);
  const paired = { ...given, nodes, initializers, tensors };
  return removeDead(absorbs ? paired : absorbQuantization(paired));
}

/** Pairs of the file next to those of an edit may be joined. */
function hasQuantizers(nodes: readonly Node[]): boolean {
  return nodes.some(({ operator }) => quantizers.has(operator));
}

/** By node that stays: ids of those that it stands for from now on. */
type Inherited = Map<Node, string[]>;

/** Dropped activations are gone, and the nodes in front of them write what those wrote. */
function inheritedFromDropped({ given, removedNodes, touched }: Draft, { dropped }: Marks): Inherited {
  const inherited: Inherited = new Map();
  if (dropped.size === 0) return inherited;
  const behind = new Map<string, readonly string[]>();
  for (const node of given.nodes.toReversed()) {
    if (dropped.has(node)) {
      removedNodes.push(node);
      touched.add(node.id);
      behind.set(node.inputs[0]!, [...node.sources, ...(behind.get(node.outputs[0]!) ?? [])]);
    } else for (const name of node.outputs) for (const id of behind.get(name) ?? []) give(inherited, node, id);
  }
  return inherited;
}

function give(inherited: Inherited, heir: Node, id: string): void {
  const ids = inherited.get(heir);
  if (ids === undefined) inherited.set(heir, [id]);
  else ids.push(id);
}

/** What computes in integers. */
interface Absorbed {
  readonly members: ReadonlySet<Node>;
  /** Names of tensors whose DequantizeLinear is part of all that read them. */
  readonly dequantizers: ReadonlySet<string>;
}

const nothingAbsorbed: Absorbed = { members: new Set(), dequantizers: new Set() };

function absorbedPairs(
  draft: Draft,
  { renamed }: Marks,
  { pairs, inherited }: { readonly pairs: ReadonlyMap<string, Pair>; readonly inherited: Inherited },
): Absorbed {
  const { nodes, outputs } = draft.given;
  const wiring: PairWiring = {
    graph: draft,
    consumers: consumersOf(nodes),
    outputs: new Set(outputs),
    dequantized: pairs,
    quantized: { has: (name) => pairs.has(follow(name, renamed)) },
  };
  const groups = groupsOf(nodes, wiring);
  const members = new Set(groups.flat());
  const dequantizers = absorbDequantizers(members, wiring, { pairs, inherited });
  for (const node of members) {
    for (const name of node.outputs) {
      const pair = pairs.get(follow(name, renamed));
      if (pair !== undefined) give(inherited, node, pair.quantizer);
    }
  }
  setTypesInside(draft, groups);
  return { members, dequantizers };
}

function absorbDequantizers(
  members: ReadonlySet<Node>,
  { consumers, outputs }: PairWiring,
  { pairs, inherited }: { readonly pairs: ReadonlyMap<string, Pair>; readonly inherited: Inherited },
): ReadonlySet<string> {
  const [absorbed, standing] = [new Set<string>(), new Set(outputs)];
  for (const { inputs } of members) {
    for (const name of inputs) {
      const pair = pairs.get(name);
      if (pair === undefined || absorbed.has(name) || standing.has(name)) continue;
      const readers = consumers.get(name)!;
      if (readers.every((reader) => members.has(reader))) {
        absorbed.add(name);
        give(inherited, readers[0]!, pair.dequantizer);
      } else standing.add(name);
    }
  }
  return absorbed;
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
  readonly marks: Marks;
  readonly touched: ReadonlySet<Node>;
  readonly inherited: ReadonlyMap<Node, readonly string[]>;
  readonly constants: ReadonlyMap<string, string>;
  readonly biases: ReadonlyMap<Node, QuantizedBias>;
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly absorbed: Absorbed;
}

function placeNode(placing: Placing, given: Node, nodes: Node[]): void {
  const { draft, marks, inherited, absorbed } = placing;
  const outputs = namesIn(given.outputs, marks);
  const isMember = absorbed.members.has(given);
  const bias = placing.biases.get(given);
  const inFile = renamed(given, inputsOf(given, placing, 'read', bias?.inFile), outputsOf(outputs, placing, 'written'));
  noteRenamed(draft, given, inFile);
  const ids = inherited.get(given);
  if (!isMember && bias === undefined && ids === undefined) nodes.push(inFile);
  else {
    nodes.push({
      ...inFile,
      inputs: inputsOf(given, placing, isMember ? 'quantized' : 'read', bias?.read),
      outputs: isMember ? outputsOf(outputs, placing, 'quantized') : inFile.outputs,
      sources: ids === undefined ? given.sources : [...given.sources, ...ids],
    });
  }
  for (const name of outputs) placePair(placing, name, given, nodes);
}

/** As they are called once activations are dropped. */
function namesIn(outputs: readonly string[], marks: Marks): readonly string[] {
  return marks.renamed.size === 0 ? outputs : outputs.map((name) => follow(name, marks.renamed));
}

function inputsOf(
  node: Node,
  { touched, constants, pairs }: Placing,
  side: 'read' | 'quantized',
  bias: string | undefined,
): readonly string[] {
  const own = touched.has(node);
  const names: string[] = [];
  for (const name of node.inputs)
    names.push((own ? constants.get(name) : undefined) ?? pairs.get(name)?.[side] ?? name);
  if (bias !== undefined) names[2] = bias;
  return names;
}

function outputsOf(outputs: readonly string[], { pairs }: Placing, side: 'written' | 'quantized'): readonly string[] {
  return outputs.map((name) => pairs.get(name)?.[side] ?? name);
}

/** Of a pair what is not absorbed. */
function placePair({ draft, pairs, absorbed }: Placing, name: string, maker: Node | undefined, nodes: Node[]): void {
  const pair = pairs.get(name);
  if (pair === undefined) return;
  if (maker === undefined || !absorbed.members.has(maker)) nodes.push(quantizerNode(draft, pair, maker));
  if (!absorbed.dequantizers.has(name)) nodes.push(dequantizerNode(draft, pair, maker));
}

/** A node that reads and writes what it did stays the same record: what is remembered of it holds. */
function renamed(node: Node, inputs: readonly string[], outputs: readonly string[]): Node {
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
