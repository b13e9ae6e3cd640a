/** A kernel before its tensors have a place: what it computes, what crosses its border. */
import { printerOf } from '../ir/alike.ts';
import type { DataType } from '../ir/data-type.ts';
import type { LoopNest, VectorWork } from '../operators/work.ts';
import { nestKey, nestMacs } from '../operators/work.ts';
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
  readonly tileOnce: TileOnce;
}

/** `types`: equal where the costs are, for one compilation. */
export type TileOnce = (nest: LoopNest, types: string, costs: () => TilingCosts) => Tiling;

export function draftOf(group: FusedGroup, placement: Placement, context: DraftContext): Draft {
  const [first, ...others] = group.members;
  const nests = others.length === 0 ? first!.work.nests : group.members.flatMap(({ work }) => work.nests);
  const operands = operandsOf(group, context, placement.unit === context.target.units[0]);
  return {
    group,
    placement,
    algorithm: chooseAlgorithm(group, nests, placement),
    nests,
    vector: vectorOf(group, operands, placement),
    macs: nests.reduce((sum, nest) => sum + nestMacs(nest), 0),
    executedMacs: executedMacs(nests, placement),
    tiling: operands.tiling,
    workspaceBytes: workspaceBytes(nests, placement),
    inputs: operands.inputs,
    outputs: operands.outputs,
    weights: operands.weights,
  };
}

function vectorOf(group: FusedGroup, operands: Operands, placement: Placement): readonly VectorWork[] {
  const [first, ...others] = group.members;
  // Mostly a kernel is one operation, whose work stands as it is.
  const isPlain = others.length === 0 && group.absorbed.size === 0 && placement.convertedFrom === null;
  const works = isPlain ? first!.work.vector : countedWork(group).concat(conversions(operands, placement));
  return isPlain && works.length === 0 ? works : sumByOperation(works);
}

function countedWork({ members, absorbed }: FusedGroup): VectorWork[] {
  const works: VectorWork[] = [];
  for (const member of members) if (!absorbed.has(member)) works.push(...member.work.vector);
  return works;
}

/** `tileNest` that remembers: networks repeat their layers. The text of a nest is looked up, not put together each time. */
export function rememberTilings(): TileOnce {
  const known = new Map<string, Map<string, Tiling>>();
  return (nest, types, costs) => {
    const ofTypes = known.get(types) ?? new Map<string, Tiling>();
    known.set(types, ofTypes);
    const key = nestKey(nest);
    const found = ofTypes.get(key) ?? tileNest(nest, costs());
    ofTypes.set(key, found);
    return found;
  };
}

type Operands = Pick<Draft, 'inputs' | 'outputs' | 'weights' | 'tiling'>;

interface Collected {
  readonly inputs: Map<string, Operand>;
  readonly weights: Map<string, Operand>;
}

function operandsOf(group: FusedGroup, context: DraftContext, isMain: boolean): Operands {
  const made = outputsOf(group);
  const collected: Collected = { inputs: new Map(), weights: new Map() };
  const tilings = group.members.map((member) => tilingOf(member, context));
  for (const [index, member] of group.members.entries()) {
    collectInputs(member, made, { context, collected, tiling: tilings[index] ?? null, isMain });
  }
  const main = tilings[group.members.indexOf(group.host)] ?? tilings.find((tiling) => tiling !== null) ?? null;
  return {
    inputs: [...collected.inputs.values()],
    weights: [...collected.weights.values()],
    outputs: resultsOf(group, main, context),
    tiling: main,
  };
}

/** Of all members; mostly a kernel is one operation. */
function outputsOf({ members }: FusedGroup): ReadonlySet<string> {
  const [first, ...others] = members;
  const made = new Set(first?.node.outputs);
  for (const { node } of others) for (const name of node.outputs) made.add(name);
  return made;
}

interface InputContext {
  readonly context: DraftContext;
  readonly collected: Collected;
  readonly tiling: Tiling | null;
  /** True where the target's main unit runs the kernel. */
  readonly isMain: boolean;
}

/** Adds what the member reads from outside of its kernel; of two reads of one tensor, the larger counts. */
function collectInputs(member: Operation, made: ReadonlySet<string>, given: InputContext): void {
  const { context, collected, tiling } = given;
  const { node, typed, work, parameterInputs } = member;
  // A gather or slice reads no more than it writes.
  const most = work.operatorClass === 'data-movement' ? writtenBytes(member, context) : Infinity;
  for (const [position, name] of node.inputs.entries()) {
    if (name === '' || made.has(name)) continue;
    const constant = typed.constant[position] === true;
    const buffer = constant ? name : context.bufferOf(name);
    if (constant ? !parameterInputs.has(position) : made.has(buffer)) continue;
    const type = typed.inputs[position];
    const role = roleOf(position, member);
    const plain = storedBytes(type?.dtype ?? null, elementsOf(type), role, context.precision);
    const bytes = role === 'weight' ? readBytes(name, plain, given) : plain;
    const use = readsOf(position, work.nests, tiling);
    const into = constant ? collected.weights : collected.inputs;
    const before = into.get(buffer);
    if (before !== undefined && before.reads >= use.reads) continue;
    const share = bytes > most ? most / bytes : 1;
    into.set(buffer, { tensor: name, buffer, bytes, reads: use.reads * share, transfers: use.transfers });
  }
}

