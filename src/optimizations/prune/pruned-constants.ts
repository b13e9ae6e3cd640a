/** Constants with fewer slices: weights, and what goes with their channels. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import { sizeOf } from '../../operators/value.ts';
import type { EditedWeight } from '../optimization.ts';
import { editedInitializer } from '../weights/edited-weight.ts';
import type { PrunedAxis, RankedSlices } from '../weights/weight-change.ts';
import { current, sizeOfAxis } from './channels.ts';
import type { ChannelSet } from './channels.ts';
import type { Axes, AxesByTensor } from './following.ts';
import { keptOf, keptSizes } from './keep.ts';
import type { Choice } from './keep.ts';
import { producers } from './product-rules.ts';

export interface PrunedConstants {
  readonly initializers: Graph['initializers'];
  readonly weights: readonly EditedWeight[];
}

interface Pruning {
  readonly graph: Graph;
  readonly known: AxesByTensor;
  readonly choice: Choice;
  readonly ranking: Ranking;
}

/**
 * Each constant that loses slices is an edited weight of the first node that reads it. Where it was computed from constants of
 * the file, those are the edited ones, but for one that only moved.
 */
export function pruneConstants(graph: Graph, known: AxesByTensor, choice: Choice): PrunedConstants {
  const pruning: Pruning = { graph, known, choice, ranking: rankedSlices(graph, known) };
  const initializers = new Map(graph.initializers);
  const weights = new Map<string, EditedWeight>();
  const prune = (node: Node, from: Initializer, shape: readonly number[]) => {
    if (weights.has(from.name)) return;
    const weight = prunedWeight(node, { from, shape }, pruning);
    weights.set(from.name, weight);
    initializers.set(from.name, weight.to);
  };
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      const constant = graph.initializers.get(name);
      if (constant === undefined || initializers.get(name) !== constant) continue;
      const shape = prunedShape(constant, pruning);
      if (shape === undefined) continue;
      const origins = computedFrom(constant, pruning);
      if (origins.length === 0) prune(node, constant, shape);
      else initializers.set(name, computed(constant, shape));
      for (const origin of origins) prune(node, origin.from, origin.shape);
    }
  }
  return { initializers, weights: [...weights.values()] };
}

interface Pruned {
  readonly from: Initializer;
  /** What it has afterwards. */
  readonly shape: readonly number[];
}

/** What loses slices of the file's constants that one was computed from; nothing for one of the file or one that moved. */
function computedFrom({ foldedFrom = [], movedFrom }: Initializer, pruning: Pruning): readonly Pruned[] {
  if (movedFrom !== undefined) return [];
  const origins: Pruned[] = [];
  for (const name of foldedFrom) {
    const from = pruning.graph.initializers.get(name);
    const shape = from && prunedShape(from, pruning);
    if (from !== undefined && shape !== undefined) origins.push({ from, shape });
  }
  return origins;
}

/** Undefined where nothing goes. */
function prunedShape({ name }: Initializer, { known, choice }: Pruning): readonly number[] | undefined {
  const axes = known.get(name);
  return axes && keptSizes(axes, choice);
}

function computed(constant: Initializer, shape: readonly number[]): Initializer {
  const made = { ...constant, shape };
  delete made.value;
  return made;
}

function prunedWeight(node: Node, { from, shape }: Pruned, pruning: Pruning): EditedWeight {
  const { name, dtype, nonZeros } = from;
  const share = sizeOf(shape) / Math.max(1, sizeOf(from.shape));
  const stored = nonZeros === undefined ? {} : { nonZeros: Math.round(nonZeros * share) };
  const to = editedInitializer(from, { name, dtype, shape, ...stored });
  const axes = prunedAxes(pruning.known.get(name)!, shape, pruning);
  return { node: node.id, from, to, change: { kind: 'prune', axes }, storage: [] };
}

type Ranking = ReadonlyMap<ChannelSet, readonly RankedSlices[]>;

function prunedAxes(
  axes: Axes,
  shape: readonly number[],
  { choice, ranking }: Pick<Pruning, 'choice' | 'ranking'>,
): readonly PrunedAxis[] {
  const pruned: PrunedAxis[] = [];
  for (const [axis, each] of axes.entries()) {
    if (shape[axis] === sizeOfAxis(each)) continue;
    const runs = current(each).map(({ set, width }) => {
      const kept = keptOf(set, choice);
      return { channels: set.size, width, kept, ranked: kept === set.size ? noSlices : (ranking.get(set) ?? noSlices) };
    });
    pruned.push({ axis, runs });
  }
  return pruned;
}

const noSlices: readonly RankedSlices[] = [];

/** By set of channels: where the weights lie that make them. */
function rankedSlices(graph: Graph, known: AxesByTensor): Ranking {
  const ranking = new Map<ChannelSet, RankedSlices[]>();
  for (const node of graph.nodes) {
    if (node.domain !== '' || !producers.has(node.operator)) continue;
    const weight = graph.initializers.get(node.inputs[1] ?? '');
    if (weight === undefined) continue;
    for (const [axis, each] of (known.get(weight.name) ?? []).entries()) {
      let start = 0;
      for (const { set, width } of current(each)) {
        if (set.producers.has(node)) addSlices(ranking, set, { weight, axis, start, width });
        start += set.size * width;
      }
    }
  }
  return ranking;
}

function addSlices(ranking: Map<ChannelSet, RankedSlices[]>, set: ChannelSet, slices: RankedSlices): void {
  const { weight, axis, start } = slices;
  const before = ranking.get(set);
  if (before === undefined) ranking.set(set, [slices]);
  else if (!before.some((one) => one.weight === weight && one.axis === axis && one.start === start))
    before.push(slices);
}

/** It makes new channels, or passes channels on as depthwise convolutions do. */
export function hasConstantWeight({ operator, domain, inputs }: Node, { initializers }: Graph): boolean {
  return domain === '' && producers.has(operator) && initializers.has(inputs[1] ?? '');
}
