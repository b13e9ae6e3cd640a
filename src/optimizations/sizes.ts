/** What edits do to the size of the file and to the count of its parameters. */
import { bytesOf, isFloat } from '../ir/data-type.ts';
import type { Graph, Initializer, Model, ModelFile, Node } from '../ir/graph.ts';
import type { ParameterCount } from '../passes/count-parameters.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import { bareNodeBytes, constantBytes, nodeBytes } from './file-bytes.ts';
import type { EditedGraph, EditedWeight, FileParts } from './optimization.ts';
import { countsWithParts, storedElements } from './part-counts.ts';
import { originsOf, usedConstants } from './rewriting.ts';
import { homeFile, isEdited } from './weights/edited-weight.ts';

/** Of each edited weight, the file's constants that nothing reads once it has been replaced; each with one weight. */
type GoneConstants = readonly (readonly Initializer[])[];

interface Written {
  /** Bytes that only the model file gains. */
  readonly besides: number;
  /** Nodes are written without metadata: `besides` says what that comes to for those of the file. */
  readonly bare: boolean;
}

/**
 * The model with the edited graph, its files with what the edit puts in place of what it was given, its parameters counted
 * anew.
 */
export function withEditedGraph(prepared: PreparedModel, edited: EditedGraph, written: Written): PreparedModel {
  const { graph } = edited;
  const gone = goneConstants(prepared.graph, edited);
  const files = editedFiles(prepared, edited, gone, written);
  const parameters = editedParameters(prepared, edited, gone);
  return { ...prepared, graph, model: { ...prepared.model, files }, parameters };
}

function editedFiles(
  { graph, model }: PreparedModel,
  edited: EditedGraph,
  gone: GoneConstants,
  { besides, bare }: Written,
): readonly ModelFile[] {
  const changes = new Map<string, number>();
  const grow = (file: string, bytes: number) => changes.set(file, (changes.get(file) ?? 0) + bytes);
  const known = new Set(model.files.map(({ path }) => path));
  edited.weights.forEach(({ from, to, storage }, index) => {
    const named = homeFile(originsOf(from, graph)[0]?.ranges[0]?.file ?? '');
    const file = known.has(named) ? named : '';
    for (const old of gone[index]!) {
      grow(file, -old.fileBytes);
      grow('', old.fileBytes - constantBytes(model, old));
    }
    grow(file, to.fileBytes);
    grow('', constantBytes(model, to) - to.fileBytes);
    for (const each of storage) grow('', constantBytes(model, each));
  });
  const [before, after] = bare ? [bareNodeBytes, bareNodeBytes] : [givenBytes, nodeBytes];
  grow('', besides + partsBytes(model, edited.added, after) - partsBytes(model, edited.removed, before));
  for (const { ranges, fileBytes } of edited.removed.constants) {
    const file = ranges[0]?.file ?? '';
    if (file === '' || !known.has(file)) continue;
    grow(file, -fileBytes);
    grow('', fileBytes);
  }
  return model.files.map((file, index) => {
    const change = (changes.get(file.path) ?? 0) + (index === 0 && file.path !== '' ? (changes.get('') ?? 0) : 0);
    return change === 0 ? file : { ...file, byteLength: Math.max(0, file.byteLength + change) };
  });
}

function goneConstants(graph: Graph, edited: EditedGraph): GoneConstants {
  const kept = usedConstants(edited.graph);
  const counted = new Set<Initializer['ranges']>(kept.keys());
  return edited.weights.map(({ from }) =>
    originsOf(from, graph).filter(({ ranges }) => {
      const first = !counted.has(ranges);
      counted.add(ranges);
      return first;
    }),
  );
}

function editedParameters(
  { graph, parameters }: PreparedModel,
  edited: EditedGraph,
  gone: GoneConstants,
): PreparedModel['parameters'] {
  const counts = countsWithParts(parameters, edited);
  const nodes = nodesById(graph);
  edited.weights.forEach((weight, index) => {
    const holder = holderOf(nodes.get(weight.node), counts) ?? weight.node;
    counts.set(holder, changedCount(counts.get(holder) ?? nothing, weight, gone[index]!));
  });
  return counts;
}

const knownById = new WeakMap<Graph, ReadonlyMap<string, Node>>();

/** Of a graph that edits are tried on. */
function nodesById(graph: Graph): ReadonlyMap<string, Node> {
  const nodes = knownById.get(graph) ?? new Map(graph.nodes.map((node) => [node.id, node]));
  knownById.set(graph, nodes);
  return nodes;
}

const nothing: ParameterCount = { parameters: 0, weightsBytes: 0 };

/** The node of the file that holds the parameters of what stands for several. */
function holderOf(node: Node | undefined, counts: ReadonlyMap<string, ParameterCount>): string | undefined {
  return node?.sources.find((id) => (counts.get(id)?.parameters ?? 0) > 0);
}

function changedCount(
  { parameters, weightsBytes }: ParameterCount,
  { to, storage }: EditedWeight,
  gone: readonly Initializer[],
): ParameterCount {
  let [elements, bytes] = [storedElements(to), weightBytes(to)];
  for (const each of storage) bytes += weightBytes(each);
  for (const each of withoutScales(gone)) elements -= storedElements(each);
  for (const each of gone) bytes -= weightBytes(each);
  return { parameters: parameters + elements, weightsBytes: weightsBytes + bytes };
}

/** Floats beside integers are what those are scaled with. */
function withoutScales(constants: readonly Initializer[]): readonly Initializer[] {
  const integer = constants.find(({ dtype }) => !isFloat(dtype));
  return integer === undefined ? constants : [integer];
}

/** An edit says what the compressed form that it makes takes. */
function weightBytes(constant: Initializer): number {
  return isEdited(constant) ? constant.fileBytes : denseBytes(constant);
}

function denseBytes(constant: Initializer): number {
  return bytesOf(constant.dtype, storedElements(constant));
}

function partsBytes(
  model: Model,
  { nodes, constants, further }: FileParts,
  bytesOfNode: (model: Model, node: Node) => number,
): number {
  let bytes = further?.bytes ?? 0;
  for (const constant of constants) bytes += constantBytes(model, constant);
  for (const node of nodes) bytes += bytesOfNode(model, node);
  return bytes;
}

const knownBytes = new WeakMap<Node, number>();

/** One edit after the other is tried on the same nodes. */
function givenBytes(model: Model, node: Node): number {
  const bytes = knownBytes.get(node) ?? nodeBytes(model, node);
  knownBytes.set(node, bytes);
  return bytes;
}
