/** Puts QuantizeLinear and DequantizeLinear where tensors are marked, as ONNX Runtime's quantizer names and places them. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import { consumersOf, follow } from '../../passes/drop-nodes.ts';
import { countConstant, nameFor, newConstant, newNode } from './draft.ts';
import type { Draft } from './draft.ts';
import { nameInFile } from './fused-names.ts';
import type { Marks, TensorMark } from './marking.ts';
import type { Marked } from './marks.ts';
import { addDequantized, addWeightScale, storeWeight, zeroPointBytes } from './weights.ts';

export interface PairedGraph {
  readonly graph: Graph;
  /** Scale and zero point of each pair; the graph does not hold them: see `withScales`. */
  readonly scales: readonly (readonly [string, string])[];
}

/** The float graph with its pairs; nothing is absorbed yet. */
export function insertPairs(draft: Draft, { marks, touched }: Marked): PairedGraph {
  const bare = withoutDropped(draft, marks);
  const constants = quantizeConstants(draft, marks, touched);
  const biases = quantizeBiases(draft, marks);
  const pairs = pairsOf(draft, bare, marks);
  const read = (name: string) => pairs.get(name)?.read ?? name;
  const nodes: Node[] = graphInputPairs(draft, pairs);
  for (const { given, node, outputs: names } of bare) {
    const own = touched.has(given);
    const inputs = given.inputs.map((name) => (own ? constants.get(name) : undefined) ?? read(name));
    const outputs = names.map((name) => pairs.get(name)?.written ?? name);
    const bias = biases.get(given);
    const now = rewritten(node, bias === undefined ? inputs : inputs.with(2, bias.read), outputs);
    nodes.push(now);
    const isInFile = bias === undefined && node === given;
    noteRenamed(draft, given, isInFile ? now : rewritten(given, bias ? inputs.with(2, bias.inFile) : inputs, outputs));
    for (const name of names) {
      const pair = pairs.get(name);
      if (pair !== undefined) nodes.push(...pair.nodes);
    }
  }
  const { given, initializers, tensors } = draft;
  const scales = [...pairs.values()].map(({ scale }) => scale);
  return { graph: { ...given, nodes, initializers, tensors }, scales };
}

/** A node that reads and writes what it did stays the same record: what is remembered of it holds. */
function rewritten(node: Node, inputs: readonly string[], outputs: readonly string[]): Node {
  const same = (before: readonly string[], after: readonly string[]) => before.every((name, at) => name === after[at]);
  return same(node.inputs, inputs) && same(node.outputs, outputs) ? node : { ...node, inputs, outputs };
}

/** The file's nodes grow with the names of what they read. */
function noteRenamed({ addedNodes, removedNodes }: Draft, given: Node, now: Node): void {
  if (now === given) return;
  removedNodes.push(given);
  addedNodes.push(now);
}

interface BareNode {
  readonly given: Node;
  /** With the ids of what was dropped behind it. */
  readonly node: Node;
  readonly outputs: readonly string[];
}

/** Dropped activations are gone, and the nodes in front of them write what those wrote. */
function withoutDropped({ given, removedNodes, touched }: Draft, { dropped, renamed }: Marks): readonly BareNode[] {
  const heirs = new Map<string, readonly string[]>();
  for (const node of [...given.nodes].reverse()) {
    if (!dropped.has(node)) continue;
    removedNodes.push(node);
    touched.add(node.id);
    const behind = heirs.get(node.outputs[0]!) ?? [];
    heirs.set(node.inputs[0]!, [...node.sources, ...behind]);
  }
  const bare: BareNode[] = [];
  for (const node of given.nodes) {
    if (dropped.has(node)) continue;
    const outputs = renamed.size === 0 ? node.outputs : node.outputs.map((name) => follow(name, renamed));
    const inherited = heirs.size === 0 ? [] : node.outputs.flatMap((name) => heirs.get(name) ?? []);
    const heir = inherited.length === 0 ? node : { ...node, sources: [...node.sources, ...inherited] };
    bare.push({ given: node, node: heir, outputs });
  }
  return bare;
}

