/** Parameters of nodes that an edit added or removed. */
import { elementCount } from '../formats/dense.ts';
import { bytesOf } from '../ir/data-type.ts';
import type { Initializer } from '../ir/graph.ts';
import { findOperator } from '../operators/index.ts';
import type { ParameterCount, ParameterCounts } from '../passes/count-parameters.ts';
import type { EditedGraph, FileParts } from './optimization.ts';

const none: ParameterCount = { parameters: 0, weightsBytes: 0 };

/** What a node held goes with it; one that stays under its id gains and loses the constants that came and went. */
export function countsWithParts(counts: ParameterCounts, { added, removed }: EditedGraph): Map<string, ParameterCount> {
  const changed = new Map(counts);
  const staying = new Set<string>();
  for (const { id } of added.nodes) staying.add(id);
  for (const { id } of removed.nodes) if (!staying.has(id)) changed.set(id, none);
  addCounts(changed, added, 1);
  const leaving = removed.nodes.filter(({ id }) => staying.has(id));
  addCounts(changed, { nodes: leaving, constants: removed.constants }, -1);
  return changed;
}

function addCounts(counts: Map<string, ParameterCount>, { nodes, constants }: FileParts, sign: 1 | -1): void {
  if (constants.length === 0) return;
  const named = new Map<string, Initializer>();
  for (const constant of constants) named.set(constant.name, constant);
  for (const { id, domain, operator, inputs } of nodes) {
    const positions = findOperator(domain, operator)?.parameterInputs ?? [];
    for (const position of positions === 'all' ? inputs.keys() : positions) {
      const constant = named.get(inputs[position] ?? '');
      if (constant !== undefined) counts.set(id, sum(counts.get(id) ?? none, countOf(constant), sign));
    }
  }
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
