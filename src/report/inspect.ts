/** The JSON of `model-budget inspect`: the file's own nodes in file order, before any pass, bodies included. */
import { bodiesOf, hasBodies } from '../ir/bodies.ts';
import { isKnown, isSymbolic, print } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Graph, Initializer, Model, Node, Quantization, TensorType } from '../ir/graph.ts';
import { functionBodyOf } from '../passes/expand-functions.ts';
import { knownOperators } from '../passes/index.ts';
import { countLayers } from './layer-counts.ts';
import type { Counts } from './layer-counts.ts';
import { bareSource, type FindSource } from './source-line.ts';
import { framesOf } from './stack-trace.ts';

/** A number, a symbol (`batch`, `2*sequence+1`), or null: only a run can tell. */
export type InspectDimension = number | string | null;

export interface InspectTensor {
  readonly name: string;
  /** null: not even the rank is known. */
  readonly shape: readonly InspectDimension[] | null;
  /** `sequence(float32)` for sequences of tensors; null: not known. */
  readonly dtype: string | null;
}

export interface InspectLayer {
  /** Unique; nodes of bodies `parent/branch/…`. */
  readonly id: string;
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly InspectTensor[];
  /** Of all its runs in one inference; null where a dimension without a value decides it. */
  readonly macs: number | null;
  /** Elements of weights that this layer is the first to use. */
  readonly parameters: number;
  readonly weightsBytes: number;
  /** `path:line` in the repository of the code that made it, where the exporter left it; else its file's name and line. */
  readonly source?: string;
}

/** A tensor with how its elements are stored. */
export interface InspectStoredTensor extends InspectTensor {
  /** Why the shape, or an entry of it, is null. */
  readonly dataDependent?: string;
  /** Where the format keeps it beside the graph: how many scales, along which axis where there are several. */
  readonly quantization?: { readonly scales: number; readonly axis?: number; readonly blockSize?: number };
  /** Of a sparse constant: elements that are stored. */
  readonly storedElements?: number;
}

export interface InspectDocument {
  readonly schema: 'model-budget/inspect@1';
  readonly model: {
    readonly path: string;
    readonly format: Model['format'];
    readonly producer: string;
    readonly opsets: Readonly<Record<string, number>>;
    readonly fileBytes: number;
    readonly weightsBytes: number;
    readonly parameters: number;
    readonly macs: number | null;
    readonly nodes: number;
    /** What the file says of itself beside the graph: descriptions, versions, signatures. Foreign text, cut. */
    readonly metadata: Readonly<Record<string, string>>;
  };
  readonly assumptions: readonly string[];
  readonly inputs: readonly InspectTensor[];
  readonly outputs: readonly InspectTensor[];
  readonly tensors: readonly InspectStoredTensor[];
  readonly layers: readonly InspectLayer[];
  readonly unknownOperators: readonly { readonly op: string; readonly count: number }[];
  /** Share of the nodes whose operator is known. */
  readonly coverage: { readonly nodes: number };
}

/** A graph or body together with how its tensors are called in the document. */
interface Named {
  readonly graph: Graph;
  readonly nameOf: (tensor: string) => string;
}

/**
 * @param model as `inferModel` made it
 * @param path of its file, as the user gave it
 * @param findSource in the repository around it, if there is one
 */
export function inspectDocument(model: Model, path: string, findSource?: FindSource): InspectDocument {
  const counts = countLayers(model);
  const root: Named = { graph: model.graph, nameOf: (tensor) => tensor };
  const layers = layersOf(root, counts, findSource);
  const tensors = new Map<string, InspectStoredTensor>();
  collectTensors(root, tensors, model.graph.quantization);
  const { unknownOperators, coverage } = knownOperators(model.graph);
  const named = (name: string): InspectTensor => tensorOf(name, model.graph.tensors.get(name));
  return {
    schema: 'model-budget/inspect@1',
    model: {
      path,
      format: model.format,
      producer: model.producer,
      opsets: Object.fromEntries(model.opsets),
      fileBytes: model.files.reduce((sum, { byteLength }) => sum + byteLength, 0),
      weightsBytes: counts.total.weightsBytes,
      parameters: counts.total.parameters,
      macs: counts.total.macs,
      nodes: layers.length,
      metadata: Object.fromEntries(
        [...model.metadata].slice(0, metadataEntries).map(([key, value]) => [cut(key), cut(value)]),
      ),
    },
    assumptions: counts.assumptions,
    inputs: model.graph.inputs.map(named),
    outputs: model.graph.outputs.map(named),
    tensors: [...tensors.values()],
    layers,
    unknownOperators: unknownOperators.map(({ operator, count }) => ({ op: operator, count })),
    coverage: { nodes: coverage },
  };
}

