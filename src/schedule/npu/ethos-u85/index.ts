/** Ethos-U85 as the scheduler asks for it. */
import type { U85Geometry } from '../../target.ts';
import type { Access, Architecture, Block, BlockQuery, Query, WeightTraffic } from '../architecture.ts';
import type { NpuTraffic } from '../npu-traffic.ts';
import type { NpuOperation, NpuUnit } from '../operation.ts';
import { bitsOf, unitsOf } from '../operation.ts';
import type { U85Block } from './block.ts';
import { chooseBlock } from './block.ts';
import { chainOperations } from './chain.ts';
import { arrayCycles, cyclesOf } from './cycles.ts';
import { channelBytesPerCycle, copyCycles, transferBytes } from './ports.ts';
import { markSparse } from './sparse.ts';
import { stepsOf } from './steps.ts';
import { accessCycles, elementsOfWork, transfersOf } from './traffic.ts';
import type { U85WeightOrder } from './weight-walk.ts';
import { u85Encoder } from './weights.ts';
import type { FeatureMap, Work, WorkKind } from './work.ts';

export function ethosU85(geometry: U85Geometry): Architecture {
  return {
    depthGranule: (block) => Math.max(smallestSlice, u85Block(block).microBlock.depth),
    cores: geometry.weightDecoders,
    chooseBlock: (query) => blockFor(query, geometry),
    cycles: (query) =>
      cyclesOf(workOf(query), u85Block(query.block), {
        geometry,
        scaleLatencyCycles: query.weightsPort?.readLatencyCycles ?? 0,
        first: query.first,
        last: query.last,
      }),
    elements: (query) => elementsOfWork(workOf(query), u85Block(query.block)),
    burstBytes(query, operand, elements) {
      const access = operand === 2 ? query.output : (query.inputs[operand] ?? query.inputs[0]);
      const block = operand === 2 ? query.block.output : query.block.input;
      return transferBytes(mapOf(access), elements, block, operand === 2 ? 'write' : 'read');
    },
    weightOrder: (operation, block) => weightOrderOf(operation, u85Block(block), geometry),
    encoder: (options) => u85Encoder({ ...options, geometry }),
    chain: (operations, reader) => chainOperations(operations).map((operation) => markSparse(operation, reader)),
    traffic: (query, weights) => trafficOf(query, weights, geometry),
    readCycles: (port, bytes, reader) =>
      Math.trunc(bytes / channelBytesPerCycle(reader, port, geometry) + port.readLatencyCycles),
    transferCycles: (to, from, bytes) => copyCycles(bytes, from, to, geometry),
  };
}

/** Output channels are cut in multiples of this. */
const smallestSlice = 16;

function weightOrderOf(
  { filter, inputs }: NpuOperation,
  block: U85Block,
  { macs, weightDecoders }: U85Geometry,
): U85WeightOrder {
  const { strideY, strideX, dilationY, dilationX } = filter;
  return {
    ...{ strideY, strideX, dilationY, dilationX, macs },
    sparse: block.sparse,
    traversal: block.traversal,
    activationBits: bitsOf(inputs[0]),
    blockDepth: block.output.depth,
    outputMicroDepth: block.microBlock.depth,
    inputMicroDepth: block.input.depth,
    cores: weightDecoders,
  };
}

const kinds: Readonly<Record<NpuUnit, WorkKind>> = {
  convolution: 'convolution',
  product: 'matmul',
  depthwise: 'depthwise',
  pooling: 'pool',
  // Its output unit changes places of rows, columns and channels while a pool of one element passes them on.
  transpose: 'pool',
  'channel-sum': 'reduce-sum',
  elementwise: 'elementwise',
  resize: 'resize',
  extreme: 'reduce-extreme',
};

function kindOf({ operator }: NpuOperation): WorkKind {
  return kinds[unitsOf[operator]];
}

function blockFor({ operation, inputs, output }: BlockQuery, geometry: U85Geometry): Block | undefined {
  const sized = inputs.map((extent, index) => ({
    ...extent,
    bits: bitsOf(operation.inputs[index] ?? operation.inputs[0]),
  }));
  const asked = {
    kind: kindOf(operation),
    filter: operation.filter,
    inputs: sized,
    output: { ...output, bits: bitsOf(operation.output) },
  };
  const usual = chooseBlock({ ...asked, sparse: false }, geometry);
  if (operation.weights?.sparse !== true || usual === undefined) return usual;
  const sparse = chooseBlock({ ...asked, sparse: true }, geometry);
  if (sparse === undefined) return usual;
  const cycles = (block: U85Block) => arrayCycles(asked, block, geometry);
  return cycles(sparse) <= cycles(usual) ? sparse : usual;
}

/** Blocks that this machine is asked about are those that it gave. */
function u85Block(block: Block): U85Block {
  return block as U85Block;
}

function workOf({ operation, inputs, output, heldPort }: Query): Work {
  const { heldBits = output.bits } = operation;
  // A result that is chained would lie elsewhere, but for the pace of blocks it counts as if it were written.
  const held = heldPort === undefined ? output : { ...output, bits: heldBits, port: heldPort };
  return {
    kind: kindOf(operation),
    filter: operation.filter,
    inputs: inputs.map(mapOf),
    output: mapOf(held),
    steps: stepsOf(operation),
  };
}

/** By memory and role; cycles are those of the memory's channels, shared out by bytes. */
function trafficOf(query: Query, weights: WeightTraffic | null, geometry: U85Geometry): readonly NpuTraffic[] {
  const transfers = transfersOf({
    work: workOf(query),
    block: u85Block(query.block),
    weights,
    sideInputs: (query.sideInputs ?? []).map(mapOf),
    written: mapOf(query.output),
  });
  const cycles = accessCycles(transfers, geometry);
  const bytes = new Map<string, number>();
  for (const { port, bytes: own } of transfers) bytes.set(port.memory, (bytes.get(port.memory) ?? 0) + own);
  return transfers.map(({ role, port, channel, bytes: own }) => ({
    ...{ role, memory: port.memory },
    readBytes: channel === 'write' ? 0 : own,
    writeBytes: channel === 'write' ? own : 0,
    cycles: ((cycles.get(port.memory) ?? 0) * own) / (bytes.get(port.memory) ?? 1),
  }));
}

/** Field by field: a copy of whatever shape comes along would be one of the slowest things that is done per block. */
function mapOf({ shape: { height, width, depth }, bits, bricks, port }: Access): FeatureMap {
  return { height, width, depth, bits, bricks, port };
}
