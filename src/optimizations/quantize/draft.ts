/** What an edit collects on its way through a graph. */
import { elementCount } from '../../formats/dense.ts';
import { claimId, noNodeIds } from '../../formats/onnx/node-ids.ts';
import type { NodeIds } from '../../formats/onnx/node-ids.ts';
import { bytesOf, isFloat } from '../../ir/data-type.ts';
import type { DataType } from '../../ir/data-type.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../ir/graph.ts';
import type { EditedGraph, EditedWeight, EditScope } from '../optimization.ts';
import { originsOf, usedConstants } from '../rewriting.ts';

export interface Draft {
  readonly given: Graph;
  readonly scope: EditScope;
  readonly initializers: Map<string, Initializer>;
  readonly tensors: Map<string, TensorType>;
  readonly weights: EditedWeight[];
  readonly addedNodes: Node[];
  readonly addedConstants: Initializer[];
  /** See `FileParts.further`. */
  readonly further: { bytes: number; readonly nodes: Map<string, number> };
  readonly removedNodes: Node[];
  /** Ids of nodes. */
  readonly touched: Set<string>;
  /** By id of the node. */
  readonly reasons: Map<string, string>;
  readonly ids: NodeIds;
  readonly names: NodeIds;
  /** Names or ids in the given graph end as a quantizer's do: see `derivedName`. */
  readonly hasDerived: boolean;
  /** See `withEnding`. */
  readonly endings: Endings;
}

/** By ending and name, the two together. */
type Endings = Map<Ending, Map<string, string>>;

