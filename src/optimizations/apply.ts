/** Edits one after the other: from a prepared model to what it would be, with its sizes brought up to date. */
import { bytesOf } from '../ir/data-type.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Graph, Initializer, Model, ModelFile, Node } from '../ir/graph.ts';
import { encodedInitializerBytes, encodedNodeBytes } from '../formats/onnx/encoded-size.ts';
import { prepare } from '../passes/index.ts';
import type { ParameterCount } from '../passes/count-parameters.ts';
import type { Bindings, PreparedModel } from '../passes/prepared.ts';
import { homeFile, isEdited } from './weights/edited-weight.ts';
import type { EditedGraph, EditedWeight, FileParts, ModelEdit, NotApplied } from './optimization.ts';

/** An edit and the layers it is for. */
export interface ChosenEdit {
  readonly edit: ModelEdit;
  readonly selects: (node: Node) => boolean;
}

export interface EditedModel {
  readonly prepared: PreparedModel;
  /** In the order in which they were made: a later one may begin with what an earlier one ends with. */
  readonly weights: readonly EditedWeight[];
  /** Ids of nodes, each once. */
  readonly touched: readonly string[];
  readonly notApplied: readonly (NotApplied & { readonly edit: ModelEdit })[];
}

export interface ApplyOptions {
  /** The values that the model was prepared with. */
  readonly bindings: Bindings;
  /** See `EditScope.assumed`. */
  readonly assumed?: DataType;
}

/**
 * Edits of the inputs come first, wherever they stand: they need the file's own graph.
 * Throws `UserError` where an edit does not fit the model.
 */
export function applyEdits(
  given: PreparedModel,
  edits: readonly ChosenEdit[],
  { bindings, assumed }: ApplyOptions,
): EditedModel {
  let current: EditedModel = { prepared: resized(given, edits, bindings), weights: [], touched: [], notApplied: [] };
  for (const { edit, selects } of edits) {
    if (edit.kind !== 'graph') continue;
    const { prepared } = current;
    const edited = edit.apply(prepared.graph, { selects, model: prepared.model, assumed });
    current = {
      prepared: withGraph(prepared, edited),
      weights: [...current.weights, ...edited.weights],
      touched: [...new Set([...current.touched, ...edited.touched])],
      notApplied: [...current.notApplied, ...edited.notApplied.map((one) => ({ ...one, edit }))],
    };
  }
  return current;
}

function resized(given: PreparedModel, edits: readonly ChosenEdit[], bindings: Bindings): PreparedModel {
  let bound = { model: given.model, bindings };
  for (const { edit } of edits) if (edit.kind === 'inputs') bound = edit.apply(bound);
  return bound.model === given.model ? given : prepare(bound.model, bound.bindings);
}

function withGraph(prepared: PreparedModel, edited: EditedGraph): PreparedModel {
  const { graph, weights } = edited;
  return {
    ...prepared,
    graph,
    model: { ...prepared.model, files: filesOf(prepared, edited) },
    parameters: weights.length === 0 ? prepared.parameters : recount(prepared, weights),
  };
}

function recount({ graph, parameters }: PreparedModel, weights: readonly EditedWeight[]): PreparedModel['parameters'] {
  const counts = new Map(parameters);
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  for (const weight of weights) {
    const holder = holderOf(nodes.get(weight.node), counts);
    const before = counts.get(holder ?? weight.node) ?? { parameters: 0, weightsBytes: 0 };
    counts.set(holder ?? weight.node, changedCount(before, weight));
  }
  return counts;
}

/** The node of the file that holds the parameters of what stands for several. */
function holderOf(node: Node | undefined, counts: ReadonlyMap<string, ParameterCount>): string | undefined {
  return node?.sources.find((id) => (counts.get(id)?.parameters ?? 0) > 0);
}

function changedCount(
  { parameters, weightsBytes }: ParameterCount,
  { from, to, storage }: EditedWeight,
): ParameterCount {
  const beside = storage.reduce((sum, constant) => sum + denseBytes(constant), 0);
  return {
    parameters: parameters + elementsOf(to) - elementsOf(from),
    weightsBytes: weightsBytes + weightBytes(to) + beside - weightBytes(from),
  };
}

function elementsOf({ shape, nonZeros }: Initializer): number {
  return nonZeros ?? shape.reduce((count, size) => count * size, 1);
}

/** An edit says what the compressed form that it makes takes. */
function weightBytes(constant: Initializer): number {
  return isEdited(constant) ? constant.fileBytes : denseBytes(constant);
}

function denseBytes(constant: Initializer): number {
  return bytesOf(constant.dtype, elementsOf(constant));
}

/** Weights change the file that holds them, all else the model file itself. */
function filesOf({ graph, model }: PreparedModel, edited: EditedGraph): readonly ModelFile[] {
  const changes = new Map<string, number>();
  const grow = (file: string, bytes: number) => changes.set(file, (changes.get(file) ?? 0) + bytes);
  const used = usedConstants(edited.graph);
  for (const { from, to, storage } of edited.weights) {
    const old = originsOf(from, graph).filter((constant) => !used.has(constant.ranges));
    const file = homeFile(originsOf(from, graph)[0]?.ranges[0]?.file ?? '');
    grow(file, to.fileBytes - sum(old.map(({ fileBytes }) => fileBytes)));
    grow('', partsBytes(model, { nodes: [], constants: storage }));
  }
  grow('', partsBytes(model, edited.added) - partsBytes(model, edited.removed));
  return model.files.map((file, index) => {
    const change = (changes.get(file.path) ?? 0) + (index === 0 && file.path !== '' ? (changes.get('') ?? 0) : 0);
    return change === 0 ? file : { ...file, byteLength: Math.max(0, file.byteLength + change) };
  });
}

/** The file's own constants that something still reads, by what tells them apart. */
function usedConstants({ nodes, initializers, outputs }: Graph): ReadonlySet<Initializer['ranges']> {
  const used = new Set<Initializer['ranges']>();
  const names = new Set([...outputs, ...nodes.flatMap(({ inputs }) => inputs)]);
  for (const name of names) {
    const constant = initializers.get(name);
    if (constant !== undefined) for (const { ranges } of originsOf(constant, { initializers })) used.add(ranges);
  }
  return used;
}

/** The file's constants that a constant was computed from: itself mostly. */
function originsOf(constant: Initializer, { initializers }: Pick<Graph, 'initializers'>): readonly Initializer[] {
  if (constant.foldedFrom === undefined) return [constant];
  return constant.foldedFrom.flatMap((name) => initializers.get(name) ?? []);
}

/** Other formats keep names and operands in tables; what ONNX takes is near enough for a file of weights. */
function partsBytes({ format }: Model, { nodes, constants }: FileParts): number {
  const bytes = sum(constants.map(encodedInitializerBytes));
  return format === 'onnx' ? bytes + sum(nodes.map(encodedNodeBytes)) : bytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
