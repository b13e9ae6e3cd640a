/**
 * `prune 0.5`: of the output channels of convolutions and products this share goes, with all that is computed from them. Where
 * a sum or a product of two branches ties channels of several layers together, all of these are pruned or none.
 */
import { UserError } from '../errors.ts';
import type { Graph, Initializer, Node, Quantization, TensorType } from '../ir/graph.ts';
import type { EditedGraph, EditScope, EditWords, Optimization } from './optimization.ts';
import { nothingOf } from './optimization.ts';
import { followChannels } from './prune/follow.ts';
import type { Axes, AxesByTensor } from './prune/following.ts';
import { keptSizes, loses, producersOfAxis, reasonToStay } from './prune/keep.ts';
import type { Choice } from './prune/keep.ts';
import { hasConstantWeight, pruneConstants } from './prune/pruned-constants.ts';
import { pruneNodes } from './prune/pruned-nodes.ts';
import { onlyValue } from './words.ts';

const usage = 'prune <share>';

function parse(words: EditWords) {
  const value = onlyValue(words, { usage, example: 'prune 0.5' });
  const share = Number(value);
  if (!/^0?\.\d{1,6}$/.test(value) || share <= 0) {
    throw new UserError(`\`prune ${value}\`: write a share of the channels between 0 and 1, as \`prune 0.5\``);
  }
  return { kind: 'graph', apply: (graph: Graph, scope: EditScope) => pruned(graph, scope, share) } as const;
}

function pruned(graph: Graph, { selects }: EditScope, share: number): EditedGraph {
  const known = followChannels(graph);
  const selected = graph.nodes.filter((node) => hasConstantWeight(node, graph) && selects(node));
  const chosen = new Set(selected);
  const choice: Choice = { share, selects: (node) => chosen.has(node), kept: new Map() };
  const losing = new Set(selected.filter(({ outputs }) => sizeChanges(known.get(outputs[0]!), choice)));
  const constants = pruneConstants(graph, known, choice);
  const nodes = pruneNodes(graph, known, choice);
  const initializers = withConstants(constants.initializers, nodes.constants);
  return {
    graph: retyped({ ...graph, nodes: nodes.nodes, initializers }, known, choice),
    weights: constants.weights,
    touched: [...losing].map(({ id }) => id),
    notApplied: selected.flatMap((node) =>
      losing.has(node) ? [] : [{ node: node.id, reason: reasonFor(node, known, choice) }],
    ),
    added: nothingOf,
    removed: nothingOf,
  };
}

function withConstants(initializers: Graph['initializers'], added: readonly Initializer[]): Graph['initializers'] {
  return added.length === 0
    ? initializers
    : new Map([...initializers, ...added.map((one) => [one.name, one] as const)]);
}

function sizeChanges(axes: Axes | undefined, choice: Choice): boolean {
  return axes?.some((axis) => loses(axis, choice)) === true;
}

/** That of the axis of channels: the one that the node makes, or passes on as depthwise convolutions do. */
function reasonFor(node: Node, known: AxesByTensor, choice: Choice): string {
  const axes = known.get(node.outputs[0]!) ?? [];
  const made = axes.find((axis) => producersOfAxis(axis).has(node));
  const axis = made ?? axes.find((each) => producersOfAxis(each).size > 0) ?? axes.at(-1);
  return axis === undefined ? 'its sizes are not known' : reasonToStay(axis, choice);
}

/** The sizes of all tensors, and no values of those that lost elements. */
function retyped(graph: Graph, known: AxesByTensor, choice: Choice): Graph {
  const tensors = new Map(graph.tensors);
  const values = new Map(graph.values);
  for (const [name, axes] of known) {
    // Types of constants are taken from them below.
    if (graph.initializers.has(name) && !values.has(name)) continue;
    const type = tensors.get(name);
    const shape = type && keptSizes(axes, choice);
    if (type === undefined || shape === undefined) continue;
    tensors.set(name, { ...type, shape });
    values.delete(name);
  }
  for (const { name, dtype, shape, value } of graph.initializers.values()) {
    const type = tensors.get(name);
    // What stays as it is stays the same record.
    if (type?.shape !== shape || type.dtype !== dtype) tensors.set(name, { dtype, shape });
    if (value !== undefined && !values.has(name)) values.set(name, value);
  }
  const quantization =
    graph.quantization && new Map([...graph.quantization].map(([name, one]) => [name, shrunk(one, tensors.get(name))]));
  return {
    ...{ ...graph, tensors, values },
    ...(graph.constants === undefined ? {} : { constants: withNames(graph.constants, graph.initializers) }),
    ...(quantization === undefined ? {} : { quantization }),
  };
}

function withNames(names: ReadonlySet<string>, initializers: Graph['initializers']): ReadonlySet<string> {
  const added = [...initializers.keys()].filter((name) => !names.has(name));
  return added.length === 0 ? names : new Set([...names, ...added]);
}

/** Which scales go does not matter to what is computed from them. */
function shrunk(quantization: Quantization, type: TensorType | undefined): Quantization {
  const { axis, scales, zeroPoints, blockSize } = quantization;
  const size = type?.shape?.[axis];
  if (blockSize !== undefined || typeof size !== 'number' || scales.length <= 1) return quantization;
  return { ...quantization, scales: scales.slice(0, size), zeroPoints: zeroPoints.slice(0, Math.max(1, size)) };
}

export const prune: Optimization = {
  name: 'prune',
  usage,
  summary: 'fewer output channels, carried through all that reads them',
  parse,
  trials: () => ['prune 0.25', 'prune 0.5'],
};
