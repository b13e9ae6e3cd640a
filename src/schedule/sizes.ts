/** What the file's constants belong to: parameters, weights and bytes of each kernel, counted once where shared. */
import { bytesOf } from '../ir/data-type.ts';
import type { Graph, Initializer } from '../ir/graph.ts';
import { originsIn, parametersOf } from '../passes/origins.ts';
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

/** By kernel: the first one that uses a constant, or stands for a node of the file, has it. */
export function ownersOf(groups: readonly FusedGroup[], { graph, constantNodes }: PreparedModel): readonly Owned[] {
  const origins = originsIn(graph);
  const taken = {
    nodes: new Set(constantNodes),
    parameters: new Set<Initializer>(),
    constants: new Set<Initializer>(),
  };
  return groups.map(({ members, riders }) => {
    const nodes = [...members, ...riders].sort((a, b) => a.index - b.index).map(({ node }) => node);
    const parameters = takeNew(
      nodes.flatMap((node) => parametersOf(node, origins)),
      taken.parameters,
    );
    const constants = takeNew(
      nodes.flatMap(({ inputs }) => inputs.flatMap((name) => fileConstants(name, graph))),
      taken.constants,
    );
    return {
      nodes: takeNew(
        nodes.flatMap(({ sources }) => sources),
        taken.nodes,
      ),
      parameters: sum(parameters.map(elementCount)),
      weightsBytes: sum(parameters.map((parameter) => bytesOf(parameter.dtype, elementCount(parameter)))),
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

function takeNew<Item>(items: readonly Item[], taken: Set<Item>): Item[] {
  return items.filter((item) => {
    const isNew = !taken.has(item);
    taken.add(item);
    return isNew;
  });
}

function elementCount({ shape, nonZeros }: Initializer): number {
  return nonZeros ?? shape.reduce((count, size) => count * size, 1);
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