/** By name of a marked constant: what the touched nodes read in its place. */
function quantizeConstants(draft: Draft, marks: Marks, touched: ReadonlySet<Node>): ReadonlyMap<string, string> {
  const read = new Map<string, string>();
  const readers = consumersOf(draft.given.nodes.filter((node) => touched.has(node)));
  for (const [name, mark] of marks.tensors) {
    const from = draft.given.initializers.get(name);
    const [node] = readers.get(name) ?? [];
    if (from === undefined || node === undefined) continue;
    const { axis } = mark;
    const inFile = nameInFile(node, name, draft.given);
    const to = storeWeight(draft, {
      node,
      from,
      dtype: 'int8',
      change: { kind: 'quantize', bits: 8, symmetric: !mark.offset, ...(axis === undefined ? {} : { axis }) },
      name: `${inFile}_quantized`,
    });
    const output = nameFor(draft, `${inFile}_DequantizeLinear_Output`);
    const scale = mark.offset
      ? addOffsetScale(draft, inFile)
      : addWeightScale(draft, { ...from, name: inFile }, axis, countConstant);
    addDequantized(draft, output, from, [to]);
    draft.addedNodes.push(dequantizer(draft, node, { name: inFile, input: to.name, output, scale, axis }));
    read.set(name, output);
  }
  return read;
}

/** By node. A bias that several nodes add is one constant for each of them: their scales differ. */
function quantizeBiases(draft: Draft, marks: Marks): ReadonlyMap<Node, QuantizedBias> {
  const read = new Map<Node, QuantizedBias>();
  const used = new Map<string, number>();
  for (const [node, { bias, weight }] of marks.biases) {
    const from = draft.given.initializers.get(bias)!;
    const copies = used.get(bias) ?? 0;
    used.set(bias, copies + 1);
    const inFile = nameInFile(node, bias, draft.given);
    const name = copies === 0 ? inFile : `${inFile}${copies - 1}`;
    const axis = marks.tensors.get(weight)?.axis;
    const slices = axis === undefined ? 1 : (draft.given.initializers.get(weight)?.shape[axis] ?? 1);
    read.set(node, { read: quantizeBias(draft, { node, from, name, slices }), inFile: name });
  }
  return read;
}

interface QuantizedBias {
  readonly read: string;
  /** The file gives it the name of the float one; here that may still be read by others. */
  readonly inFile: string;
}

interface Bias {
  readonly node: Node;
  readonly from: Initializer;
  readonly name: string;
  readonly slices: number;
}

function quantizeBias(draft: Draft, { node, from, name, slices }: Bias): string {
  const change = { kind: 'quantize-bias' } as const;
  const to = storeWeight(draft, { node, from, dtype: 'int32', change, name: `${name}_quantized` });
  const scale = nameFor(draft, `${name}_quantized_scale`);
  countConstant(draft, { name: scale, dtype: 'float32', shape: [slices] });
  const zeroPoint = nameFor(draft, `${name}_quantized_zero_point`);
  countConstant(draft, {
    name: zeroPoint,
    dtype: 'int32',
    shape: slices > 1 ? [slices] : [],
    ...(slices > 1 ? {} : { fileBytes: zeroPointBytes.zero }),
  });
  const output = nameFor(draft, `${name}_DequantizeLinear_Output`);
  addDequantized(draft, output, from, [to]);
  const axis = slices > 1 ? 0 : undefined;
  const parameters = { name, input: to.name, output: name, scale: [scale, zeroPoint], axis } as const;
  draft.addedNodes.push(dequantizer(draft, node, parameters));
  return output;
}

interface Pair {
  /** What the tensor's producer writes, and what its readers read. */
  readonly written: string;
  readonly read: string;
  readonly nodes: readonly Node[];
  /** And the zero point. */
  readonly scale: readonly [string, string];
}

