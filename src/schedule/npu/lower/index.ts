/** From kernels to the operations of the NPU, operator by operator. */
import type { Buffers } from '../../buffers.ts';
import type { FusedGroup } from '../../group.ts';
import { isProduct } from '../../group.ts';
import type { Precision } from '../../legalize.ts';
import type { Placement } from '../../partition.ts';
import type { Operation, Program } from '../../program.ts';
import type { ComputeUnit } from '../../target.ts';
import type { Connection, NpuOperation, NpuTensor } from '../operation.ts';
import { isBinary, lowerBinary, lowerPasses, lowerPRelu, lowerSquaredDifference, lowerUnary } from './elementwise.ts';
import type { Lowering } from './lowering.ts';
import { axesOf, computedInputs, elementBits, extentOf, operation, resultOf } from './lowering.ts';
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
  const { groups, program } = input;
  const tensors = tensorsOf(input);
  const chains = input.unit.geometry.kind === 'u85';
  const joins = new Map<string, Connection>();
  const cuts = new Map<string, Connection>();
  const connect = (name: string): Connection => joins.get(name) ?? cuts.get(name) ?? tensors.plain(name);
  const copies = copiesOf(input, tensors);
  const { temporary, constant } = tensors;
  const contexts = groups.map((group, kernel): Lowering => {
    const result = resultOf(group);
    const own = (name: string) => (name === result ? connect(name) : copies.connect(connect(name)));
    return { chains, program, precision: input.precision, kernel, group, connect: own, temporary, constant };
  });
  const runsHere = (group: FusedGroup) => input.placements[group.host.index]?.unit === input.unit;
  const groupsByMember = new Map<Operation, FusedGroup>();
  for (const group of groups) for (const member of group.members) groupsByMember.set(member, group);
  const links: Links = { ...input, joins, cuts, runsHere, groupOf: (member) => groupsByMember.get(member) };
  for (const context of contexts) if (runsHere(context.group)) findCuts(context, links);
  for (const context of contexts) if (runsHere(context.group)) findJoins(context, links);
  const operations: NpuOperation[] = [];
  for (const context of contexts) {
    if (!runsHere(context.group)) operations.push(...onProcessor(context));
    else operations.push(...markJoined(lowerGroup(context, links), context, joins), ...copies.behind(context));
  }
  const results = program.graph.outputs.map((name) => copies.connect(connect(name)).tensor);
  const joined = (name: string): Connection | undefined => joins.get(name) ?? cuts.get(name);
  return { operations, results, tensorOf: (buffer) => joined(buffer)?.tensor ?? tensors.tensorOf(buffer) };
}

function markJoined(
  operations: readonly NpuOperation[],
  { group }: Lowering,
  joins: ReadonlyMap<string, Connection>,
): readonly NpuOperation[] {
  const join = joins.size === 0 ? undefined : joins.get(resultOf(group));
  if (join === undefined) return operations;
  return operations.map((made) => (made.output.tensor === join.tensor ? { ...made, joined: true } : made));
}

function tensorsOf({ program, precision, buffers }: LoweringInput) {
  const known = new Map<string, NpuTensor>();
  const channelsLast = program.graph.channelsLast === true;
  const inputs = new Set(program.graph.inputs.map(buffers.bufferOf));
  const outputs = new Set(program.graph.outputs.map(buffers.bufferOf));
  const byBuffer = (name: string): NpuTensor => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const bits = elementBits(name, { program, precision });
    const constant = program.graph.initializers.has(name);
    const tensor = { name, bits, constant, graphInput: inputs.has(name), graphOutput: outputs.has(name) };
    known.set(name, tensor);
    return tensor;
  };
  const made =
    (constant: boolean) =>
    (name: string, bits: number): NpuTensor => ({ name, bits, constant, graphInput: false, graphOutput: false });
  const tensorOf = (name: string): NpuTensor => byBuffer(buffers.bufferOf(name));
  const connections = new Map<string, Connection>();
  const plain = (name: string): Connection => {
    const before = connections.get(name);
    if (before !== undefined) return before;
    const connection = { tensor: tensorOf(name), shape: extentOf(axesOf(name, program), channelsLast) };
    connections.set(name, connection);
    return connection;
  };
  return {
    tensorOf,
    plain,
    temporary: made(false),
    constant: made(true),
  };
}

