/**
 * Values for the dynamic dimensions of a graph's inputs: those that are given, 1 for the batch, and a list of the rest.
 */
import { UserError } from '../errors.ts';
import { equal, isKnown, isSymbolic, print, printShape, substitute, unnamedSymbol } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Graph, Shape, TensorType } from '../ir/graph.ts';
import type { Bindings, UnboundDimension } from './prepared.ts';

export interface BoundGraph {
  readonly graph: Graph;
  readonly assumptions: readonly string[];
  readonly unbound: readonly UnboundDimension[];
}

/** The graph with the given values in place of symbols, in all declared types; throws `UserError` when they do not fit. */
export function bindGiven(graph: Graph, bindings: Bindings): Graph {
  const numbers = givenNumbers(graph, bindings);
  return substituteTypes(graph, numbers, bindings.inputs);
}

/** As `bindGiven`, and the batch is 1 where nothing else was said; what is left without a value is told. */
export function bindDimensions(graph: Graph, bindings: Bindings): BoundGraph {
  const given = bindGiven(graph, bindings);
  const ones = new Map<string, number>();
  const assumptions: string[] = [];
  for (const { input, axis, dimension } of openDimensions(given)) {
    const name = print(dimension);
    if (!isBatch(name, input, axis) || ones.has(name)) continue;
    ones.set(name, 1);
    const unnamed = equal(dimension, unnamedSymbol(input, axis));
    assumptions.push(unnamed ? `unnamed dimension ${axis} of input ${input} is 1` : `dimension ${name} is 1`);
  }
  const bound = substituteTypes(given, ones, new Map());
  return { graph: bound, assumptions, unbound: unboundDimensions(bound, graph) };
}

const batchNames: ReadonlySet<string> = new Set(['batch', 'N']);

function isBatch(name: string, input: string, axis: number): boolean {
  return batchNames.has(name) || (axis === 0 && name === print(unnamedSymbol(input, 0)));
}

/** Names of the dimensions that may be given values; unnamed ones are called `input.axis`. */
export function dynamicDimensions(graph: Graph): ReadonlySet<string> {
  return new Set(openDimensions(graph).map(({ dimension }) => print(dimension)));
}

function givenNumbers(graph: Graph, bindings: Bindings): ReadonlyMap<string, number> {
  const known = dynamicDimensions(graph);
  const numbers = new Map<string, number>();
  for (const [name, value] of bindings.dims) {
    // A batch of 1 is taken for granted anywhere, so saying it of a model that has none is no mistake.
    if (batchNames.has(name) && value === 1 && !known.has(name)) continue;
    if (!known.has(name))
      throw new UserError(`no dimension is named "${name}"; ${listing('dynamic dimensions', known)}`);
    numbers.set(name, value);
  }
  for (const [input, shape] of bindings.inputs) bindInput(graph, { input, shape }, numbers);
  return numbers;
}

function bindInput(
  graph: Graph,
  { input, shape }: { readonly input: string; readonly shape: readonly number[] },
  numbers: Map<string, number>,
): void {
  if (!graph.inputs.includes(input)) {
    throw new UserError(`no input is named "${input}"; ${listing('inputs', graph.inputs)}`);
  }
  const declared = graph.tensors.get(input)?.shape;
  if (!declared) return;
  const told = `input "${input}" is ${printShape(declared)} in the file and cannot be ${printShape(shape)}`;
  if (declared.length !== shape.length) throw new UserError(`${told}: it has ${declared.length} dimensions`);
  declared.forEach((dimension, axis) => {
    const value = shape[axis]!;
    const name = print(dimension);
    const before = isKnown(dimension) ? dimension : numbers.get(name);
    if (before !== undefined && before !== value) throw new UserError(`${told}: dimension ${axis} is ${before}`);
    if (isSymbolic(dimension)) numbers.set(name, value);
  });
}

/** ` the model's inputs are a, b` with at most ten names: the file may hold thousands. */
function listing(what: string, names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return `the model has no ${what}`;
  return `the model's ${what} are ${all.slice(0, 10).join(', ')}${all.length > 10 ? ', …' : ''}`;
}

interface OpenDimension {
  readonly input: string;
  readonly axis: number;
  readonly dimension: Dimension;
}

function openDimensions(graph: Graph): readonly OpenDimension[] {
  return graph.inputs.flatMap((input) =>
    (graph.tensors.get(input)?.shape ?? []).flatMap((dimension, axis) =>
      isKnown(dimension) ? [] : [{ input, axis, dimension }],
    ),
  );
}

function substituteTypes(
  graph: Graph,
  numbers: ReadonlyMap<string, number>,
  inputs: ReadonlyMap<string, readonly number[]>,
): Graph {
  if (numbers.size === 0 && inputs.size === 0) return graph;
  const tensors = new Map<string, TensorType>();
  for (const [name, type] of graph.tensors) {
    const shape: Shape | null = inputs.get(name) ?? type.shape?.map((one) => substitute(one, numbers)) ?? null;
    tensors.set(name, { ...type, shape });
  }
  return { ...graph, tensors };
}

function unboundDimensions(bound: Graph, declared: Graph): readonly UnboundDimension[] {
  const open = openDimensions(bound).map(({ input, axis, dimension }): UnboundDimension => {
    const symbol = equal(dimension, unnamedSymbol(input, axis)) ? '' : print(dimension);
    return { input, axis, symbol, declared: printShape(declared.tensors.get(input)?.shape ?? null) };
  });
  const ranks = bound.inputs.filter((input) => {
    const type = bound.tensors.get(input);
    return type?.shape === null && type.container === undefined;
  });
  return [...open, ...ranks.map((input): UnboundDimension => ({ input, axis: 0, symbol: '', declared: '?' }))];
}
