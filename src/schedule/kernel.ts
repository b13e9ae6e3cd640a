/** A draft with its tensors in their places: the kernel of the schedule. */
import { isFloat } from '../ir/data-type.ts';
import type { TensorType } from '../ir/graph.ts';
import type { MemoryMap } from './arenas.ts';
import { bufferIn, memoryOf } from './arenas.ts';
import type { Draft, Operand } from './draft.ts';
import type { Precision } from './legalize.ts';
import type { NpuStep } from './npu/final.ts';
import type { Operation } from './program.ts';
import { shapeOf } from './program.ts';
import type { Kernel, Stream, TensorUse } from './schedule.ts';
import type { Owned } from './sizes.ts';

export interface KernelContext {
  readonly index: number;
  readonly map: MemoryMap;
  readonly precision: Precision;
  readonly owned: Owned;
  readonly streams: readonly Stream[];
  readonly steps?: readonly NpuStep[] | undefined;
}

export function kernelOf(draft: Draft, { index, map, precision, owned, streams, steps }: KernelContext): Kernel {
  const { host, members, absorbed } = draft.group;
  const { repetitions } = host.node;
  const fused = [host.operator];
  for (const member of members) if (member !== host && !absorbed.has(member)) fused.push(member.operator);
  const kernel: Kernel & { steps?: readonly NpuStep[] } = {
    index,
    name: host.node.id,
    operator: host.operator,
    nodes: owned.nodes,
    fused,
    unit: draft.placement.unit.id,
    type: draft.placement.type,
    assumed: precision.assumed && holdsFloats(members),
    operatorClass: host.work.operatorClass,
    algorithm: draft.algorithm,
    nests: draft.nests,
    vector: draft.vector,
    macs: draft.macs * repetitions,
    executedMacs: draft.executedMacs * repetitions,
    parameters: owned.parameters,
    weightsBytes: owned.weightsBytes,
    fileBytes: owned.fileBytes,
    inputs: usesOf(draft.inputs, map),
    outputs: usesOf(draft.outputs, map),
    tile: draft.tiling?.tile ?? null,
    streams,
    workspaceBytes: draft.workspaceBytes,
    repetitions,
    fallback: draft.placement.fallback,
    outputShape: shapeOf(host.outputs[0]),
  };
  if (steps !== undefined) kernel.steps = steps;
  return kernel;
}

function usesOf(operands: readonly Operand[], map: MemoryMap): readonly TensorUse[] {
  const uses: TensorUse[] = [];
  for (const { tensor, buffer, bytes } of operands) {
    uses.push({ tensor, buffer: bufferIn(buffer, map), bytes, memory: memoryOf(buffer, map) });
  }
  return uses;
}

function holdsFloats(members: readonly Operation[]): boolean {
  for (const { typed, outputs } of members) {
    for (const type of outputs) if (isFloatType(type)) return true;
    for (const type of typed.inputs) if (isFloatType(type)) return true;
  }
  return false;
}

function isFloatType(type: TensorType | undefined): boolean {
  return isFloat(type?.dtype ?? 'bool');
}
