/** From kernels to the operations of the NPU, operator by operator. */
import type { Buffers } from '../../buffers.ts';
import type { FusedGroup } from '../../group.ts';
import { isProduct } from '../../group.ts';
import type { Precision } from '../../legalize.ts';
import type { Placement } from '../../partition.ts';
import type { Operation, Program } from '../../program.ts';
import type { ComputeUnit } from '../../target.ts';
import type { NpuOperation, NpuTensor } from '../operation.ts';
import { isBinary, lowerBinary, lowerPasses, lowerPRelu, lowerSquaredDifference, lowerUnary } from './elementwise.ts';
import type { Lowering } from './lowering.ts';
import { computedInputs, connect, operation, resultOf } from './lowering.ts';
import {
  concatParts,
  copy,
  cutOffset,
  lowerConcat,
  lowerCut,
  lowerPad,
  lowerTile,
  lowerTranspose,
  padPart,
} from './movement.ts';
import { lowerArgMax, lowerMean, lowerPool } from './pooling.ts';
import { lowerProduct } from './products.ts';
import { lowerResize } from './resize.ts';
import { lowerSoftmax } from './softmax.ts';
import type { Tensors } from './tensors.ts';
import { axesOf, constantTensor, copyOf, noTensors, placeOf, plain, temporaryTensor } from './tensors.ts';
import { lowerExtreme, lowerResizeU85 } from './u85.ts';

export interface LoweringInput {
  readonly groups: readonly FusedGroup[];
  readonly placements: readonly Placement[];
  readonly unit: ComputeUnit;
  readonly program: Program;
  readonly precision: Precision;
  readonly buffers: Buffers;
}

export interface Lowered {
  readonly operations: readonly NpuOperation[];
  readonly results: readonly NpuTensor[];
  /** The tensor that a buffer lies in. */
  readonly tensorOf: (buffer: string) => NpuTensor;
}

export function lower(input: LoweringInput): Lowered {
  const { groups, program, precision, buffers, unit } = input;
  const tensors = noTensors(program, precision, buffers);
  const chains = unit.geometry.kind === 'u85';
  const contexts: Lowering[] = [];
  for (const group of groups) {
    contexts.push({
      chains,
      program,
      precision,
      kernel: contexts.length,
      group,
      result: resultOf(group),
      tensors,
      temporary: temporaryTensor,
      constant: constantTensor,
    });
  }
  findCopies(contexts, input, tensors);
  findLinks(contexts, input, tensors);
  const operations: NpuOperation[] = [];
  for (const context of contexts) {
    if (!runsHere(context.group, input)) operations.push(...onProcessor(context));
    else operations.push(...markJoined(lowerGroup(context), context), ...copiesBehind(context));
  }
  const results = program.graph.outputs.map((name) => copyOf(placeOf(name, tensors), tensors).tensor);
  return { operations, results, tensorOf: (buffer) => placeOf(buffer, tensors).tensor };
}

function runsHere({ host }: FusedGroup, { placements, unit }: LoweringInput): boolean {
  return placements[host.index]?.unit === unit;
}

function markJoined(operations: readonly NpuOperation[], { result, tensors }: Lowering): readonly NpuOperation[] {
  const join = tensors.joins.size === 0 ? undefined : tensors.joins.get(result);
  if (join === undefined) return operations;
  return operations.map((made) => (made.output.tensor === join.tensor ? { ...made, joined: true } : made));
}

/** What is read by others beside a reshape is copied first; all of them read the copy. */
function findCopies(contexts: readonly Lowering[], input: LoweringInput, tensors: Tensors): void {
  const { program, buffers } = input;
  let made: ReadonlySet<string> | undefined;
  for (const { node, free } of program.operations) {
    if (!free) continue;
    const [from = ''] = node.inputs;
    const [to = ''] = node.outputs;
    made ??= new Set(contexts.filter(({ group }) => runsHere(group, input)).map(({ result }) => result));
    const isView = buffers.bufferOf(to) === buffers.bufferOf(from) && made.has(from);
    if (!isView || (program.consumers.get(from) ?? []).length < 2 || isSameShape(from, to, program)) continue;
    const { tensor } = plain(from, tensors);
    if (!tensor.graphOutput) tensors.copies.set(tensor, temporaryTensor(`${tensor.name}_copy`, tensor.bits));
  }
}

/** The copy of its result, where others read one. */
function copiesBehind(context: Lowering): readonly NpuOperation[] {
  const { result, tensors } = context;
  if (tensors.copies.size === 0) return none;
  const input = plain(result, tensors);
  const tensor = tensors.copies.get(input.tensor);
  return tensor === undefined ? none : [copy(context, input, { ...input, tensor })];
}

const none: readonly NpuOperation[] = [];

function isSameShape(one: string, other: string, program: Program): boolean {
  return axesOf(one, program).join() === axesOf(other, program).join();
}

interface Links extends LoweringInput {
  readonly tensors: Tensors;
  readonly groupOf: ReadonlyMap<Operation, FusedGroup>;
}

const joining: ReadonlySet<string> = new Set(['Concat', 'com.microsoft.QLinearConcat', 'Pad']);
const cutting: ReadonlySet<string> = new Set(['Split', 'Slice']);
const linkingOperators: ReadonlySet<string> = new Set([...joining, ...cutting]);
const moving: ReadonlySet<string> = new Set([...linkingOperators, 'Transpose', 'Tile', 'Expand', 'Gather']);

