/** A kernel before its tensors have a place: what it computes, what crosses its border. */
import type { LoopNest, VectorWork } from '../operators/work.ts';
import { nestMacs, workMacs } from '../operators/work.ts';
import { chooseAlgorithm, executedMacs, mainNest, workspaceBytes } from './algorithm.ts';
import type { FusedGroup } from './group.ts';
import { isProduct } from './group.ts';
import { compressedBytes } from './compressed-weights.ts';
import type { Precision } from './legalize.ts';
import { storedBytes } from './legalize.ts';
import type { Placement } from './partition.ts';
import type { Operation, Program } from './program.ts';
import { elementsOf } from './program.ts';
import type { Algorithm } from './schedule.ts';
import type { Target } from './target.ts';
import type { Tiling, TilingCosts } from './tile.ts';
import { tileNest } from './tile.ts';

/** A tensor at the border of a kernel. */
export interface Operand {
  readonly tensor: string;
  /** Of an activation; views share one. */
  readonly buffer: string;
  readonly bytes: number;
  /** How often it is read in one run, tiles considered. */
  readonly reads: number;
  readonly transfers: number;
}

export interface Draft {
  readonly group: FusedGroup;
  readonly placement: Placement;
  readonly algorithm: Algorithm;
  readonly nests: readonly LoopNest[];
  readonly vector: readonly VectorWork[];
  /** Of one run. */
  readonly macs: number;
  readonly executedMacs: number;
  /** Of the main nest. */
  readonly tiling: Tiling | null;
  readonly workspaceBytes: number;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly weights: readonly Operand[];
}

export interface DraftContext {
  readonly program: Program;
  readonly target: Target;
  readonly precision: Precision;
  /** The buffer that a tensor lies in: its own, or that of the tensor it is a view of. */
  readonly bufferOf: (tensor: string) => string;
  readonly tileOnce: (nest: LoopNest, costs: TilingCosts) => Tiling;
}

export function draftOf(group: FusedGroup, placement: Placement, context: DraftContext): Draft {
  const counted = group.members.filter((member) => !group.absorbed.has(member));
  const nests = group.members.flatMap(({ work }) => work.nests);
  const { algorithm, macs, executed } = {
    algorithm: chooseAlgorithm(group, nests, placement),
    macs: workMacs({ operatorClass: 'control', nests, vector: [] }),
    executed: executedMacs(nests, placement),
  };
  const operands = operandsOf(group, context, placement.unit === context.target.units[0]);
  return {
    group,
    placement,
    algorithm,
    nests,
    vector: sumByOperation([...counted.flatMap(({ work }) => work.vector), ...conversions(operands, placement)]),
    macs,
    executedMacs: executed,
    workspaceBytes: workspaceBytes(nests, placement),
    ...operands,
  };
}

/** `tileNest` that remembers: networks repeat their layers. */
export function rememberTilings(): DraftContext['tileOnce'] {
  const known = new Map<string, Tiling>();
  return (nest, costs) => {
    const key = JSON.stringify([nest, costs]);
    const found = known.get(key) ?? tileNest(nest, costs);
    known.set(key, found);
    return found;
  };
}

type Operands = Pick<Draft, 'inputs' | 'outputs' | 'weights' | 'tiling'>;

interface Collected {
  readonly inputs: Map<string, Operand>;
  readonly weights: Map<string, Operand>;
}

function operandsOf(group: FusedGroup, context: DraftContext, isMain: boolean): Operands {
  const made = new Set(group.members.flatMap(({ node }) => node.outputs));
  const collected: Collected = { inputs: new Map(), weights: new Map() };
  const tilings = new Map(group.members.map((member) => [member, tilingOf(member, context)]));
  for (const member of group.members) {
    collectInputs(member, made, { ...context, collected, tiling: tilings.get(member) ?? null, isMain });
  }
  const main = tilings.get(group.host) ?? [...tilings.values()].find((tiling) => tiling !== null) ?? null;
  return {
    inputs: [...collected.inputs.values()],
    weights: [...collected.weights.values()],
    outputs: resultsOf(group, main, context),
    tiling: main,
  };
}

interface InputContext extends DraftContext {
  readonly collected: Collected;
  readonly tiling: Tiling | null;
  /** True where the target's main unit runs the kernel. */
  readonly isMain: boolean;
}

/** Adds what the member reads from outside of its kernel; of two reads of one tensor, the larger counts. */
function collectInputs(member: Operation, made: ReadonlySet<string>, context: InputContext): void {
  const { node, typed, work, parameterInputs } = member;
  const written = member.outputs.reduce((sum, { dtype }, i) => sum + bytesOf(node.outputs[i] ?? '', dtype, context), 0);
  for (const [position, name] of node.inputs.entries()) {
    if (name === '' || made.has(name) || made.has(context.bufferOf(name))) continue;
    const constant = typed.constant[position] === true;
    if (constant && !parameterInputs.has(position)) continue;
    const type = typed.inputs[position];
    const role = !constant
      ? 'activation'
      : isProduct(member) && position !== work.nests[0]?.stationaryInput
        ? 'bias'
        : 'weight';
    const plain = storedBytes(type?.dtype ?? null, elementsOf(type), role, context.precision);
    const bytes = role === 'weight' ? readBytes(name, plain, context) : plain;
    // A gather or slice reads no more than it writes.
    const share = work.operatorClass === 'data-movement' && bytes > written ? written / bytes : 1;
    const use = readsOf(position, work.nests, context.tiling);
    const buffer = constant ? name : context.bufferOf(name);
    const into = constant ? context.collected.weights : context.collected.inputs;
    const before = into.get(buffer);
    if (before !== undefined && before.reads >= use.reads) continue;
    into.set(buffer, { tensor: name, buffer, bytes, reads: use.reads * share, transfers: use.transfers });
  }
}