/** What is read by others beside a reshape is copied first; all of them read the copy. */
function copiesOf(
  { groups, placements, unit, program, buffers }: LoweringInput,
  { plain, temporary }: ReturnType<typeof tensorsOf>,
) {
  const made = new Set(
    groups.filter(({ host }) => placements[host.index]?.unit === unit).map((group) => resultOf(group)),
  );
  const copied = new Map<NpuTensor, NpuTensor>();
  for (const { node, free } of program.operations) {
    const [from = ''] = node.inputs;
    const [to = ''] = node.outputs;
    const isView = free && buffers.bufferOf(to) === buffers.bufferOf(from) && made.has(from);
    if (!isView || (program.consumers.get(from) ?? []).length < 2 || isSameShape(from, to, program)) continue;
    const { tensor } = plain(from);
    if (!tensor.graphOutput) copied.set(tensor, temporary(`${tensor.name}_copy`, tensor.bits));
  }
  return {
    connect: (connection: Connection): Connection => {
      const tensor = copied.get(connection.tensor);
      return tensor === undefined ? connection : { ...connection, tensor };
    },
    behind: (context: Lowering): readonly NpuOperation[] => {
      if (copied.size === 0) return none;
      const input = plain(resultOf(context.group));
      const tensor = copied.get(input.tensor);
      return tensor === undefined ? [] : [copy(context, input, { ...input, tensor })];
    },
  };
}

const none: readonly NpuOperation[] = [];

function isSameShape(one: string, other: string, program: Program): boolean {
  return axesOf(one, program).join() === axesOf(other, program).join();
}

interface Links extends LoweringInput {
  /** Results that their makers write into a larger feature map. */
  readonly joins: Map<string, Connection>;
  /** Parts that their readers take from a larger one. */
  readonly cuts: Map<string, Connection>;
  readonly runsHere: (group: FusedGroup) => boolean;
  readonly groupOf: (operation: Operation) => FusedGroup | undefined;
}

const joining: ReadonlySet<string> = new Set(['Concat', 'com.microsoft.QLinearConcat', 'Pad']);
const cutting: ReadonlySet<string> = new Set(['Split', 'Slice']);
const moving: ReadonlySet<string> = new Set([...joining, ...cutting, 'Transpose', 'Tile', 'Expand', 'Gather']);

/** A result that nobody but a Concat (or Pad) reads is written where it belongs in the joined feature map. */
function findJoins(context: Lowering, links: Links): void {
  const { host } = context.group;
  const result = host.node.outputs[0] ?? '';
  if (!joining.has(host.operator) || host.node.outputs.length !== 1) return;
  const parts = host.operator === 'Pad' ? [padPart(context)] : concatParts(context);
  for (const [position, slice] of parts.entries()) {
    const name = host.node.inputs[position] ?? '';
    if (!isOnlyRead(name, links) || !hasScalesOf(name, result, links)) continue;
    const maker = links.groupOf(links.program.producers.get(name)!);
    if (maker === undefined || !links.runsHere(maker) || moving.has(maker.host.operator)) continue;
    if (resultOf(maker) === name) links.joins.set(name, { ...context.connect(result), slice });
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
      const group = links.groupOf(reader);
      return group !== undefined && !reader.free && links.runsHere(group) && !cutting.has(reader.operator);
    });
    if (output === '' || !taken || readers.length === 0 || links.program.outputs.has(output)) continue;
    const slice = { shape: context.connect(output).shape, depthOffset: cutOffset(context, position) };
    links.cuts.set(output, { ...context.connect(name), slice });
  }
}

function hasSteps({ operator, typed }: Operation): boolean {
  const steps = operator === 'Slice' ? typed.values[4]?.elements : undefined;
  return steps?.some((step) => step !== 1) === true;
}

function lowerGroup(context: Lowering, links: Links): readonly NpuOperation[] {
  const { host } = context.group;
  const { operator } = host;
  if (isProduct(host)) return lowerProduct(context);
  if (host.work.operatorClass === 'pooling') return lowerPool(context);
  if (isBinary(operator)) return lowerBinary(context);
  switch (operator) {
    case 'Concat':
    case 'com.microsoft.QLinearConcat':
      return lowerConcat(context, (name) => links.joins.has(name));
    case 'Pad':
      return lowerPad(context, (name) => links.joins.has(name));
    case 'Split':
    case 'Slice':
      return lowerCut(context, (name) => links.cuts.has(name));
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
  const [first, ...others] = [...read].map((name) => context.connect(name));
  return outside.flatMap((name) => {
    const output = context.connect(name);
    const inputs = [first ?? output, ...others] as const;
    return [operation(context, { operator: 'MemoryCopy', inputs: [...inputs], output, onProcessor: true })];
  });
}
