/** Parameters of nodes that an edit added or removed. */
import { elementCount } from '../formats/dense.ts';
import { bytesOf } from '../ir/data-type.ts';
import type { Initializer, Node } from '../ir/graph.ts';
import { findOperator } from '../operators/index.ts';
import type { ParameterCount, ParameterCounts } from '../passes/count-parameters.ts';
import type { EditedGraph, FileParts } from './optimization.ts';

const none: ParameterCount = { parameters: 0, weightsBytes: 0 };

/** What a node held goes with it; one that stays under its id gains and loses the constants that came and went. */
export function countsWithParts(counts: ParameterCounts, { added, removed }: EditedGraph): Map<string, ParameterCount> {
  const changed = new Map(counts);
  const staying = new Set(added.nodes.map(({ id }) => id));
  for (const { id } of removed.nodes) if (!staying.has(id)) changed.set(id, none);
  for (const id of staying) if (!changed.has(id)) changed.set(id, none);
  for (const { id, count } of countsIn(added)) changed.set(id, sum(changed.get(id) ?? none, count, 1));
  for (const { id, count } of countsIn(removed)) {
    if (staying.has(id)) changed.set(id, sum(changed.get(id) ?? none, count, -1));
  }
  return changed;
}

interface Counted {
  readonly id: string;
  readonly count: ParameterCount;
}

/** Of the nodes that hold some. */
function countsIn({ nodes, constants }: FileParts): readonly Counted[] {
  if (constants.length === 0) return [];
  const holders = nodes.flatMap((node) => {
    const names = parameterNames(node);
    return names.length === 0 ? [] : [{ id: node.id, names }];
  });
  const wanted = new Set(holders.flatMap(({ names }) => names));
  const named = new Map<string, Initializer>();
  for (const constant of constants) if (wanted.has(constant.name)) named.set(constant.name, constant);
  if (named.size === 0) return [];
  return holders.flatMap(({ id, names }) => {
    const held = names.flatMap((name) => named.get(name) ?? []);
    return held.length === 0 ? [] : [{ id, count: held.map(countOf).reduce((a, b) => sum(a, b, 1)) }];
  });
}

/** Of what it may hold as parameters. */
function parameterNames({ domain, operator, inputs }: Node): readonly string[] {
  const positions = findOperator(domain, operator)?.parameterInputs ?? [];
  return positions === 'all' ? inputs : positions.map((position) => inputs[position] ?? '');
}

/** Of a sparse constant those that are stored. */
export function storedElements({ shape, nonZeros }: Initializer): number {
  return nonZeros ?? elementCount(shape);
}

function countOf(constant: Initializer): ParameterCount {
  const parameters = storedElements(constant);
  return { parameters, weightsBytes: bytesOf(constant.dtype, parameters) };
}

function sum(a: ParameterCount, b: ParameterCount, sign: 1 | -1): ParameterCount {
  return {
    parameters: a.parameters + sign * b.parameters,
    weightsBytes: a.weightsBytes + sign * b.weightsBytes,
  };
}
