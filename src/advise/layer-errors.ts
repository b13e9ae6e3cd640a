/** How far the edited weights of each layer are from the file's. */
import type { Graph, Node } from '../ir/graph.ts';
import type { EditedWeight } from '../optimizations/optimization.ts';
import { weightOperands } from '../optimizations/weights/operands.ts';
import type { WeightError } from '../optimizations/weights/weight-errors.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { errorMeasure } from './errors.ts';
import { layersByNode } from './layer-heads.ts';
import type { Subject } from './what-if.ts';

/** `decibels` is null where nothing is lost, or not known: then `reason` says why. */
export interface LayerError {
  readonly decibels: number | null;
  readonly reason?: string;
}

/** By name of the base's layer, those of its nodes. */
export type LayerErrors = ReadonlyMap<string, readonly WeightError[]>;

export type MeasureLayerErrors = (weights: readonly EditedWeight[]) => LayerErrors;

/**
 * Of a layer that holds products those of the products: what is added or scaled behind them is no weight, and says nothing
 * of them.
 */
export function layerErrorMeasure(subject: Subject, base: Simulation): MeasureLayerErrors {
  const layerOf = layersByNode(base);
  const products = productsOf(subject.prepared.graph);
  const measure = errorMeasure(subject);
  return (weights) => {
    const others = new Map<string, WeightError[]>();
    const found = new Map<string, WeightError[]>();
    for (const [node, error] of measure(weights)) {
      const layer = layerOf.get(node) ?? node;
      const errors = products.has(node) ? found : others;
      errors.set(layer, [...(errors.get(layer) ?? []), error]);
    }
    return new Map([...others, ...found]);
  };
}

const knownProducts = new WeakMap<Graph, ReadonlySet<string>>();

/** Every what-if asks it of the graph before its edits. */
function productsOf(graph: Graph): ReadonlySet<string> {
  const isProduct = (node: Node) => weightOperands(node, graph).length > 0;
  const products = knownProducts.get(graph) ?? new Set(graph.nodes.filter(isProduct).map(({ id }) => id));
  knownProducts.set(graph, products);
  return products;
}

/** `Infinity`: nothing is lost; null: one of them is not known. */
export function leastOf(errors: LayerErrors): number | null {
  const all = [...errors.values()].flat();
  if (all.some(({ reason }) => reason !== undefined)) return null;
  return Math.min(...all.map(({ sqnrDecibels }) => sqnrDecibels ?? Infinity));
}

/** The least that is known of each layer. */
export function leastByLayer(errors: LayerErrors): ReadonlyMap<string, LayerError> {
  return new Map([...errors].map(([layer, all]) => [layer, leastKnown(all)]));
}

function leastKnown(errors: readonly WeightError[]): LayerError {
  const known = errors.flatMap(({ sqnrDecibels }) => sqnrDecibels ?? []);
  if (known.length > 0) return { decibels: Math.min(...known) };
  const reason = errors.find((error) => error.reason !== undefined)?.reason;
  return { decibels: null, ...(reason === undefined ? {} : { reason }) };
}
