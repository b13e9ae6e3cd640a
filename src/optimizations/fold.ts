/**
 * `fold`: the file as an exporter would have written it that folds what is known before the model runs. Compilers and runtimes
 * fold it anyway, and so do our passes: what changes is the file.
 */
import { elementCount } from '../formats/dense.ts';
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { bytesOf } from '../ir/data-type.ts';
import { numericShape } from '../operators/type.ts';
import { foldedNodes } from './fold/folded-nodes.ts';
import type { Folded } from './fold/folded-nodes.ts';
import { nothingOf } from './optimization.ts';
import type { EditedGraph, EditScope, FileParts, Optimization } from './optimization.ts';
import { noWords } from './words.ts';

function apply(graph: Graph, scope: EditScope): EditedGraph {
  const folded = foldedNodes(graph, scope);
  if (folded.nodes.length === 0) return { ...unchanged(graph), remarks: ['there is nothing to fold'] };
  const constants = storedConstants(graph, folded);
  const hosts = changedHosts(scope, folded);
  const gone = new Set(folded.nodes.map(({ id }) => id));
  const nodes = graph.nodes.map((node) => ({ ...node, sources: node.sources.filter((id) => !gone.has(id)) }));
  const initializers = new Map(graph.initializers);
  for (const constant of constants) if (initializers.has(constant.name)) initializers.set(constant.name, constant);
  return {
    ...unchanged({ ...graph, nodes, initializers }),
    touched: [...new Set([...hosts.added, ...heirs(graph, gone)].map(({ id }) => id))],
    added: { nodes: hosts.added, constants },
    removed: { nodes: [...folded.nodes, ...hosts.removed], constants: unread(scope, folded) },
    remarks: [
      `${folded.nodes.length} nodes fewer in the file; latency does not move, since they are folded when it is compiled`,
    ],
  };
}

function unchanged(graph: Graph): EditedGraph {
  return { graph, weights: [], touched: [], notApplied: [], added: nothingOf, removed: nothingOf };
}

function heirs({ nodes }: Graph, gone: ReadonlySet<string>): readonly Node[] {
  return nodes.filter(({ sources }) => sources.some((id) => gone.has(id)));
}

/** What nodes of the file read and folded ones made, and biases that took a normalization in. */
function storedConstants(graph: Graph, { nodes, read, affine }: Folded): readonly Initializer[] {
  const made = new Set(nodes.filter((node) => !affine.has(node)).flatMap(({ outputs }) => outputs));
  const names = [...made].filter((name) => name !== '' && read.has(name));
  const biases = new Set([...affine.values()].flatMap((host) => host.inputs.slice(2, 3)));
  return [...names, ...biases].flatMap((name) => stored(name, graph) ?? []);
}

function stored(name: string, graph: Graph): Initializer | undefined {
  const initializer = graph.initializers.get(name);
  const type = initializer ?? graph.tensors.get(name);
  const shape = numericShape(type?.shape);
  if (!type?.dtype || shape === undefined || (!graph.constants?.has(name) && initializer === undefined))
    return undefined;
  const elements = elementCount(shape);
  const place = { encoding: 'raw', ranges: [], fileBytes: bytesOf(type.dtype, elements), available: false } as const;
  const value = initializer?.value ?? graph.values.get(name);
  return { name, dtype: type.dtype, shape, ...place, ...(value === undefined ? {} : { value }) };
}

/** Convolutions and products of the file that take a normalization in, as they stand in it and as they would. */
function changedHosts({ model }: EditScope, { affine }: Folded): { added: readonly Node[]; removed: readonly Node[] } {
  const before = new Map(model.graph.nodes.map((node) => [node.id, node]));
  const added = [...new Set(affine.values())];
  return { added, removed: added.flatMap(({ id }) => before.get(id) ?? []) };
}

/** Constants of the file that only folded nodes read, and biases that others take the place of. */
function unread({ model }: EditScope, { nodes, rest, read, affine }: Folded): FileParts['constants'] {
  const hosts = new Set([...affine.values()].map(({ id }) => id));
  const biases = new Set(rest.flatMap(({ id, inputs }) => (hosts.has(id) ? inputs.slice(2, 3) : [])));
  const elsewhere = new Set(rest.flatMap(({ id, inputs }) => (hosts.has(id) ? inputs.slice(0, 2) : inputs)));
  const names = new Set([...nodes.flatMap(({ inputs }) => inputs), ...biases]);
  const stays = (name: string): boolean => (biases.has(name) ? elsewhere.has(name) : read.has(name));
  return [...names].flatMap((name) => (stays(name) ? [] : (model.graph.initializers.get(name) ?? [])));
}

export const fold: Optimization = {
  name: 'fold',
  usage: 'fold',
  summary: 'what the exporter left unfolded: the file shrinks, latency stays',
  parse: (words) => {
    noWords(words, 'fold');
    return { kind: 'graph', apply };
  },
};
