/** What the file's constants belong to: parameters, weights and bytes of each kernel, counted once where shared. */
import type { Graph, Initializer } from '../ir/graph.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import type { FusedGroup } from './group.ts';
import type { Kernel, ModelSizes } from './schedule.ts';

/** The share of the file that is one kernel's. */
export interface Owned {
  readonly nodes: readonly string[];
  readonly parameters: number;
  readonly weightsBytes: number;
  readonly fileBytes: number;
}

/**
 * By kernel: the first one that stands for a node of the file has it and its parameters, those of a branch that is not
 * taken too; the first one that reads a constant has its bytes.
 */
export function ownersOf(groups: readonly FusedGroup[], prepared: PreparedModel): readonly Owned[] {
  const taken = { nodes: new Set(prepared.constantNodes), constants: new Set<Initializer['ranges']>() };
  return groups.map(({ members, riders }) => {
    const nodes = [...members, ...riders].sort((a, b) => a.index - b.index).map(({ node }) => node);
    const sources = takeNew(
      nodes.flatMap((node) => node.sources),
      taken.nodes,
      (id) => id,
    );
    const constants = takeNew(
      nodes.flatMap(({ inputs }) => inputs.flatMap((name) => fileConstants(name, prepared.graph))),
      taken.constants,
      ({ ranges }) => ranges,
    );
    const parameters = sources.flatMap((id) => prepared.parameters.get(id) ?? []);
    return {
      nodes: sources,
      parameters: sum(parameters.map((held) => held.parameters)),
      weightsBytes: sum(parameters.map((held) => held.weightsBytes)),
      fileBytes: sum(constants.map(({ fileBytes }) => fileBytes)),
    };
  });
}

/** The file's initializers behind a constant: itself, or what it was folded from. */
function fileConstants(name: string, { initializers }: Graph): readonly Initializer[] {
  const constant = initializers.get(name);
  if (constant?.foldedFrom === undefined) return constant === undefined ? [] : [constant];
  return constant.foldedFrom.flatMap((from) => initializers.get(from) ?? []);
}

function takeNew<Item, Key>(items: readonly Item[], taken: Set<Key>, keyOf: (item: Item) => Key): Item[] {
  return items.filter((item) => {
    const isNew = !taken.has(keyOf(item));
    taken.add(keyOf(item));
    return isNew;
  });
}

/** Totals of the model; what the kernels do not own of the file is names, graph structure and metadata. */
export function sizesOf(kernels: readonly Kernel[], { model }: PreparedModel): ModelSizes {
  const fileBytes = sum(model.files.map(({ byteLength }) => byteLength));
  return {
    fileBytes,
    downloadBytes: null,
    weightsBytes: sum(kernels.map((kernel) => kernel.weightsBytes)),
    parameters: sum(kernels.map((kernel) => kernel.parameters)),
    macs: sum(kernels.map((kernel) => kernel.macs)),
    overheadBytes: fileBytes - sum(kernels.map((kernel) => kernel.fileBytes)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