function layersOf({ graph, nameOf }: Named, counts: Counts, findSource?: FindSource): readonly InspectLayer[] {
  return graph.nodes.flatMap((node) => {
    const { macs, parameters, weightsBytes } = counts.byNode.get(node.id)!;
    const frames = framesOf(node.metadata);
    const source = frames.length === 0 ? undefined : (findSource?.(frames) ?? bareSource(frames));
    const layer: InspectLayer = {
      id: node.id,
      name: node.name,
      op: node.operator,
      inputs: node.inputs.map((name) => (name === '' ? '' : nameOf(name))),
      outputs: node.outputs
        .filter((name) => name !== '')
        .map((name) => tensorOf(nameOf(name), graph.tensors.get(name))),
      macs,
      parameters,
      weightsBytes,
      ...(source === undefined ? {} : { source }),
    };
    if (!hasBodies(node)) return layer;
    return [layer, ...bodiesNamed(node, nameOf).flatMap((body) => layersOf(body, counts, findSource))];
  });
}

/** The bodies of a node: tensors of branches and loops are called `node/branch/tensor`, those of functions have the call's id already. */
function bodiesNamed(node: Node, outer: (tensor: string) => string): readonly Named[] {
  const asFunction = functionBodyOf(node);
  return bodiesOf(node).map(([branch, graph]): Named => {
    if (graph === asFunction) return { graph, nameOf: outer };
    const own = new Set([
      ...graph.inputs,
      ...graph.initializers.keys(),
      ...graph.nodes.flatMap(({ outputs }) => outputs),
    ]);
    return { graph, nameOf: (tensor) => (own.has(tensor) ? `${node.id}/${branch}/${tensor}` : outer(tensor)) };
  });
}

/** Inputs, initializers, then what the nodes make, in file order. */
function collectTensors(
  { graph, nameOf }: Named,
  tensors: Map<string, InspectStoredTensor>,
  quantization: Graph['quantization'],
): void {
  const define = (name: string): void => {
    const type = graph.tensors.get(name);
    if (name === '' || type === undefined) return;
    const tensor = withReason(tensorOf(nameOf(name), type), type);
    const [initializer, quantized] = [graph.initializers.get(name), quantization?.get(name)];
    const isPlain = quantized === undefined && initializer?.nonZeros === undefined;
    tensors.set(tensor.name, isPlain ? tensor : { ...tensor, ...storedAs(initializer, quantized) });
  };
  for (const name of [...graph.inputs, ...graph.initializers.keys()]) define(name);
  for (const node of graph.nodes) {
    node.outputs.forEach(define);
    if (!hasBodies(node)) continue;
    for (const body of bodiesNamed(node, nameOf)) collectTensors(body, tensors, quantization);
  }
}

function storedAs(
  initializer: Initializer | undefined,
  quantized: Quantization | undefined,
): Pick<InspectStoredTensor, 'quantization' | 'storedElements'> {
  const scales = quantized?.scales.length ?? 0;
  return {
    ...(quantized && {
      quantization: {
        scales,
        ...(scales > 1 && { axis: quantized.axis }),
        ...(quantized.blockSize !== undefined && { blockSize: quantized.blockSize }),
      },
    }),
    ...(initializer?.nonZeros !== undefined && { storedElements: initializer.nonZeros }),
  };
}

/** Entries and characters of metadata that are given out. */
const [metadataEntries, metadataCharacters] = [64, 500];

function cut(text: string): string {
  return text.length > metadataCharacters ? `${text.slice(0, metadataCharacters)}…` : text;
}

function tensorOf(name: string, type: TensorType | undefined): InspectTensor {
  const dtype = type?.dtype ?? null;
  if (type?.container !== undefined) return { name, shape: null, dtype: `${type.container}(${dtype ?? '?'})` };
  return { name, shape: shapeOf(type), dtype };
}

function shapeOf(type: TensorType | undefined): InspectTensor['shape'] {
  const shape = type?.shape ?? null;
  // Most shapes are what the document says of them: no copy of a hundred thousand.
  return shape === null || isNumeric(shape) ? shape : shape.map(dimensionOf);
}

function isNumeric(shape: readonly Dimension[]): shape is readonly number[] {
  return shape.every(isKnown);
}

function dimensionOf(dimension: Dimension): InspectDimension {
  if (isKnown(dimension)) return dimension;
  return isSymbolic(dimension) ? print(dimension) : null;
}

function withReason(tensor: InspectTensor, type: TensorType): InspectStoredTensor {
  const open = type.shape?.find((size) => !isKnown(size) && !isSymbolic(size));
  const reason = open !== undefined && !isKnown(open) && !isSymbolic(open) ? open.reason : undefined;
  if (tensor.shape !== null && reason === undefined) return tensor;
  const container = type.container === undefined ? 'its shape is not known' : `a ${type.container} has no shape`;
  return { ...tensor, dataDependent: reason ?? type.reason ?? container };
}