/** Bytes of a constant where the kernel's unit reads it; `plain`: unpacked. */
function readBytes(name: string, plain: number, { program, target, isMain }: InputContext): number {
  const forms = (isMain ? target.support.compressedWeights?.forms : undefined) ?? [];
  const constant = program.graph.initializers.get(name);
  return constant === undefined ? plain : compressedBytes(constant, plain, forms);
}

function readsOf(
  position: number,
  nests: readonly LoopNest[],
  tiling: Tiling | null,
): { reads: number; transfers: number } {
  if (tiling === null) return { reads: 1, transfers: 1 };
  if (nests.some((nest) => nest.stationaryInput === position)) {
    return { reads: tiling.weightReads, transfers: tiling.weightTransfers };
  }
  if (nests.some((nest) => nest.streamedInput === position)) {
    return { reads: tiling.inputReads, transfers: tiling.inputTransfers };
  }
  return { reads: 1, transfers: 1 };
}

/** What is needed outside: by other kernels, by views, as a result of the model, or by nobody. */
function resultsOf(group: FusedGroup, tiling: Tiling | null, context: DraftContext): Operand[] {
  const { consumers, outputs: results } = context.program;
  const members = new Set(group.members);
  return group.members.flatMap((member) =>
    member.node.outputs.flatMap((tensor, index) => {
      const readers = consumers.get(tensor) ?? [];
      const internal = readers.length > 0 && readers.every((reader) => members.has(reader)) && !results.has(tensor);
      if (tensor === '' || internal) return [];
      const bytes = bytesOf(tensor, member.outputs[index]?.dtype ?? null, context);
      return [{ tensor, buffer: context.bufferOf(tensor), bytes, reads: 1, transfers: tiling?.outputTransfers ?? 1 }];
    }),
  );
}

export function bytesOf(
  tensor: string,
  dtype: Parameters<typeof storedBytes>[0],
  context: Pick<DraftContext, 'program' | 'precision'>,
): number {
  return storedBytes(dtype, elementsOf(context.program.tensors.get(tensor)), 'activation', context.precision);
}

/** The tiling of the member's largest nest; null without nests, or where the target has no on-chip level. */
function tilingOf(member: Operation, context: DraftContext): Tiling | null {
  const nest = mainNest(member.work.nests);
  if (nest === undefined || nestMacs(nest) === 0) return null;
  const costs = tilingCosts(member, nest, context);
  return costs === null ? null : context.tileOnce(nest, costs);
}

function tilingCosts(member: Operation, nest: LoopNest, context: DraftContext): TilingCosts | null {
  const { plan, memories } = context.target;
  if (plan.onChip === undefined) return null;
  const perByte = (id: string) => {
    const memory = memories.find((candidate) => candidate.id === id)!;
    return 1 / (memory.bandwidthBytesPerSecond * memory.efficiency);
  };
  const elementBytes = (position: number, role: 'activation' | 'weight') =>
    storedBytes(member.typed.inputs[position]?.dtype ?? null, 8, role, context.precision) / 8;
  const constant = member.typed.constant[nest.stationaryInput] === true;
  return {
    inputBytesPerElement: elementBytes(nest.streamedInput, 'activation'),
    weightBytesPerElement: elementBytes(nest.stationaryInput, constant ? 'weight' : 'activation'),
    outputBytesPerElement: storedBytes(member.outputs[0]?.dtype ?? null, 8, 'activation', context.precision) / 8,
    onChipBytes: plan.onChip.usableBytes,
    secondsPerInputByte: perByte(plan.activations),
    secondsPerWeightByte: perByte(constant ? plan.weights : plan.activations),
  };
}

/** Operands and results of a kernel whose unit computes in another type are converted at its border. */
function conversions({ inputs, outputs }: Operands, { convertedFrom }: Placement): VectorWork[] {
  if (convertedFrom === null) return [];
  const bits = convertedFrom === 'int8' ? 8 : convertedFrom === 'float32' ? 32 : 16;
  const bytes = [...inputs, ...outputs].reduce((sum, operand) => sum + operand.bytes, 0);
  return [{ operation: 'convert', elements: Math.ceil((bytes * 8) / bits) }];
}

function sumByOperation(works: readonly VectorWork[]): VectorWork[] {
  const sums = new Map<VectorWork['operation'], number>();
  for (const { operation, elements } of works) sums.set(operation, (sums.get(operation) ?? 0) + elements);
  return [...sums].map(([operation, elements]) => ({ operation, elements })).filter(({ elements }) => elements > 0);
}
