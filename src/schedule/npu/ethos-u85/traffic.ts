/** What an operation of an Ethos-U85 moves to and from each memory, and how many cycles that takes. */
import type { U85Geometry } from '../target.ts';
import type { Block } from './block.ts';
import { largestFilter } from './block-query.ts';
import type { Extent, FeatureMap, Operation } from './operation.ts';
import { brickChannels, clip, elementsOf, roundUp, storedElements } from './operation.ts';
import type { Channel, Port } from './ports.ts';
import { channelBytesPerCycle, transferBytes } from './ports.ts';

/** One transfer of an operation. */
export interface Transfer {
  readonly role: 'input' | 'output' | 'weights';
  readonly memory: string;
  readonly channel: Channel;
  /** Whole bursts. */
  readonly bytes: number;
}

/** Where an operation's data lies. */
export interface Places {
  readonly memoryOf: (buffer: string) => string;
  /** Memory that weights are stored in, and the one that they are copied to before, in whole or in pieces. */
  readonly weights: string;
  readonly weightBuffer: string | null;
  /** Weight bytes that were copied while an earlier operation ran. */
  readonly copiedBefore: number;
  readonly portOf: (memory: string) => Port;
}

/** Of one run. */
export function transfersOf(operation: Operation, block: Block | undefined, places: Places): readonly Transfer[] {
  const { output } = operation;
  const pieces = block ?? { input: onePiece, output: onePiece };
  const read = (map: FeatureMap, index: number, elements: number) => {
    const memory = places.memoryOf(map.buffer);
    const bytes = transferBytes(map, elements, pieces.input, 'read', places.portOf(memory));
    return { role: 'input', memory, channel: inputChannel(operation, index), bytes } as const;
  };
  const inputs = operation.inputs.map((map, index) => read(map, index, inputElements(operation, index, block)));
  const sides = operation.sideInputs
    .filter((map) => elementsOf(map) > 1)
    .map((map) => ({ ...read(map, 0, storedElements(map)), channel: 'stream' as const }));
  const memory = places.memoryOf(output.buffer);
  const bytes = transferBytes(output, storedElements(output), pieces.output, 'write', places.portOf(memory));
  const written = { role: 'output', memory, channel: 'write', bytes } as const;
  return [...inputs, ...sides, written, ...weightTransfers(operation, block, places)];
}

const onePiece: Extent = { height: 1, width: 1, depth: 1 };

function inputChannel({ kind }: Operation, index: number): Channel {
  return (kind === 'matmul' && index === 1) || kind === 'resize' || kind === 'elementwise' ? 'stream' : 'input';
}

/** Elements of an input that are read: of array operations a piece for each block of the output. */
function inputElements(operation: Operation, index: number, block: Block | undefined): number {
  const { kind, inputs, output, filter } = operation;
  const input = inputs[index]!;
  if (kind === 'gather') return storedElements(inputs[1] ?? input);
  if (kind === 'resize') return storedElements(input);
  if (kind === 'elementwise' || block === undefined)
    return elementsOf(input) === 1 && (index === 0 || elementsOf(inputs[0]!) > 1) ? 0 : storedElements(input);
  if (index > 0) return 0;
  const piece = clip(block.input, input);
  const depth = input.bricks ? roundUp(input.depth, brickChannels) : input.depth;
  const filters = Math.ceil(filter.width / largestFilter) * Math.ceil(filter.height / largestFilter);
  return piece.height * piece.width * depth * filters * blocksOf(operation, block, output).total;
}

function blocksOf({ kind }: Operation, block: Block, output: Extent) {
  const piece = clip(block.output, output);
  const area = Math.ceil(output.height / piece.height) * Math.ceil(output.width / piece.width);
  const eachDepth = kind === 'convolution' || kind === 'matmul' || kind === 'reduce-sum';
  return { area, total: eachDepth ? area * Math.ceil(output.depth / piece.depth) : area };
}

/** Weights are read for every block of the output's area; what is copied before moves through the buffer as well. */
function weightTransfers(operation: Operation, block: Block | undefined, places: Places): Transfer[] {
  const { weights } = operation;
  if (weights === null || block === undefined) return [];
  const reads = blocksOf(operation, block, operation.output).area;
  const transfer = (memory: string, channel: Channel, bytes: number): Transfer => ({
    role: 'weights',
    memory,
    channel,
    bytes,
  });
  const scales = transfer(places.weights, 'scales', weights.scaleBytes * reads);
  const read = weights.encodedBytes * reads;
  if (places.weightBuffer === null) return [transfer(places.weights, 'weights', read), scales];
  const copied = Math.max(0, weights.encodedBytes - places.copiedBefore);
  return [
    transfer(places.weights, 'copy', copied),
    transfer(places.weightBuffer, 'write', copied),
    transfer(places.weightBuffer, weights.fast ? 'fastWeights' : 'weights', read),
    scales,
  ];
}

/** Cycles at each memory: all bytes at its bandwidth, no faster than its busiest channel. */
export function accessCycles(
  transfers: readonly Transfer[],
  geometry: U85Geometry,
  portOf: (memory: string) => Port,
): ReadonlyMap<string, number> {
  const memories = [...new Set(transfers.map(({ memory }) => memory))];
  return new Map(
    memories.map((memory) => {
      const port = portOf(memory);
      const own = transfers.filter((transfer) => transfer.memory === memory);
      const sum = own.reduce((total, { bytes }) => total + bytes, 0);
      const channels = [...new Set(own.map(({ channel }) => channel))];
      const cycles = channels.map((channel) => {
        const rate = channelBytesPerCycle(channel, port, geometry);
        const groups = groupsOf(own.filter((transfer) => transfer.channel === channel));
        return groups.reduce((total, bytes) => total + Math.floor(bytes / rate), 0);
      });
      return [memory, Math.max(Math.floor(sum / port.bytesPerCycle), ...cycles)];
    }),
  );
}

/** Bytes of feature maps, and of weights and scales. */
function groupsOf(transfers: readonly Transfer[]): number[] {
  const bytes = (keep: (transfer: Transfer) => boolean) =>
    transfers.filter(keep).reduce((sum, transfer) => sum + transfer.bytes, 0);
  return [bytes(({ role }) => role !== 'weights'), bytes(({ role }) => role === 'weights')];
}
