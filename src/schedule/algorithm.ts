/** How a kernel's loop nests are computed, and so how many multiplications that takes. */
import type { LoopNest, Work } from '../operators/work.ts';
import { nestMacs } from '../operators/work.ts';
import type { FusedGroup } from './group.ts';
import type { Algorithm } from './schedule.ts';
import type { ComputeType, ComputeUnit } from './target.ts';
import type { WinogradWork } from './winograd.ts';
import { transformedType, winogradOf } from './winograd.ts';

/** The algorithm of the group's main nest, the one with most multiply-accumulates. */
export function chooseAlgorithm(group: FusedGroup, nests: readonly LoopNest[], place: Place): Algorithm {
  const nest = mainNest(nests);
  if (nest !== undefined) return nestAlgorithm(nest, place);
  let [computes, moves] = [false, false];
  for (const member of group.members) {
    if (group.absorbed.has(member)) continue;
    for (const { operation, elements } of member.work.vector) {
      if (elements !== 0) moves = true;
      if (operation !== 'move') computes = true;
    }
  }
  if (!moves) return 'none';
  return computes ? 'elementwise' : 'copy';
}

/** A unit and the type that it computes in. */
export interface Place {
  readonly unit: ComputeUnit;
  readonly type: ComputeType;
}

export function mainNest(nests: readonly LoopNest[]): LoopNest | undefined {
  let [most] = nests;
  for (let at = 1; at < nests.length; at++) if (nestMacs(nests[at]!) > nestMacs(most!)) most = nests[at];
  return most;
}

/** Machines that are wired for windows over feature maps. */
const directKinds: readonly ComputeUnit['kind'][] = ['block-npu', 'channel-processors', 'dataflow'];

function nestAlgorithm(nest: LoopNest, place: Place): Algorithm {
  const { FY, FX, B, OY, OX } = nest;
  if (isDepthwise(nest)) return 'depthwise';
  if (FY * FX === 1) return B * OY * OX === 1 ? 'gemv' : 'gemm';
  if (winogradWork(nest, place) !== undefined) return 'winograd';
  return directKinds.includes(place.unit.kind) ? 'direct' : 'im2col-gemm';
}

/** One input channel per group: nothing is summed over channels. */
export function isDepthwise({ G, C }: LoopNest): boolean {
  return G > 1 && C === 1;
}

/** `undefined`: the unit computes the nest in another way. */
export function winogradWork(nest: LoopNest, { unit, type }: Place): WinogradWork | undefined {
  const { winograd } = unit;
  return winograd === undefined ? undefined : winogradOf(nest, type, winograd);
}

/** Elements of a constant, and the bytes that they take. */
export interface Stored {
  readonly elements: number;
  readonly bytes: number;
}

/** Bytes of the constant at `position` in the form in which the library keeps it; `plain`: as it is. */
export function keptBytes(plain: Stored, position: number, { nests, operatorClass }: Work, place: Place): number {
  const { unit, type } = place;
  if (type === 'float32' && unit.halvedWeights?.includes(operatorClass) === true) {
    return Math.min(plain.bytes, halfBytes * plain.elements);
  }
  for (const nest of nests) {
    const work = nest.stationaryInput === position ? winogradWork(nest, place) : undefined;
    if (work !== undefined) return plain.elements * work.filterGrowth * transformedBytes(type);
  }
  return plain.bytes;
}

const halfBytes = 2;

/** Multiply-accumulates that are really done for one run of the nests. */
export function executedMacs(nests: readonly LoopNest[], place: Place): number {
  let macs = 0;
  for (const nest of nests) macs += winogradWork(nest, place)?.macs ?? nestMacs(nest);
  return macs;
}

/**
 * Bytes that the algorithm needs beside the tensors: sums on their way through memory, inputs transformed for Winograd's
 * products, columns gathered on microcontrollers. Other libraries address the input through pointers or loops.
 */
export function workspaceBytes(nests: readonly LoopNest[], place: Place): number {
  let transformed = 0;
  for (const nest of nests) transformed += winogradWork(nest, place)?.transformedInputs ?? 0;
  const inputs = transformed * transformedBytes(place.type);
  return sumBytes * storedSums(nests, place) + inputs + gatheredBytes(nests, place);
}

/** Two columns of the input as 16-bit numbers (CMSIS-NN, `arm_convolve_s8_get_buffer_size`). */
function gatheredBytes(nests: readonly LoopNest[], place: Place): number {
  if (place.unit.kind !== 'mcu') return 0;
  const columns = nests
    .filter((nest) => nestAlgorithm(nest, place) === 'im2col-gemm')
    .map(({ C, FY, FX }) => 2 * C * FY * FX * 2);
  return Math.max(0, ...columns);
}

const sumBytes = 4;

/** Sums of products that go through memory on their way to becoming results. */
export function storedSums(nests: readonly LoopNest[], { unit, type }: Place): number {
  if (unit.storedSums !== true || type !== 'int8') return 0;
  let sums = 0;
  for (const nest of nests) if (!isDepthwise(nest)) sums += nest.B * nest.G * nest.K * nest.OY * nest.OX;
  return sums;
}

/** Of an element that is transformed for Winograd's products. */
function transformedBytes(type: ComputeType): number {
  return transformedType(type) === 'float32' ? 4 : 2;
}