/** By name of a marked tensor that is no constant. */
function pairsOf(draft: Draft, bare: readonly BareNode[], { tensors }: Marks): ReadonlyMap<string, Pair> {
  const producers = new Map<string, Node>();
  for (const { outputs, node } of bare) for (const name of outputs) producers.set(name, node);
  const scales = new Map<string, readonly [string, string]>();
  const scaleOf = (name: string, mark: TensorMark | undefined, steps = 0): readonly [string, string] => {
    const known = scales.get(name);
    if (known !== undefined) return known;
    const { sharesWith } = mark ?? {};
    const shared = sharesWith !== undefined && sharesWith !== name && steps < tensors.size;
    const found = shared ? scaleOf(sharesWith, tensors.get(sharesWith), steps + 1) : addOffsetScale(draft, name);
    scales.set(name, found);
    return found;
  };
  const pairs = new Map<string, Pair>();
  for (const [name, mark] of tensors) {
    if (draft.given.initializers.has(name)) continue;
    pairs.set(name, pairOf(draft, { name, producer: producers.get(name), scale: scaleOf(name, mark) }));
  }
  return pairs;
}

interface Quantized {
  readonly name: string;
  readonly producer: Node | undefined;
  readonly scale: readonly [string, string];
}

function pairOf(draft: Draft, { name, producer, scale }: Quantized): Pair {
  const isOutput = draft.given.outputs.includes(name);
  const written = isOutput ? nameFor(draft, `${name}_QuantizeLinear_Input`) : name;
  const read = isOutput ? name : nameFor(draft, `${name}_DequantizeLinear_Output`);
  const quantized = nameFor(draft, `${name}_QuantizeLinear_Output`);
  const type = draft.tensors.get(name) ?? { dtype: 'float32' as const, shape: null };
  draft.tensors.set(isOutput ? written : read, type);
  draft.tensors.set(quantized, { ...type, dtype: 'int8' });
  const quantizer = newNode(draft, producer, {
    name: `${name}_QuantizeLinear`,
    operator: 'QuantizeLinear',
    inputs: [written, ...scale],
    outputs: [quantized],
  });
  const nodes = [
    quantizer,
    dequantizer(draft, producer, { name, input: quantized, output: read, scale, axis: undefined }),
  ];
  draft.addedNodes.push(...nodes);
  return { written, read, nodes, scale };
}

function graphInputPairs({ given }: Draft, pairs: ReadonlyMap<string, Pair>): Node[] {
  return given.inputs.flatMap((name) => pairs.get(name)?.nodes ?? []);
}

interface Dequantizer {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly scale: readonly [string, string];
  readonly axis: number | undefined;
}

function dequantizer(draft: Draft, like: Node | undefined, { name, input, output, scale, axis }: Dequantizer): Node {
  return newNode(draft, like, {
    name: `${name}_DequantizeLinear`,
    operator: 'DequantizeLinear',
    inputs: [input, ...scale],
    outputs: [output],
    ...(axis === undefined ? {} : { attributes: { axis: { kind: 'int', value: axis } } }),
  });
}

/**
 * One scale and zero point of what lies between any two numbers. Behind an activation that gives nothing below 0 the zero
 * point is -128; for all others calibration decides, and it is below 0 as often as not: taken as such.
 */
function addOffsetScale(draft: Draft, name: string): readonly [string, string] {
  const zeroPoint = nameFor(draft, `${name}_zero_point`);
  countConstant(draft, { ...offsetZeroPoint, name: zeroPoint });
  const scale = nameFor(draft, `${name}_scale`);
  countConstant(draft, { ...offsetScale, name: scale });
  return [scale, zeroPoint];
}

const offsetZeroPoint = { dtype: 'int8', shape: [], fileBytes: zeroPointBytes.negative } as const;
const offsetScale = { dtype: 'float32', shape: [] } as const;

/** The graph with the scales and zero points of pairs that are still nodes of their own. */
export function withScales(graph: Graph, scales: PairedGraph['scales']): Graph {
  const names = graph.nodes.flatMap(({ operator, inputs }) => (quantizers.has(operator) ? inputs.slice(1) : []));
  const read = new Set(names.filter((name) => !graph.initializers.has(name)));
  if (read.size === 0) return graph;
  const [initializers, tensors] = [new Map(graph.initializers), new Map(graph.tensors)];
  for (const [scale, zeroPoint] of scales) {
    if (!read.has(scale)) continue;
    for (const constant of [
      { ...offsetScale, name: scale },
      { ...offsetZeroPoint, name: zeroPoint },
    ]) {
      initializers.set(constant.name, newConstant(constant));
      tensors.set(constant.name, { dtype: constant.dtype, shape: constant.shape });
    }
  }
  return { ...graph, initializers, tensors };
}

const quantizers: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);