interface Taken extends Pick<Draft, 'hasDerived' | 'endings'> {
  readonly ids: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/** What a quantizer puts behind the name of a tensor. */
type Ending =
  | 'scale'
  | 'zero_point'
  | 'quantized_scale'
  | 'quantized_zero_point'
  | 'QuantizeLinear'
  | 'quantized'
  | 'DequantizeLinear'
  | 'DequantizeLinear_Output'
  | 'QuantizeLinear_Output';

const derived = /_(scale|zero_point|quantized|(Q|Deq)uantizeLinear(_Output)?)(#\d+)?$/;

/** Of graphs that edits were tried on. */
const knownTaken = new WeakMap<Graph, Taken>();

function takenIn(given: Graph): Taken {
  const known = knownTaken.get(given);
  if (known !== undefined) return known;
  const [ids, names] = [new Set<string>(), new Set<string>()];
  for (const { id, sources, inputs, outputs } of given.nodes) {
    ids.add(id);
    for (const each of sources) ids.add(each);
    for (const each of inputs) names.add(each);
    for (const each of outputs) names.add(each);
  }
  for (const name of [...given.initializers.keys(), ...given.inputs, ...given.outputs]) names.add(name);
  const hasDerived = [ids, names].some((each) => [...each].some((name) => derived.test(name)));
  const taken: Taken = { ids, names, hasDerived, endings: new Map() };
  knownTaken.set(given, taken);
  return taken;
}

export function draftOf(given: Graph, scope: EditScope): Draft {
  const taken = takenIn(given);
  return {
    given,
    scope,
    initializers: new Map(given.initializers),
    tensors: new Map(given.tensors),
    weights: [],
    addedNodes: [],
    addedConstants: [],
    further: { bytes: 0, nodes: new Map() },
    removedNodes: [],
    touched: new Set(),
    reasons: new Map(),
    ids: { ...noNodeIds(), before: taken.ids },
    names: { ...noNodeIds(), before: taken.names },
    hasDerived: taken.hasDerived,
    endings: taken.endings,
  };
}

/** A name of a tensor that no other has. */
export function nameFor(draft: Draft, wanted: string): string {
  return claimId(wanted, draft.names);
}

/**
 * `name_ending`. Edits that are tried on one graph ask for the same: a text that is put together once has its hash, and
 * lies in one piece, wherever it is looked up from then on.
 */
export function withEnding({ endings }: Draft, name: string, ending: Ending): string {
  let texts = endings.get(ending);
  if (texts === undefined) endings.set(ending, (texts = new Map<string, string>()));
  let text = texts.get(name);
  if (text === undefined) texts.set(name, (text = `${name}_${ending}`));
  return text;
}

/**
 * The name of a tensor that a quantizer makes of another's, asked for once for each name and ending. Where the graph has none
 * of such names it is free, and is looked up nowhere.
 */
export function derivedName(draft: Draft, name: string, ending: Ending): string {
  const { names, hasDerived } = draft;
  const wanted = withEnding(draft, name, ending);
  return hasDerived ? claimId(wanted, names) : wanted;
}

/** The same of a node's id. */
export function derivedId(draft: Draft, name: string, ending: Ending): string {
  const { ids, hasDerived } = draft;
  const wanted = withEnding(draft, name, ending);
  return hasDerived ? claimId(wanted, ids) : wanted;
}

export interface NewNode {
  readonly name: string;
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const nothing: ReadonlyMap<string, never> = new Map<string, never>();

/** Of the file's opset; runs as often as `like` does. */
export function newNode(draft: Draft, like: Node | undefined, wanted: NewNode): Node {
  const { name, operator, domain = '', inputs, outputs, attributes } = wanted;
  const id = claimId(name === '' ? (outputs[0] ?? operator) : name, draft.ids);
  const all = attributes === undefined ? nothing : new Map(Object.entries(attributes));
  return madeNode(draft, like, { id, name, operator, domain, inputs, outputs, attributes: all });
}

type MadeNode = Pick<Node, 'id' | 'name' | 'operator' | 'domain' | 'inputs' | 'outputs' | 'attributes'>;

/** The same of an id that is claimed. */
export function madeNode({ scope }: Draft, like: Node | undefined, made: MadeNode): Node {
  const { id, domain } = made;
  return {
    ...made,
    version: scope.model.opsets.get(domain === '' ? 'ai.onnx' : domain) ?? (domain === '' ? 13 : 1),
    sources: [id],
    repetitions: like?.repetitions ?? 1,
    metadata: nothing,
  };
}

export interface NewConstant {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Absent: what its elements take, densely. */
  readonly fileBytes?: number;
  readonly available?: boolean;
}

/** A constant of the edited file. Its bytes are in no file that is there. */
export function newConstant({ name, dtype, shape, fileBytes, available = false }: NewConstant): Initializer {
  const byteLength = fileBytes ?? bytesOf(dtype, elementCount(shape));
  return {
    name,
    dtype,
    shape,
    encoding: 'raw',
    ranges: [{ file: `edited ${name}`, offset: 0, byteLength }],
    fileBytes: byteLength,
    available,
  };
}

/** A scale or a zero point: the graph gets it, and so does the file. */
export function addConstant(draft: Draft, constant: NewConstant): void {
  const made = newConstant(constant);
  setConstant(draft, made);
  draft.addedConstants.push(made);
}

export function setConstant(draft: Draft, constant: Initializer): void {
  draft.initializers.set(constant.name, constant);
  draft.tensors.set(constant.name, { dtype: constant.dtype, shape: constant.shape });
}

/** A node that was selected and stays as it is; the first reason counts. */
export function refuse(draft: Draft, node: Node, reason: string): void {
  if (!draft.reasons.has(node.id)) draft.reasons.set(node.id, reason);
}

/** Of a file in which nothing is changed after all. */
export function withoutParts(draft: Draft): Draft {
  return { ...draft, addedNodes: [], addedConstants: [], removedNodes: [], further: { bytes: 0, nodes: new Map() } };
}

export function finished(draft: Draft, graph: Graph, rewrites?: EditedGraph['rewrites']): EditedGraph {
  const { weights, touched, reasons, addedNodes, addedConstants, removedNodes, further } = draft;
  const written = isFolded(rewrites) ? withComputed(draft, graph) : graph;
  return {
    graph: written,
    weights,
    touched: [...touched],
    notApplied: [...reasons].filter(([node]) => !touched.has(node)).map(([node, reason]) => ({ node, reason })),
    added: { nodes: addedNodes, constants: addedConstants, further },
    removed: { nodes: removedNodes, constants: unusedConstants(draft, written, rewrites) },
    ...(rewrites === undefined ? {} : { rewrites }),
  };
}

function isFolded(rewrites: EditedGraph['rewrites']): boolean {
  return rewrites === 'folded' || rewrites === 'optimized';
}

/** A float constant that was computed from several of the file's is in the file what came out. */
function withComputed({ addedConstants }: Draft, graph: Graph): Graph {
  const computed = new Map<string, Initializer>();
  for (const { inputs } of graph.nodes) {
    for (const name of inputs) {
      const constant = graph.initializers.get(name);
      if (constant === undefined || !isFloat(constant.dtype) || (constant.foldedFrom?.length ?? 0) < 2) continue;
      if (computed.has(name)) continue;
      const { dtype, shape, available } = constant;
      const written = newConstant({ name, dtype, shape, available });
      computed.set(name, written);
      addedConstants.push(written);
    }
  }
  return computed.size === 0 ? graph : { ...graph, initializers: new Map([...graph.initializers, ...computed]) };
}

/** What only nodes read that are gone, without the weights, whose bytes are counted with what took their place. */
function unusedConstants(
  { given, weights, scope }: Draft,
  graph: Graph,
  rewrites: EditedGraph['rewrites'],
): readonly Initializer[] {
  const [before, after] = [usedConstants(given), usedConstants(graph)];
  const replaced = new Set<Initializer['ranges']>();
  for (const { from } of weights) for (const { ranges } of originsOf(from, given)) replaced.add(ranges);
  const unused: Initializer[] = [];
  for (const [ranges, constant] of before) {
    if (after.has(ranges) || replaced.has(ranges)) continue;
    if (isFolded(rewrites) || scope.model.graph.initializers.has(constant.name)) unused.push(constant);
  }
  return unused;
}
