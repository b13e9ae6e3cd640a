/** Constants with fewer slices: weights, and what goes with their channels. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import { sizeOf } from '../../operators/value.ts';
import type { EditedWeight } from '../optimization.ts';
import { editedInitializer } from '../weights/edited-weight.ts';
import type { PrunedAxis, RankedSlices } from '../weights/weight-change.ts';
import { current } from './channels.ts';
import type { ChannelSet } from './channels.ts';
import { sizesOf } from './following.ts';
import type { Axes, AxesByTensor } from './following.ts';
import { keptOf, keptSize } from './keep.ts';
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
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      const constant = graph.initializers.get(name);
      const shape = constant && prunedShape(constant, pruning);
      if (constant === undefined || shape === undefined || initializers.get(name) !== constant) continue;
      const origins = originsOf(constant, graph).filter((one) => prunedShape(one, pruning) !== undefined);
      const isOwn = constant.foldedFrom === undefined || constant.movedFrom !== undefined || origins.length === 0;
      if (!isOwn) initializers.set(name, computed(constant, shape));
      for (const from of isOwn ? [constant] : origins) {
        if (weights.has(from.name)) continue;
        const weight = prunedWeight(node, from, pruning);
        weights.set(from.name, weight);
        initializers.set(from.name, weight.to);
      }
    }
  }
  return { initializers, weights: [...weights.values()] };
}

function originsOf(constant: Initializer, { initializers }: Graph): readonly Initializer[] {
  return constant.foldedFrom?.flatMap((name) => initializers.get(name) ?? []) ?? [constant];
}

/** Undefined where nothing goes. */
function prunedShape({ name, shape }: Initializer, { known, choice }: Pruning): readonly number[] | undefined {
  const axes = known.get(name);
  if (axes === undefined || axes.every((axis, at) => keptSize(axis, choice) === shape[at])) return undefined;
  return axes.map((axis) => keptSize(axis, choice));
}

function computed(constant: Initializer, shape: readonly number[]): Initializer {
  const made = { ...constant, shape };
  delete made.value;
  return made;
}

function prunedWeight(node: Node, from: Initializer, pruning: Pruning): EditedWeight {
  const { name, dtype, nonZeros } = from;
  const shape = prunedShape(from, pruning)!;
  const share = sizeOf(shape) / Math.max(1, sizeOf(from.shape));
  const stored = nonZeros === undefined ? {} : { nonZeros: Math.round(nonZeros * share) };
  const to = editedInitializer(from, { name, dtype, shape, ...stored });
  const axes = prunedAxes(pruning.known.get(name)!, pruning);
  return { node: node.id, from, to, change: { kind: 'prune', axes }, storage: [] };
}

type Ranking = ReadonlyMap<ChannelSet, readonly RankedSlices[]>;

function prunedAxes(axes: Axes, { choice, ranking }: Pruning): readonly PrunedAxis[] {
  const sizes = sizesOf(axes);
  return axes.flatMap((each, axis) => {
    if (keptSize(each, choice) === sizes[axis]) return [];
    const runs = current(each).map(({ set, width }) => {
      const kept = keptOf(set, choice);
      return { channels: set.size, width, kept, ranked: kept === set.size ? [] : (ranking.get(set) ?? []) };
    });
    return [{ axis, runs }];
  });
}

/** By set of channels: where the weights lie that make them. */
function rankedSlices(graph: Graph, known: AxesByTensor): Ranking {
  const ranking = new Map<ChannelSet, RankedSlices[]>();
  const makers = graph.nodes.filter(({ operator, domain }) => domain === '' && producers.has(operator));
  for (const node of makers) {
    const weight = graph.initializers.get(node.inputs[1] ?? '');
    if (weight === undefined) continue;
    (known.get(weight.name) ?? []).forEach((each, axis) => {
      let start = 0;
      for (const { set, width } of current(each)) {
        if (set.producers.has(node)) {
          const slices = ranking.get(set) ?? [];
          if (!slices.some((one) => one.weight === weight && one.axis === axis && one.start === start)) {
            ranking.set(set, [...slices, { weight, axis, start, width }]);
          }
        }
        start += set.size * width;
      }
    });
  }
  return ranking;
}

/** It makes new channels, or passes channels on as depthwise convolutions do. */
export function hasConstantWeight({ operator, domain, inputs }: Node, { initializers }: Graph): boolean {
  return domain === '' && producers.has(operator) && initializers.has(inputs[1] ?? '');
}
