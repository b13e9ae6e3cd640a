/** What a file gains and loses when a tool writes it anew, beside what the tool edits: see `Rewriting`. */
import { hasBodies } from '../ir/bodies.ts';
import type { Graph, Initializer, Model, Node } from '../ir/graph.ts';
import {
  encodedBareNodeBytes,
  encodedInitializerBytes,
  encodedMetadataBytes,
  encodedNodeBytes,
  encodedOpsetBytes,
  encodedTypeBytes,
} from '../formats/onnx/encoded-size.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import type { Rewriting } from './optimization.ts';

/**
 * Bytes of the types that the file does not declare yet. Dimensions that got a number count as that number, though the
 * file would hold their names.
 */
export const declaredTypesBytes = oncePerModel(({ model, graph }) => {
  if (model.format !== 'onnx') return 0;
  const outputs = new Set(model.graph.outputs);
  const names = model.graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== '' && !outputs.has(name)));
  return sum(
    names.map((name) => {
      const type = model.graph.tensors.has(name) ? undefined : graph.tensors.get(name);
      return type === undefined ? 0 : encodedTypeBytes(name, type);
    }),
  );
});

/** What an edit needs of the model as it was given is the same for all that are tried on it. */
function oncePerModel(count: (prepared: PreparedModel) => number): (prepared: PreparedModel) => number {
  const counted = new WeakMap<PreparedModel, number>();
  return (prepared) => {
    const bytes = counted.get(prepared) ?? count(prepared);
    counted.set(prepared, bytes);
    return bytes;
  };
}

/**
 * Bytes that the file loses with what the passes folded away. Branches, loops and calls of functions stay: their bodies
 * were inlined here, which no tool does to the file. Tensors that were computed at compile time count as what they were
 * computed from.
 */
export const foldedAwayBytes = oncePerModel((prepared) => {
  const { model, graph } = prepared;
  if (model.format !== 'onnx') return 0;
  const gone = foldedAway(prepared);
  const scaling = new Set(model.graph.nodes.flatMap((each) => (quantizers.has(each.operator) ? each.inputs : [])));
  const used = usedConstants(graph);
  const unused = [...model.graph.initializers.values()].filter(
    ({ ranges, name }) => !used.has(ranges) && !scaling.has(name),
  );
  const own = new Set([...model.graph.initializers.values()].map(({ ranges }) => ranges));
  const lifted = [...used].flatMap(([ranges, constant]) => (own.has(ranges) ? [] : [constant]));
  return (
    sum(gone.map(encodedNodeBytes)) +
    sum(unused.map(encodedInitializerBytes)) -
    sum(lifted.map(encodedInitializerBytes)) -
    sum(optimizerDomains.filter((domain) => !model.opsets.has(domain)).map(encodedOpsetBytes)) -
    sum(graph.nodes.map(defaultAttributesBytes)) +
    typesOfConstantsBytes(model) -
    encodedMetadataBytes(marks)
  );
});

/** What quant_pre_process and the quantizers leave in the model's metadata. */
const marks: ReadonlyMap<string, string> = new Map([
  ['onnx.quant.pre_process', 'onnxruntime.quant'],
  ['onnx.infer', 'onnxruntime.quant'],
]);

function foldedAway({ model, graph }: PreparedModel): readonly Node[] {
  const kept = new Set(graph.nodes.map(({ id }) => id));
  const functions = new Set(model.functions.map(({ domain, name }) => `${domain}.${name}`));
  return model.graph.nodes.filter(
    (node) =>
      !kept.has(node.id) &&
      !hasBodies(node) &&
      !quantizers.has(node.operator) &&
      !functions.has(`${node.domain}.${node.operator}`),
  );
}

/** Inference of shapes writes types of what is computed only. Before IR 4 constants were inputs, which stay. */
function typesOfConstantsBytes({ graph, irVersion }: Model): number {
  if (irVersion < 4) return 0;
  let bytes = 0;
  for (const name of graph.initializers.keys()) {
    const type = graph.tensors.get(name);
    if (type !== undefined) bytes += encodedTypeBytes(name, type);
  }
  return bytes;
}

/**
 * Whether the file loses what exporters write beside nodes and the model (scopes, stack traces): ONNX Runtime keeps the nodes
 * that it read where its optimizer found nothing to do, and else writes all of them anew.
 */
export function losesMetadata(prepared: PreparedModel, rewriting: Rewriting | 'nothing'): boolean {
  return rewriting === 'optimized' || (rewriting === 'folded' && metadataLost(prepared) > 0);
}

/** Bytes of it, without what `foldedAwayBytes` counts; 0 where the passes fold nothing away. */
const metadataLost = oncePerModel((prepared) => (foldedAway(prepared).length === 0 ? 0 : metadataBytes(prepared)));

export const metadataBytes = oncePerModel(({ model, graph }) => {
  if (model.format !== 'onnx') return 0;
  const kept = new Set(graph.nodes.map(({ id }) => id));
  const nodes = model.graph.nodes.filter(({ id }) => kept.has(id));
  return (
    encodedMetadataBytes(model.metadata) +
    (model.graph.metadataBytes ?? 0) +
    sum(nodes.map((node) => encodedNodeBytes(node) - encodedBareNodeBytes(node)))
  );
});

/** They are part of other nodes here, and stay in the file. */
const quantizers: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);

/** ONNX Runtime's optimizer writes attributes at their defaults: here the longest of them, of the operators that have it. */
function defaultAttributesBytes(node: Node): number {
  if (!paddedOperators.has(node.operator) || node.domain !== '' || node.attributes.has('auto_pad')) return 0;
  const attributes = new Map([...node.attributes, ['auto_pad', { kind: 'string', value: 'NOTSET' }] as const]);
  return encodedNodeBytes({ ...node, attributes }) - encodedNodeBytes(node);
}

const paddedOperators: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool']);

/** ONNX Runtime's optimizer writes the operator sets of all the domains that it knows, whether they are used or not. */
const optimizerDomains: readonly string[] = [
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'org.pytorch.aten',
];

type UsedConstants = ReadonlyMap<Initializer['ranges'], Initializer>;

const knownUses = new WeakMap<Graph, UsedConstants>();

/** The file's own constants that something reads, by what tells them apart. */
export function usedConstants(graph: Graph): UsedConstants {
  const used = knownUses.get(graph) ?? findUses(graph);
  knownUses.set(graph, used);
  return used;
}

function findUses({ nodes, initializers, outputs }: Graph): UsedConstants {
  const used = new Map<Initializer['ranges'], Initializer>();
  const use = (name: string) => {
    const constant = initializers.get(name);
    if (constant === undefined) return;
    if (constant.foldedFrom === undefined) used.set(constant.ranges, constant);
    else for (const origin of originsOf(constant, { initializers })) used.set(origin.ranges, origin);
  };
  for (const name of outputs) use(name);
  for (const { inputs } of nodes) for (const name of inputs) use(name);
  return used;
}

/** The file's constants that a constant was computed from: itself mostly. */
export function originsOf(
  constant: Initializer,
  { initializers }: Pick<Graph, 'initializers'>,
): readonly Initializer[] {
  if (constant.foldedFrom === undefined) return [constant];
  const origins: Initializer[] = [];
  for (const name of constant.foldedFrom) {
    const origin = initializers.get(name);
    if (origin !== undefined) origins.push(origin);
  }
  return origins;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