function findLinks(contexts: readonly Lowering[], input: LoweringInput, tensors: Tensors): void {
  const linking = contexts.filter(({ group }) => linkingOperators.has(group.host.operator) && runsHere(group, input));
  if (linking.length === 0) return;
  const groupOf = new Map<Operation, FusedGroup>();
  for (const group of input.groups) for (const member of group.members) groupOf.set(member, group);
  const links: Links = { ...input, tensors, groupOf };
  for (const context of linking) findCuts(context, links);
  for (const context of linking) findJoins(context, links);
}

/** A result that nobody but a Concat (or Pad) reads is written where it belongs in the joined feature map. */
function findJoins(context: Lowering, links: Links): void {
  const { host } = context.group;
  const result = host.node.outputs[0] ?? '';
  if (!joining.has(host.operator) || host.node.outputs.length !== 1) return;
  const parts = host.operator === 'Pad' ? [padPart(context)] : concatParts(context);
  for (const [position, slice] of parts.entries()) {
    const name = host.node.inputs[position] ?? '';
    if (!isOnlyRead(name, links) || !hasScalesOf(name, result, links)) continue;
    const maker = links.groupOf.get(links.program.producers.get(name)!);
    if (maker === undefined || !runsHere(maker, links) || moving.has(maker.host.operator)) continue;
    if (resultOf(maker) === name) links.tensors.joins.set(name, { ...connect(context, result), slice });
  }
}

/** Made by one operator, as it is, and read by one. */
function isOnlyRead(name: string, { program, buffers }: Links): boolean {
  const readers = program.consumers.get(name) ?? [];
  const isView = buffers.bufferOf(name) !== name;
  return program.producers.has(name) && !isView && readers.length === 1 && !program.outputs.has(name);
}

function hasScalesOf(name: string, result: string, { program }: Links): boolean {
  const scales = program.graph.quantization;
  const [one, other] = [scales?.get(name), scales?.get(result)];
  if (one === undefined || other === undefined) return true;
  return one.scales[0] === other.scales[0] && one.zeroPoints[0] === other.zeroPoints[0];
}

/** A part whose readers all run here is read from the whole. */
function findCuts(context: Lowering, links: Links): void {
  const { host } = context.group;
  if (!cutting.has(host.operator) || hasSteps(host)) return;
  const [name = ''] = host.node.inputs;
  for (const [position, output] of host.node.outputs.entries()) {
    const readers = links.program.consumers.get(output) ?? [];
    const taken = readers.every((reader) => {
      const group = links.groupOf.get(reader);
      return group !== undefined && !reader.free && runsHere(group, links) && !cutting.has(reader.operator);
    });
    if (output === '' || !taken || readers.length === 0 || links.program.outputs.has(output)) continue;
    const slice = { shape: connect(context, output).shape, depthOffset: cutOffset(context, position) };
    links.tensors.cuts.set(output, { ...connect(context, name), slice });
  }
}

function hasSteps({ operator, typed }: Operation): boolean {
  const steps = operator === 'Slice' ? typed.values[4]?.elements : undefined;
  return steps?.some((step) => step !== 1) === true;
}

function lowerGroup(context: Lowering): readonly NpuOperation[] {
  const { host } = context.group;
  const { joins, cuts } = context.tensors;
  const { operator } = host;
  if (isProduct(host)) return lowerProduct(context);
  if (host.work.operatorClass === 'pooling') return lowerPool(context);
  if (isBinary(operator)) return lowerBinary(context);
  switch (operator) {
    case 'Concat':
    case 'com.microsoft.QLinearConcat':
      return lowerConcat(context, (name) => joins.has(name));
    case 'Pad':
      return lowerPad(context, (name) => joins.has(name));
    case 'Split':
    case 'Slice':
      return lowerCut(context, (name) => cuts.has(name));
    case 'Softmax':
      return lowerSoftmax(context);
    case 'ReduceMean':
      return lowerMean(context);
    case 'ArgMax':
    case 'tflite.ArgMax':
      return lowerArgMax(context);
    case 'Resize':
      return context.chains ? lowerResizeU85(context) : lowerResize(context);
    case 'ReduceMax':
    case 'ReduceMin':
      return context.chains ? lowerExtreme(context) : lowerUnary(context);
    case 'Tile':
      return lowerTile(context);
    case 'Transpose':
      return lowerTranspose(context);
    case 'PRelu':
      return lowerPRelu(context);
    case 'tflite.SquaredDifference':
      return lowerSquaredDifference(context);
    default:
      if (!isCounted(host)) return [];
      return readsSeveral(host) ? lowerPasses(context) : lowerUnary(context);
  }
}

function readsSeveral(operation: Operation): boolean {
  return operation.work.operatorClass === 'elementwise' && computedInputs(operation).length > 1;
}

function isCounted({ work }: Operation): boolean {
  return work.vector.some(({ elements }) => elements > 0);
}

/** What the processor runs keeps its tensors alive. */
function onProcessor(context: Lowering): readonly NpuOperation[] {
  const made = new Set(context.group.members.flatMap(({ node }) => node.outputs));
  const read = new Set(
    context.group.members.flatMap(({ node }) => node.inputs.filter((name) => name !== '' && !made.has(name))),
  );
  const outside = context.group.members.flatMap(({ node }) =>
    node.outputs.filter((name) => {
      const readers = context.program.consumers.get(name) ?? [];
      const inside = readers.length > 0 && readers.every((reader) => context.group.members.includes(reader));
      return name !== '' && (!inside || context.program.outputs.has(name));
    }),
  );
  const [first, ...others] = [...read].map((name) => connect(context, name));
  return outside.flatMap((name) => {
    const output = connect(context, name);
    const inputs = [first ?? output, ...others] as const;
    return [operation(context, { operator: 'MemoryCopy', inputs: [...inputs], output, onProcessor: true })];
  });
}