function roleOf(position: number, member: Operation): 'activation' | 'weight' | 'bias' {
  if (member.typed.constant[position] !== true) return 'activation';
  return isProduct(member) && position !== member.work.nests[0]?.stationaryInput ? 'bias' : 'weight';
}

function writtenBytes({ node, outputs }: Operation, context: DraftContext): number {
  return outputs.reduce((sum, { dtype }, index) => sum + bytesOf(node.outputs[index] ?? '', dtype, context), 0);
}

/** Bytes of a constant where the kernel's unit reads it; `plain`: unpacked. */
function readBytes(name: string, plain: number, { context: { program, target }, isMain }: InputContext): number {
  const forms = (isMain ? target.support.compressedWeights?.forms : undefined) ?? [];
  const constant = program.graph.initializers.get(name);
  return constant === undefined ? plain : compressedBytes(constant, plain, forms);
}

const once = { reads: 1, transfers: 1 };

function readsOf(
  position: number,
  nests: readonly LoopNest[],
  tiling: Tiling | null,
): { reads: number; transfers: number } {
  if (tiling === null) return once;
  if (nests.some((nest) => nest.stationaryInput === position)) {
    return { reads: tiling.weightReads, transfers: tiling.weightTransfers };
  }
  if (nests.some((nest) => nest.streamedInput === position)) {
    return { reads: tiling.inputReads, transfers: tiling.inputTransfers };
  }
  return once;
}

/** What is needed outside: by other kernels, by views, as a result of the model, or by nobody. */
function resultsOf(group: FusedGroup, tiling: Tiling | null, context: DraftContext): Operand[] {
  const results: Operand[] = [];
  for (const { node, outputs } of group.members) {
    for (const [index, tensor] of node.outputs.entries()) {
      if (tensor === '' || isInternal(tensor, group, context.program)) continue;
      const bytes = bytesOf(tensor, outputs[index]?.dtype ?? null, context);
      const transfers = tiling?.outputTransfers ?? 1;
      results.push({ tensor, buffer: context.bufferOf(tensor), bytes, reads: 1, transfers });
    }
  }
  return results;
}

function isInternal(tensor: string, { members }: FusedGroup, { consumers, outputs }: Program): boolean {
  const readers = consumers.get(tensor);
  if (readers === undefined || (members.length === 1 && readers[0] !== members[0])) return false;
  return readers.every((reader) => members.includes(reader)) && !outputs.has(tensor);
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
  const { onChip } = context.target.plan;
  if (nest === undefined || onChip === undefined || nestMacs(nest) === 0) return null;
  const { inputs, constant } = member.typed;
  const operands: Tiled = {
    input: inputs[nest.streamedInput]?.dtype ?? null,
    weight: inputs[nest.stationaryInput]?.dtype ?? null,
    output: member.outputs[0]?.dtype ?? null,
    constant: constant[nest.stationaryInput] === true,
  };
  return context.tileOnce(nest, printTiled(operands), () => tilingCosts(operands, onChip.usableBytes, context));
}

/** All that the costs of a nest's tiling hang on, for one target. */
interface Tiled {
  readonly input: DataType | null;
  readonly weight: DataType | null;
  readonly output: DataType | null;
  /** Of the weights. */
  readonly constant: boolean;
}

const printTiled = printerOf<Tiled>({ input: true, weight: true, output: true, constant: true });

function tilingCosts(operands: Tiled, onChipBytes: number, { target, precision }: DraftContext): TilingCosts {
  const { plan, memories } = target;
  const perByte = (id: string) => {
    const memory = memories.find((candidate) => candidate.id === id)!;
    return 1 / (memory.bandwidthBytesPerSecond * memory.efficiency);
  };
  const elementBytes = (dtype: DataType | null, role: 'activation' | 'weight') =>
    storedBytes(dtype, 8, role, precision) / 8;
  return {
    inputBytesPerElement: elementBytes(operands.input, 'activation'),
    weightBytesPerElement: elementBytes(operands.weight, operands.constant ? 'weight' : 'activation'),
    outputBytesPerElement: elementBytes(operands.output, 'activation'),
    onChipBytes,
    secondsPerInputByte: perByte(plan.activations),
    secondsPerWeightByte: perByte(operands.constant ? plan.weights : plan.activations),
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
  if (works.length < 2) return works.filter(({ elements }) => elements > 0);
  const sums = new Map<VectorWork['operation'], number>();
  for (const { operation, elements } of works) sums.set(operation, (sums.get(operation) ?? 0) + elements);
  return [...sums].map(([operation, elements]) => ({ operation, elements })).filter(({ elements }) => elements > 0);
}
