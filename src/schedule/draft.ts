/** A kernel before its tensors have a place: what it computes, what crosses its border. */
import type { LoopNest, VectorWork } from '../operators/work.ts';
import { nestMacs } from '../operators/work.ts';
import { chooseAlgorithm, executedMacs, keptBytes, storedSums, workspaceBytes } from './algorithm.ts';
import type { FusedGroup } from './group.ts';
import { isProduct } from './group.ts';
import { compressedBytes } from './compressed-weights.ts';
import { storedBytes } from './legalize.ts';
import type { TilingContext } from './member-tiling.ts';
import { tilingOf } from './member-tiling.ts';
import type { Placement } from './partition.ts';
import type { Operation, Program } from './program.ts';
import { elementsOf } from './program.ts';
import type { Algorithm } from './schedule.ts';
import type { Tiling } from './tile.ts';

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

export interface DraftContext extends TilingContext {
  readonly program: Program;
  /** The buffer that a tensor lies in: its own, or that of the tensor it is a view of. */
  readonly bufferOf: (tensor: string) => string;
}

export function draftOf(group: FusedGroup, placement: Placement, context: DraftContext): Draft {
  const nests = nestsOf(group);
  const operands = operandsOf(group, placement, context);
  return {
    group,
    placement,
    algorithm: chooseAlgorithm(group, nests, placement),
    nests,
    vector: vectorOf(group, nests, { operands, placement }),
    macs: sumOfMacs(nests),
    executedMacs: executedMacs(nests, placement),
    tiling: operands.tiling,
    workspaceBytes: workspaceBytes(nests, placement),
    inputs: operands.inputs,
    outputs: operands.outputs,
    weights: operands.weights,
  };
}

/** Mostly a kernel is one operation, or one with nests and others behind it. */
function nestsOf({ members }: FusedGroup): readonly LoopNest[] {
  let nests: readonly LoopNest[] = [];
  for (const { work } of members) {
    if (work.nests.length > 0) nests = nests.length === 0 ? work.nests : [...nests, ...work.nests];
  }
  return nests;
}

function sumOfMacs(nests: readonly LoopNest[]): number {
  let macs = 0;
  for (const nest of nests) macs += nestMacs(nest);
  return macs;
}

function vectorOf(
  group: FusedGroup,
  nests: readonly LoopNest[],
  { operands, placement }: { operands: Operands; placement: Placement },
): readonly VectorWork[] {
  const [first] = group.members;
  const sums = storedSums(nests, placement);
  // Mostly a kernel is one operation, whose work stands as it is.
  const isOne = group.members.length === 1 && group.absorbed.size === 0;
  const isPlain = isOne && placement.convertedFrom === null && sums === 0;
  const works = isPlain
    ? first!.work.vector
    : [...countedWork(group), ...conversions(operands, placement), { operation: 'convert' as const, elements: sums }];
  return isPlain && works.length === 0 ? works : sumByOperation(works);
}

function countedWork({ members, absorbed }: FusedGroup): VectorWork[] {
  const works: VectorWork[] = [];
  for (const member of members) if (!absorbed.has(member)) works.push(...member.work.vector);
  return works;
}

type Operands = Pick<Draft, 'inputs' | 'outputs' | 'weights' | 'tiling'>;

/** Each buffer once. */
interface Collected {
  readonly operands: Operand[];
  /** By buffer, once there are many. */
  places?: Map<string, number>;
}

/** A kernel mostly reads and makes a handful of tensors: looking through so many is faster than keys. */
const fewTensors = 16;

function operandsOf(group: FusedGroup, placement: Placement, context: DraftContext): Operands {
  const { members, host } = group;
  const inputs: Collected = { operands: [] };
  const weights: Collected = { operands: [] };
  const made = madeBy(group);
  let first: Tiling | null = null;
  let main: Tiling | null = null;
  for (const member of members) {
    const tiling = tilingOf(member, placement, context);
    collectInputs(member, { made, context, inputs, weights, tiling, placement });
    first ??= tiling;
    if (member === host) main = tiling;
  }
  const tiling = main ?? first;
  return {
    inputs: inputs.operands,
    weights: weights.operands,
    outputs: resultsOf(group, tiling, context),
    tiling,
  };
}

/** The kernel's own results. */
interface Made {
  readonly few: readonly string[];
  readonly many: ReadonlySet<string> | undefined;
}

