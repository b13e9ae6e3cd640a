/** What the file's constants belong to: parameters, weights and bytes of each kernel, counted once where shared. */
import type { Graph, Initializer } from '../ir/graph.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import type { FusedGroup } from './group.ts';
import type { Operation } from './program.ts';
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
  const taken: Taken = { nodes: new Set(prepared.constantNodes), constants: new Set() };
  return groups.map((group) => ownedBy(operationsOf(group), taken, prepared));
}

interface Taken {
  readonly nodes: Set<string>;
  readonly constants: Set<Initializer['ranges']>;
}

/** In the order of the file. */
function operationsOf({ members, riders }: FusedGroup): readonly Operation[] {
  return riders.length === 0 ? members : [...members, ...riders].sort((a, b) => a.index - b.index);
}

/** Plain loops: a large model has a hundred thousand groups. */
function ownedBy(operations: readonly Operation[], taken: Taken, prepared: PreparedModel): Owned {
  const nodes: string[] = [];
  let [parameters, weightsBytes, fileBytes] = [0, 0, 0];
  for (const { node, typed } of operations) {
    for (const id of node.sources) {
      if (!isNew(taken.nodes, id)) continue;
      nodes.push(id);
      const held = prepared.parameters.get(id);
      parameters += held?.parameters ?? 0;
      weightsBytes += held?.weightsBytes ?? 0;
    }
    for (let at = 0; at < node.inputs.length; at++) {
      const constant = typed.constant[at] === true ? prepared.graph.initializers.get(node.inputs[at]!) : undefined;
      if (constant === undefined) continue;
      if (constant.foldedFrom !== undefined) fileBytes += foldedBytes(constant.foldedFrom, taken, prepared.graph);
      else if (isNew(taken.constants, constant.ranges)) fileBytes += constant.fileBytes;
    }
  }
  return { nodes, parameters, weightsBytes, fileBytes };
}

function isNew<Key>(taken: Set<Key>, key: Key): boolean {
  const before = taken.size;
  return taken.add(key).size > before;
}

/** Of the file's constants that one was computed from. */
function foldedBytes(names: readonly string[], { constants }: Taken, { initializers }: Graph): number {
  let bytes = 0;
  for (const name of names) {
    const constant = initializers.get(name);
    if (constant !== undefined && isNew(constants, constant.ranges)) bytes += constant.fileBytes;
  }
  return bytes;
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
