/** What an operation of an Ethos-U85 moves to and from each memory, and how many cycles that takes. */
import type { U85Geometry } from '../../target.ts';
import type { Elements, Port, WeightTraffic } from '../architecture.ts';
import type { Extent } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';
import type { U85Block } from './block.ts';
import { largestFilter } from './block-query.ts';
import type { Channel } from './ports.ts';
import { channelBytesPerCycle, transferBytes } from './ports.ts';
import type { FeatureMap, Work, WorkKind } from './work.ts';
import { brickChannels, clip, storedElements } from './work.ts';

/** Elements that are read and written, and how often weights are. */
export function elementsOfWork(work: Work, block: U85Block | undefined): Elements {
  const { inputs, output } = work;
  return {
    inputs: [inputElements(work, 0, block), inputs.length < 2 ? 0 : inputElements(work, 1, block)],
    output: storedElements(output),
    scratch: 0,
    weightReads: block === undefined ? 0 : blocksOf(work.kind, block, output).area,
  };
}

/** Of array operations a piece for each block of the output, of others everything but a scalar. */
function inputElements({ kind, inputs, output, filter }: Work, index: number, block: U85Block | undefined): number {
  const input = inputs[index]!;
  if (kind === 'gather') return storedElements(inputs[1] ?? input);
  if (kind === 'resize') return storedElements(input);
  // One scalar goes with the command.
  if (kind === 'elementwise' || block === undefined)
    return elementsOf(input) === 1 && (index === 0 || elementsOf(inputs[0]!) > 1) ? 0 : storedElements(input);
  // Vela does not count the second matrix of a product. It has to be read, once at least.
  if (index > 0) return storedElements(input);
  const piece = clip(block.input, input);
  const depth = input.bricks ? roundUp(input.depth, brickChannels) : input.depth;
  const filters = Math.ceil(filter.width / largestFilter) * Math.ceil(filter.height / largestFilter);
  const pieces = piece.height * piece.width * depth * filters * blocksOf(kind, block, output).total;
  // What steps longer than the filter leave out counts as read, as on every other target.
  return Math.max(pieces, storedElements(input));
}

function blocksOf(kind: WorkKind, block: U85Block, output: Extent) {
  const piece = clip(block.output, output);
  const area = Math.ceil(output.height / piece.height) * Math.ceil(output.width / piece.width);
  const eachDepth = kind === 'convolution' || kind === 'matmul' || kind === 'reduce-sum';
  return { area, total: eachDepth ? area * Math.ceil(output.depth / piece.depth) : area };
}

/** One transfer of an operation. */
export interface Transfer {
  readonly role: 'input' | 'output' | 'weights';
  readonly port: Port;
  readonly channel: Channel;
  /** Whole bursts. */
  readonly bytes: number;
}

export interface Moved {
  readonly work: Work;
  readonly block: U85Block | undefined;
  readonly weights: WeightTraffic | null;
  /** What chained operations read beside the chained one. */
  readonly sideInputs: readonly FeatureMap[];
  /** What is written in the end: the output, or that of the last chained operation. */
  readonly written: FeatureMap;
}

export function transfersOf({ work, block, sideInputs, written, weights }: Moved): readonly Transfer[] {
  const pieces = block ?? { input: onePiece, output: onePiece };
  const elements = elementsOfWork(work, block);
  const reading = (map: FeatureMap, channel: Channel, count: number): Transfer => {
    const bytes = transferBytes(map, count, pieces.input, 'read');
    return { role: 'input', port: map.port, channel, bytes };
  };
  const bytes = transferBytes(written, storedElements(written), pieces.output, 'write');
  return [
    ...work.inputs.map((map, index) => reading(map, inputChannel(work.kind, index), elements.inputs[index] ?? 0)),
    ...sideInputs.filter((map) => elementsOf(map) > 1).map((map) => reading(map, 'stream', storedElements(map))),
    { role: 'output' as const, port: written.port, channel: 'write' as const, bytes },
    ...weightTransfers(weights, elements.weightReads),
  ].filter((transfer) => transfer.bytes > 0);
}

const onePiece: Extent = { height: 1, width: 1, depth: 1 };

function inputChannel(kind: WorkKind, index: number): Channel {
  return (kind === 'matmul' && index === 1) || kind === 'resize' || kind === 'elementwise' ? 'stream' : 'input';
}

/** Weights are read for every block of the output's area; what is copied before moves through the buffer as well. */
function weightTransfers(weights: WeightTraffic | null, reads: number): Transfer[] {
  if (weights === null) return [];
  const { port, bufferPort } = weights;
  const transfer = (to: Port, channel: Channel, bytes: number): Transfer => ({
    ...{ role: 'weights', channel, bytes },
    port: to,
  });
  const scales = transfer(port, 'scales', weights.scaleBytes * reads);
  const read = weights.weightBytes * reads;
  if (bufferPort === undefined) return [transfer(port, 'weights', read), scales];
  const copied = Math.max(0, weights.weightBytes - weights.copiedBefore);
  return [
    transfer(port, 'copy', copied),
    transfer(bufferPort, 'write', copied),
    transfer(bufferPort, weights.fast ? 'fastWeights' : 'weights', read),
    scales,
  ];
}

/** Cycles at each memory: all bytes at its bandwidth, no faster than its busiest channel. */
export function accessCycles(transfers: readonly Transfer[], geometry: U85Geometry): ReadonlyMap<string, number> {
  const cycles = new Map<string, number>();
  for (const { port } of transfers) {
    if (cycles.has(port.memory)) continue;
    const own = transfers.filter((transfer) => transfer.port.memory === port.memory);
    const bytes = own.reduce((sum, transfer) => sum + transfer.bytes, 0);
    const channels = [...new Set(own.map(({ channel }) => channel))].map((channel) => {
      const rate = channelBytesPerCycle(channel, port, geometry);
      const groups = groupsOf(own.filter((transfer) => transfer.channel === channel));
      return groups.reduce((total, group) => total + Math.floor(group / rate), 0);
    });
    cycles.set(port.memory, Math.max(Math.floor(bytes / port.bytesPerCycle), ...channels));
  }
  return cycles;
}

/** Bytes of feature maps, and of weights and scales. */
function groupsOf(transfers: readonly Transfer[]): number[] {
  const bytes = (keep: (transfer: Transfer) => boolean) =>
    transfers.filter(keep).reduce((sum, transfer) => sum + transfer.bytes, 0);
  return [bytes(({ role }) => role !== 'weights'), bytes(({ role }) => role === 'weights')];
}
