/** Constants with fewer slices: weights, and what goes with their channels. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import type { EditedWeight } from '../optimization.ts';
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

/** A constant that was computed from several of the file stands for all of them: each loses its slices. */
export function pruneConstants(graph: Graph, known: AxesByTensor, choice: Choice): PrunedConstants {
  const ranking = rankedSlices(graph, known);
  const initializers = new Map(graph.initializers);
  const weights = new Map<string, EditedWeight>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      const constant = graph.initializers.get(name);
      const shape = constant && prunedShape(constant, known, choice);
      if (constant === undefined || shape === undefined || initializers.get(name) !== constant) continue;
      const origins = originsOf(constant, graph).filter((one) => prunedShape(one, known, choice) !== undefined);
      initializers.set(
        name,
        origins.includes(constant) || origins.length === 0 ? stored(constant, shape) : computed(constant, shape),
      );
      for (const from of origins.length === 0 ? [constant] : origins) {
        if (weights.has(from.name)) continue;
        const to =
          from === constant || origins.length === 0
            ? initializers.get(name)!
            : stored(from, prunedShape(from, known, choice)!);
        initializers.set(from.name, to);
        const axes = prunedAxes(known.get(from.name)!, { choice, ranking });
        weights.set(from.name, { node: node.id, from, to, change: { kind: 'prune', axes }, storage: [] });
      }
    }
  }
  return { initializers, weights: [...weights.values()] };
}

function originsOf(constant: Initializer, { initializers }: Graph): readonly Initializer[] {
  return constant.foldedFrom?.flatMap((name) => initializers.get(name) ?? []) ?? [constant];
}

/** Undefined where nothing goes. */
function prunedShape({ name, shape }: Initializer, known: AxesByTensor, choice: Choice): readonly number[] | undefined {
  const sizes = known.get(name)?.map((axis) => keptSize(axis, choice));
  return sizes === undefined || sizes.every((size, axis) => size === shape[axis]) ? undefined : sizes;
}

function computed(constant: Initializer, shape: readonly number[]): Initializer {
  const { value, ...rest } = constant;
  return { ...rest, shape };
}

/** Takes the place of the file's own; a number of bytes that is not the same for each element shrinks as the elements do. */
function stored(from: Initializer, shape: readonly number[]): Initializer {
  const { value, foldedFrom, nonZeros, indices, ...rest } = from;
  const [before, after] = [from.shape, shape].map((sizes) => sizes.reduce((count, size) => count * size, 1)) as [
    number,
    number,
  ];
  const fileBytes = before === 0 ? 0 : Math.round((from.fileBytes * after) / before);
  return {
    ...rest,
    shape,
    ranges: from.ranges.map((range) => ({ ...range, byteLength: fileBytes })),
    fileBytes,
    available: false,
  };
}

type Ranking = ReadonlyMap<ChannelSet, readonly RankedSlices[]>;

function prunedAxes(
  axes: Axes,
  { choice, ranking }: { readonly choice: Choice; readonly ranking: Ranking },
): readonly PrunedAxis[] {
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
