/** What the scheduler asks of an NPU: blocks, cycles and traffic of one operation. One implementation per family. */
import type { NpuTraffic } from './npu-traffic.ts';
import type { Extent, NpuOperation, NpuOperator, NpuUnit } from './operation.ts';
import type { WeightReader } from './weights/facts.ts';
import type { WeightOrder } from './weights/order.ts';
import type { EncoderOptions, EncodeWeights } from './weights/slices.ts';

/** A memory as the NPU sees it at its port, in its own clock. */
export interface Port {
  readonly memory: string;
  readonly bytesPerCycle: number;
  readonly readLatencyCycles: number;
  readonly writeLatencyCycles: number;
  readonly burstBytes: number;
  /** Bursts that may be under way; absent: no limit. */
  readonly readsUnderWay?: number;
  readonly writesUnderWay?: number;
}

/** Part of a feature map that one run of an operation reads or writes. */
export interface Access {
  readonly shape: Extent;
  readonly bits: number;
  /** Stored in bricks of 16 channels, else channel by channel. */
  readonly bricks: boolean;
  readonly port: Port;
}

export interface BlockQuery {
  readonly operation: NpuOperation;
  readonly inputs: readonly [Extent] | readonly [Extent, Extent];
  readonly output: Extent;
}

/** How an operation is cut into blocks. */
export interface Block {
  readonly output: Extent;
  readonly input: Extent;
  readonly traversal: WeightOrder['traversal'];
  /** Sums of 40 bits. */
  readonly wideSums: boolean;
  /** The first half of an operation that takes two (products of activations). */
  readonly before?: Block;
}

export interface Query {
  readonly operation: NpuOperation;
  readonly unit: NpuUnit;
  readonly operator: NpuOperator;
  readonly block: Block;
  readonly inputs: readonly [Access] | readonly [Access, Access];
  readonly output: Access;
  /** Where weights and scales are read from while it runs; absent without weights. */
  readonly weightsPort?: Port | undefined;
  /** Where a product of activations keeps its partial results. */
  readonly scratchPort?: Port | undefined;
  /** Where its result would lie if it were not chained. */
  readonly heldPort?: Port;
  /** What chained operations read. */
  readonly sideInputs?: readonly Access[];
  /** Nothing runs before (or after) it that its first input (last output) could be moved under. */
  readonly first: boolean;
  readonly last: boolean;
}

export interface Cycles {
  readonly total: number;
  /** As if the output unit and the issuing of blocks took no time. */
  readonly array: number;
  readonly macs: number;
}

/** Elements read and written. */
export interface Elements {
  readonly inputs: readonly [number, number];
  readonly output: number;
  readonly scratch: number;
  /** How often the weights are read. */
  readonly weightReads: number;
}

/** How an operation's weights come in. */
export interface WeightTraffic {
  readonly weightBytes: number;
  readonly scaleBytes: number;
  /** Read by a decoder without entropy coding. */
  readonly fast: boolean;
  /** Memory that they are stored in. */
  readonly port: Port;
  /** Memory that they are copied to, in whole or in pieces; absent: none. */
  readonly bufferPort?: Port;
  /** Bytes that were copied while an earlier operation ran. */
  readonly copiedBefore: number;
}

export interface Architecture {
  chooseBlock(query: BlockQuery): Block | undefined;
  cycles(query: Query): Cycles;
  elements(query: Query): Elements;
  /** Bytes of bursts for elements of an operand of the query; `operand` 2 is the output. */
  burstBytes(query: Query, operand: 0 | 1 | 2, elements: number): number;
  weightOrder(operation: NpuOperation, block: Block): WeightOrder;
  /** Sizes of weights, where they are not those of the common format. */
  /** Operations in their order, those that need not store their results joined with what takes them. */
  chain?(operations: readonly NpuOperation[], reader: WeightReader): readonly NpuOperation[];
  /** What it moves, where that is more than its bursts at the memories' bandwidths. */
  traffic?(query: Query, weights: WeightTraffic | null): readonly NpuTraffic[];
  readCycles(port: Port, bytes: number, reader: 'input' | 'weights' | 'fastWeights'): number;
  transferCycles(to: Port, from: Port, bytes: number): number;
  encoder?(options: EncoderOptions & { readonly constants: Port }): EncodeWeights;
  /** Output channels are cut in multiples of this. */
  depthGranule(block: Block): number;
  readonly cores: number;
}

export function transferCycles(to: Port, from: Port, bytes: number): number {
  const reading = Math.trunc(bytes / from.bytesPerCycle) + from.readLatencyCycles;
  const writing = Math.trunc(bytes / to.bytesPerCycle) + to.writeLatencyCycles;
  return Math.max(reading, writing);
}

export function readCycles({ bytesPerCycle, readLatencyCycles }: Port, bytes: number): number {
  return Math.trunc(bytes / bytesPerCycle + readLatencyCycles);
}