function madeBy({ members }: FusedGroup): Made {
  const [first] = members;
  let few: readonly string[] = first!.node.outputs;
  if (members.length > 1) {
    const names: string[] = [];
    for (const { node } of members) for (const name of node.outputs) names.push(name);
    few = names;
  }
  return { few, many: few.length > fewTensors ? new Set(few) : undefined };
}

function isMade(name: string, { few, many }: Made): boolean {
  return many === undefined ? few.includes(name) : many.has(name);
}

interface InputContext {
  readonly made: Made;
  readonly context: DraftContext;
  readonly inputs: Collected;
  readonly weights: Collected;
  readonly tiling: Tiling | null;
  readonly placement: Placement;
}

/** Adds what the member reads from outside of its kernel; of two reads of one tensor, the larger counts. */
function collectInputs(member: Operation, given: InputContext): void {
  const { made, context, tiling, placement } = given;
  const { node, typed, work, parameterInputs } = member;
  // A gather or slice reads no more than it writes.
  const most = work.operatorClass === 'data-movement' ? writtenBytes(member, context) : Infinity;
  for (let position = 0; position < node.inputs.length; position++) {
    const name = node.inputs[position]!;
    if (name === '' || isMade(name, made)) continue;
    const constant = typed.constant[position] === true;
    const buffer = constant ? name : context.bufferOf(name);
    if (constant ? !parameterInputs.has(position) : buffer !== name && isMade(buffer, made)) continue;
    const type = typed.inputs[position];
    const role = roleOf(position, member);
    const elements = elementsOf(type);
    const plain = storedBytes(type?.dtype ?? null, elements, role, context.precision);
    const weight = () => keptBytes({ elements, bytes: readBytes(name, plain, given) }, position, work, placement);
    const bytes = role === 'weight' ? weight() : plain;
    const use = readsOf(position, work.nests, tiling);
    const into = constant ? given.weights : given.inputs;
    const at = placeIn(into, buffer);
    if (at < into.operands.length && into.operands[at]!.reads >= use.reads) continue;
    const share = bytes > most ? most / bytes : 1;
    into.operands[at] = { tensor: name, buffer, bytes, reads: use.reads * share, transfers: use.transfers };
  }
}

/** Where the operand of this buffer stands, or will. */
function placeIn(collected: Collected, buffer: string): number {
  const { operands, places } = collected;
  if (places !== undefined) {
    const at = places.get(buffer) ?? operands.length;
    places.set(buffer, at);
    return at;
  }
  let at = 0;
  while (at < operands.length && operands[at]!.buffer !== buffer) at++;
  if (at >= fewTensors)
    collected.places = new Map([...operands.map((one) => one.buffer), buffer].map((name, place) => [name, place]));
  return at;
}

function roleOf(position: number, member: Operation): 'activation' | 'weight' | 'bias' {
  if (member.typed.constant[position] !== true) return 'activation';
  return isProduct(member) && position !== member.work.nests[0]?.stationaryInput ? 'bias' : 'weight';
}

function writtenBytes({ node, outputs }: Operation, context: DraftContext): number {
  return outputs.reduce((sum, { dtype }, index) => sum + bytesOf(node.outputs[index] ?? '', dtype, context), 0);
}

/** Bytes of a constant where the kernel's unit reads it; `plain`: unpacked. */
function readBytes(name: string, plain: number, { context: { program, target }, placement }: InputContext): number {
  const isMain = placement.unit === target.units[0];
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
  for (const { stationaryInput } of nests) {
    if (stationaryInput === position) return { reads: tiling.weightReads, transfers: tiling.weightTransfers };
  }
  for (const { streamedInput } of nests) {
    if (streamedInput === position) return { reads: tiling.inputReads, transfers: tiling.inputTransfers };
  }
  return once;
}

/** What is needed outside: by other kernels, by views, as a result of the model, or by nobody. */
function resultsOf(group: FusedGroup, tiling: Tiling | null, context: DraftContext): Operand[] {
  const results: Operand[] = [];
  for (const { node, outputs } of group.members) {
    for (let index = 0; index < node.outputs.length; index++) {
      const tensor = node.outputs[index]!;
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
  for (const reader of readers) if (!members.includes(reader)) return false;
  return !outputs.has(tensor);
}

export function bytesOf(
  tensor: string,
  dtype: Parameters<typeof storedBytes>[0],
  context: Pick<DraftContext, 'program' | 'precision'>,
): number {
  return storedBytes(dtype, elementsOf(context.program.tensors.get(tensor)), 'activation', context.precision);
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
